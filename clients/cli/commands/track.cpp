// `vigie track`: positions of a receiver or a recording, through a tracker, to the hub.

#include <fmt/format.h>

#include <filesystem>

#include "clients/cli/commands/options.h"
#include "clients/cli/commands/pacing.h"
#include "clients/cli/commands/publisher.h"
#include "clients/cli/commands/track_plan.h"
#include "clients/cli/commands/track_summary.h"
#include "clients/cli/outputs/text.h"
#include "clients/cli/sources/source.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kTurn{200};
constexpr std::size_t kPublishTogether = 512;

/// One run of the command.
class Track {
 public:
  Track(TrackPlan plan, Source& source, Publisher& publisher, StopSignals& stop)
      : plan_(std::move(plan)), source_(source), publisher_(publisher), stop_(stop) {}

  /// Publishes until the source ends or a signal comes. Fails when it cannot go on.
  Result<void> run() {
    if (plan_.card) {
      plan_.card->true_time_us = clock_.utc_us();
      if (auto done = publisher_.publish(*plan_.card); !done) return done;
    }
    return plan_.all_first ? run_recording() : run_stream();
  }

 private:
  void name(Reading& reading) const {
    reading.fix.unit = reading.name.empty() ? plan_.unit : plan_.owner + "/" + reading.name;
    reading.fix.group = plan_.group;
  }

  void tell() {
    const std::string notice = source_.take_notice();
    if (notice.empty()) return;
    progress_.clear();
    say(notice);
  }

  Result<void> publish(std::span<const client::Fix> fixes) {
    while (!fixes.empty()) {
      const auto together = fixes.first(std::min(fixes.size(), kPublishTogether));
      if (auto done = publisher_.publish(together, stop_, progress_); !done) return done;
      fixes = fixes.subspan(together.size());
    }
    return {};
  }

  void show() {
    const double part = source_.progress();
    const std::string read = part < 0 ? "" : fmt::format("{:.0f} % read, ", part * 100);
    progress_.show(fmt::format("{}published {}, waiting {}", read,
                               count_text(publisher_.published()),
                               count_text(publisher_.tracker().stats().waiting)));
  }

  /// As they come: a receiver, or a recording as fast as it goes.
  Result<void> run_stream() {
    std::vector<Reading> readings;
    std::vector<client::Fix> fixes;
    bool more = true;
    while (more && !stop_.requested()) {
      readings.clear();
      fixes.clear();
      const auto read = source_.read(readings, kTurn);
      tell();
      if (!read) return read.fault();
      more = *read;
      for (Reading& reading : readings) {
        name(reading);
        fixes.push_back(std::move(reading.fix));
      }
      if (auto done = publish(fixes); !done) return done;
      if (publisher_.hub_is_lost()) return Fault{FaultCode::Unavailable, "the hub is unreachable"};
      show();
    }
    return {};
  }

  Result<std::vector<Reading>> read_all() {
    std::vector<Reading> readings;
    bool more = true;
    while (more && !stop_.requested()) {
      const auto read = source_.read(readings, kTurn);
      if (!read) return read.fault();
      more = *read;
      show();
    }
    for (Reading& reading : readings) name(reading);
    if (plan_.by_time) {
      std::stable_sort(readings.begin(), readings.end(), [](const Reading& a, const Reading& b) {
        return a.fix.true_time_us < b.fix.true_time_us;
      });
    }
    return readings;
  }

  /// At a pace, or with new times: the whole recording is read first.
  Result<void> run_recording() {
    const auto readings = read_all();
    if (!readings) return readings.fault();
    if (readings->empty()) return {};
    const Pacing pacing(*readings, plan_.pace, clock_.utc_us());
    const std::int64_t begin_us = clock_.monotonic_us();
    std::vector<client::Fix> fixes;
    for (std::uint64_t lap = 0; lap == 0 || plan_.pace.loop; ++lap) {
      for (std::size_t i = 0; i < readings->size();) {
        if (auto done = wait_until(begin_us + pacing.due_us(i, lap)); !done) return done;
        if (stop_.requested()) return {};
        fixes.clear();
        const std::int64_t now_us = clock_.monotonic_us() - begin_us;
        for (; i < readings->size() && fixes.size() < kPublishTogether; ++i) {
          if (!fixes.empty() && pacing.due_us(i, lap) > now_us) break;
          fixes.push_back((*readings)[i].fix);
          fixes.back().true_time_us = pacing.true_time_us(i, lap);
          if (plan_.pace.retime) fixes.back().source = client::FixSource::Replayed;
        }
        if (auto done = publish(fixes); !done) return done;
        if (stop_.requested()) return {};
        show();
      }
    }
    return {};
  }

  Result<void> wait_until(std::int64_t due_us) {
    while (!stop_.requested()) {
      const std::int64_t left_ms = (due_us - clock_.monotonic_us() + 999) / 1000;
      if (left_ms <= 0) return {};
      if (publisher_.hub_is_lost()) return Fault{FaultCode::Unavailable, "the hub is unreachable"};
      stop_.wait(std::min(kTurn, milliseconds(left_ms)));
    }
    return {};
  }

  TrackPlan plan_;
  Source& source_;
  Publisher& publisher_;
  StopSignals& stop_;
  SystemClock clock_;
  Progress progress_;
};

ExitCode end_of(Publisher& publisher, StopSignals& stop, const Result<void>& ran,
                TrackSummary& summary) {
  Progress progress;
  Publisher::End end = Publisher::End::Failed;
  if (!ran && ran.fault().code == FaultCode::Unavailable) {
    end = stop.requested() ? Publisher::End::Stopped : Publisher::End::Unreachable;
  } else if (!ran) {
    say(ran.fault().sentence);
  }
  // What is already published is brought home even when the source failed.
  if (end == Publisher::End::Failed) {
    const Publisher::End settled = publisher.wait_settled(stop, progress);
    if (ran) end = settled;
  }
  progress.clear();
  summary.waiting = publisher.tracker().stats().waiting;
  if (end == Publisher::End::Unreachable) say("the hub did not answer in time");
  if (summary.waiting > 0 && summary.spool.empty()) {
    say(fmt::format("{} messages were not settled, and are lost with this process",
                    count_text(summary.waiting)));
  } else if (summary.waiting > 0) {
    say(fmt::format("{} messages lie in {} and are sent first next time",
                    count_text(summary.waiting), summary.spool));
  }
  const DeliveryAccount::Sum sum = publisher.sum();
  switch (end) {
    case Publisher::End::Unreachable:
      return ExitCode::Unreachable;
    case Publisher::End::TurnedAway:
      say(publisher.tracker().stats().last_rejection_reason);
      return ExitCode::Refused;
    case Publisher::End::Failed:
      return ExitCode::Failure;
    case Publisher::End::Stopped:
      return summary.waiting == 0 ? ExitCode::Ok : ExitCode::Unfinished;
    case Publisher::End::Settled:
      break;
  }
  return sum.refused + sum.given_up > 0 ? ExitCode::Refused : ExitCode::Ok;
}

/// A recording without a single position is a mistake, not a success.
bool is_useless(const TrackSummary& summary, bool is_live) {
  if (is_live || summary.published > 0) return false;
  say("there is no position with a time in it");
  return true;
}

}  // namespace

ExitCode run_track(const TrackOptions& options, StopSignals& stop) {
  auto plan = plan_track(options);
  if (!plan) {
    say(plan.fault().sentence);
    // Where the spool was to lie: no word of the command line is wrong.
    return plan.fault().code == FaultCode::Io ? ExitCode::Failure : ExitCode::Usage;
  }
  auto source = open_track_source(options, *plan);
  if (!source) {
    say(source.fault().sentence);
    return source.fault().code == FaultCode::Invalid && options.gpx.empty() ? ExitCode::Usage
                                                                            : ExitCode::Failure;
  }
  auto publisher = Publisher::open(plan->tracker, plan->hub_timeout);
  if (!publisher) return failed(publisher.fault());
  if ((*publisher)->left_over() > 0) {
    say(fmt::format("{} messages of an earlier run lie in the spool and are sent first",
                    count_text((*publisher)->left_over())));
  }
  TrackSummary summary;
  summary.spool = plan->tracker.spool_path;
  const Result<void> ran = Track(*plan, **source, **publisher, stop).run();
  const ExitCode code = end_of(**publisher, stop, ran, summary);
  summary.published = (*publisher)->published();
  summary.sum = (*publisher)->sum();
  summary.skips = (*source)->skips();
  const auto printed = print_summary(summary, options.format == "json");
  if (!printed) return failed(printed.fault());
  return code == ExitCode::Ok && is_useless(summary, plan->is_live) ? ExitCode::Failure : code;
}

}  // namespace vigie::cli
