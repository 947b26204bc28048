// GET /api/v1/density: how many fixes fall into each bucket of a range, for a time bar.

#include "clients/web/server/api/density.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "clients/web/server/api/endpoints.h"
#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/parameters.h"

namespace vigie::web::api {
namespace {

/// Readings of one turn: hours that touch are one, samples are one each.
constexpr std::size_t kHoursOfRun = 6;
constexpr std::size_t kRunsOfTurn = 60;

struct Reading {
  PastQuery query = {};
  std::vector<std::vector<DensityPart>> runs = {};
  std::int64_t at_us = 0;  // the hub's clock
  std::int64_t turn_us = 0;
  std::int64_t hub_us = 0;
};

/// What could be counted in a turn. The worker's thread.
std::pair<std::vector<DensityCount>, std::string> read_turn(const Reading& reading,
                                                            const Clock& clock,
                                                            const DeskJob& job) {
  std::vector<DensityCount> counts;
  const std::int64_t end_us = clock.monotonic_us() + reading.turn_us;
  PastQuery query = reading.query;
  for (const std::vector<DensityPart>& run : reading.runs) {
    const std::int64_t left_us = end_us - clock.monotonic_us();
    if (left_us <= 0 || job.stopped()) break;
    DensityCounter counter(run);
    query.from_us = counter.from_us();
    query.until_us = counter.until_us();
    const Patience patience{.clock = clock,
                            .hub_us = reading.hub_us,
                            .all_us = left_us,
                            .stopped = [&job] { return job.stopped(); },
                            .tell_reached = true};
    const auto end = read_past(query, patience, [&](const client::Item& item) {
      if (const auto* fix = std::get_if<client::FixItem>(&item)) {
        counter.add(query.clock == client::ReplayClock::Known ? fix->stamp.known_time_us
                                                              : fix->corrected_true_time_us());
      }
      return true;
    });
    if (job.stopped()) break;
    // What came before the end of the turn, or before the hub left, is kept: the next goes on
    // there. A log of which this viewer sees nothing is passed in turns as well.
    // A slice that was looked through may end after now, where more is to come.
    if (end) counter.reach(std::min(end->reached_us, reading.at_us));
    std::vector<DensityCount> more = counter.take(end && end->complete, reading.at_us);
    std::move(more.begin(), more.end(), std::back_inserter(counts));
    if (!end) return {std::move(counts), end.error().detail};
    if (!end->complete) break;
  }
  return {std::move(counts), {}};
}

}  // namespace

struct Density::Page {
  std::uint64_t number = 0;
  std::string who = {};
  std::int64_t seen_since_us = 0;  // what may be seen has been the same since
  DensityBook by_true{false};
  DensityBook by_known{true};
  std::uint64_t job = 0;  // 0: none
  std::string problem = {};
  std::int64_t again_us = 0;

  DensityBook& book(bool known_clock) { return known_clock ? by_known : by_true; }
  std::size_t bytes() const { return by_true.bytes() + by_known.bytes(); }
};

Density::Density(Net& net, Gate& gate, const Clock& clock, DensityOptions options,
                 std::function<void(const std::string&)> warn)
    : net_(net),
      clock_(clock),
      options_(options),
      alive_(std::make_shared<int>(0)),
      desk_(net, gate,
            {.what = "counts of fixes",
             .threads = 1,
             .waiting_max = options.viewers_max,
             .per_viewer = 2,
             .warn = std::move(warn)}) {}

Density::~Density() = default;

Density::Page& Density::page_of(const Viewer& viewer, const Watch& watch) {
  const std::string who = viewer.name + '\n' + viewer.identity_path;
  auto found = std::find_if(pages_.begin(), pages_.end(),
                            [&](const auto& page) { return page->who == who; });
  if (found != pages_.end() && (*found)->seen_since_us != watch.seen_since_us()) {
    pages_.erase(found);
    found = pages_.end();
  }
  if (found == pages_.end()) {
    auto page = std::make_unique<Page>();
    page->number = ++numbers_;
    page->who = who;
    page->seen_since_us = watch.seen_since_us();
    pages_.push_front(std::move(page));
  } else {
    pages_.splice(pages_.begin(), pages_, found);
  }
  bound(*pages_.front());
  return *pages_.front();
}

void Density::bound(const Page& newest) {
  std::size_t bytes = 0;
  for (const auto& page : pages_) bytes += page->bytes();
  while (pages_.size() > options_.viewers_max ||
         (bytes > options_.bytes_max && pages_.back().get() != &newest)) {
    bytes -= pages_.back()->bytes();
    pages_.pop_back();
  }
  if (bytes <= options_.bytes_max) return;
  pages_.front()->by_true.clear();
  pages_.front()->by_known.clear();
}

Density::Told Density::ask(const Viewer& viewer, const Watch& watch, bool known_clock,
                           const DensityPlan& plan) {
  Page& page = page_of(viewer, watch);
  if (page.job == 0 && clock_.monotonic_us() >= page.again_us) {
    count(page, viewer, watch, known_clock, plan);
  }
  return {page.book(known_clock).answer(plan), page.problem};
}

void Density::count(Page& page, const Viewer& viewer, const Watch& watch, bool known_clock,
                    const DensityPlan& plan) {
  Reading reading;
  reading.runs = density_runs(page.book(known_clock).wanted(plan), kHoursOfRun, kRunsOfTurn);
  if (reading.runs.empty()) return;
  reading.query.link = watch.link_options();
  reading.query.view.events = reading.query.view.states = false;
  reading.query.clock = known_clock ? client::ReplayClock::Known : client::ReplayClock::True;
  reading.at_us = plan.now_us();
  reading.turn_us = std::chrono::microseconds(options_.turn).count();
  reading.hub_us = std::chrono::microseconds(options_.hub_patience).count();
  page.job = ++numbers_;
  const auto over = [this, alive = std::weak_ptr<int>(alive_), page = page.number, job = page.job,
                     known_clock](const std::vector<DensityCount>& counts, std::string problem) {
    if (alive.expired()) return;
    finish(page, job, known_clock, counts, std::move(problem));
  };
  // Answered only where the desk has no place, or the viewer's session ended.
  Respond refused = [&net = net_, over](const Response&) {
    net.post([over] { over({}, "the count was not begun"); });
  };
  desk_.take(
      viewer, std::move(refused),
      [&net = net_, &clock = clock_, reading = std::move(reading), over](const DeskJob& job) {
        auto [counts, problem] = read_turn(reading, clock, job);
        net.post([over, counts = std::move(counts), problem = std::move(problem)]() mutable {
          over(counts, std::move(problem));
        });
      });
}

void Density::finish(std::uint64_t page, std::uint64_t job, bool known_clock,
                     const std::vector<DensityCount>& counts, std::string problem) {
  for (const auto& one : pages_) {
    // A page that was thrown away, for what may be seen has changed, takes no count from before.
    if (one->number != page || one->job != job) continue;
    one->job = 0;
    one->problem = std::move(problem);
    if (!one->problem.empty()) {
      one->again_us = clock_.monotonic_us() + std::chrono::microseconds(options_.again).count();
    }
    for (const DensityCount& count : counts) one->book(known_clock).add(count);
  }
}

namespace {

std::string density_text(const DensityPlan& plan, const Density::Told& told, bool known_clock) {
  std::string body;
  JsonText json(body);
  json.begin_object();
  json.text("clock", known_clock ? "known" : "true");
  json.time("from", plan.first_us());
  json.time("to", plan.first_us() + static_cast<std::int64_t>(plan.buckets()) * plan.bucket_us());
  json.scaled("bucket_s", plan.bucket_us(), 6);
  json.flag("complete", told.answer.complete);
  json.flag("sampled", told.answer.sampled);
  if (told.answer.as_of_us != 0) json.time("as_of", told.answer.as_of_us);
  if (!told.problem.empty()) json.text("problem", told.problem);
  json.begin_array("fixes");
  for (const std::optional<std::uint64_t>& fixes : told.answer.fixes) {
    if (fixes) {
      json.number({}, *fixes);
    } else {
      json.null({});
    }
  }
  json.end_array();
  json.end_object();
  return body + "\n";
}

}  // namespace

void get_density(Api& api, const Call& call) {
  constexpr std::int64_t kDefaultUs = 86'400 * kMicrosecondsPerSecond;
  constexpr std::int64_t kRangeUsMax = 400 * kDefaultUs;
  constexpr std::uint64_t kBucketsDefault = 240;
  Parameters parameters(*call.request, {"from", "to", "buckets", "clock"});
  const auto from = parameters.moment("from");
  const std::int64_t hub_now_us = now_us(api, call.viewer);
  const std::int64_t until_us = parameters.moment("to").value_or(hub_now_us);
  const std::int64_t from_us = from.value_or(until_us - kDefaultUs);
  if (from_us >= until_us) {
    parameters.refuse(fmt::format("'from' {} is not before 'to' {}", format_time(from_us),
                                  format_time(until_us)));
  } else if (until_us - from_us > kRangeUsMax) {
    parameters.refuse(fmt::format("'from' {} to 'to' {} is more than 400 days",
                                  format_time(from_us), format_time(until_us)));
  }
  const std::uint64_t buckets =
      parameters.whole("buckets", 2, DensityPlan::kBucketsMax, kBucketsDefault);
  const bool known_clock = parameters.one_of("clock", {"true", "known"}, 0) == 1;
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  with_picture(api, call, [&api, call, from_us, until_us, buckets, known_clock](Watch& watch) {
    const DensityPlan plan(from_us, until_us, buckets, now_us(api, call.viewer));
    const Density::Told told = api.density.ask(call.viewer, watch, known_clock, plan);
    call.respond(answer("application/json", density_text(plan, told, known_clock)));
  });
}

}  // namespace vigie::web::api
