// `vigie simulate`: a scenario's units, each with a real tracker, against the hub.

#include <fmt/format.h>

#include <stdlib.h>
#include <map>

#include <algorithm>
#include <filesystem>

#include "clients/cli/commands/hub_link.h"
#include "clients/cli/commands/options.h"
#include "clients/cli/commands/pacing.h"
#include "clients/cli/commands/station.h"
#include "clients/cli/commands/track_plan.h"
#include "clients/cli/commands/track_summary.h"
#include "clients/cli/outputs/ndjson.h"
#include "clients/cli/outputs/terminal.h"
#include "clients/cli/outputs/text.h"
#include "clients/cli/scenario/reports.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kTurn{200};
constexpr std::int64_t kAwayUs = 3'000'000;  // unheard for so long: people are told

/// A folder for spools that goes with the simulation, unless the user named one to keep.
class SpoolFolder {
 public:
  static Result<std::unique_ptr<SpoolFolder>> make(const std::string& wanted) {
    auto folder = std::unique_ptr<SpoolFolder>(new SpoolFolder());
    std::error_code error;
    if (!wanted.empty()) {
      std::filesystem::create_directories(wanted, error);
      if (error) return Fault{FaultCode::Io, fmt::format("{}: {}", wanted, error.message())};
      folder->path_ = wanted;
      return folder;
    }
    std::string pattern =
        (std::filesystem::temp_directory_path(error) / "vigie-simulate-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      return Fault{FaultCode::Io, fmt::format("no folder for spools can be made at {}", pattern)};
    }
    folder->path_ = pattern;
    folder->temporary_ = true;
    return folder;
  }
  ~SpoolFolder() {
    std::error_code error;
    if (temporary_) std::filesystem::remove_all(path_, error);
  }
  SpoolFolder(const SpoolFolder&) = delete;
  SpoolFolder& operator=(const SpoolFolder&) = delete;
  const std::string& path() const { return path_; }
  bool is_temporary() const { return temporary_; }

 private:
  SpoolFolder() = default;
  std::string path_;
  bool temporary_ = false;
};

/// How scenario time becomes true time.
struct Timing {
  double factor = 1;  // 0: as fast as it goes
  bool as_live = false;
  std::int64_t start_us = 0;

  std::int64_t due_us(std::int64_t at_us) const {
    return factor == 0 ? 0 : static_cast<std::int64_t>(static_cast<double>(at_us) / factor);
  }
  /// Played as if live, time runs as fast as the play does: ages on the screen stay right. With a
  /// start that was given, moments keep their true distance.
  std::int64_t right_time_us(std::int64_t at_us) const {
    return start_us + (as_live ? due_us(at_us) : at_us);
  }
};

Result<Timing> plan_timing(const SimulateOptions& options, const Scenario& scenario) {
  Timing timing;
  const auto factor = parse_pace_factor(options.speed);
  if (!factor) return factor.fault();
  timing.factor = options.dry_run ? 0 : *factor;
  const std::int64_t now_us = SystemClock().utc_us();
  const std::string start = !options.start.empty() ? options.start
                            : timing.factor == 0   ? "scenario"
                                                   : "now";
  if (start == "now" && timing.factor == 0) {
    return Fault{FaultCode::Invalid, "--start now needs a pace: not --speed max or --dry-run"};
  }
  timing.as_live = start == "now";
  const auto start_us =
      start == "scenario" ? Result<std::int64_t>(scenario.start_us) : parse_moment(start, now_us);
  if (!start_us) return start_us.fault();
  timing.start_us = *start_us;
  return timing;
}

struct LinkChange {
  std::int64_t at_us;
  std::size_t unit;
  bool is_cut;
};

std::vector<LinkChange> link_changes(const Scenario& scenario) {
  std::vector<LinkChange> changes;
  for (const ScenarioOutage& outage : scenario.outages) {
    for (std::size_t unit = 0; unit < scenario.units.size(); ++unit) {
      if (scenario.units[unit].name != outage.unit) continue;
      changes.push_back({outage.from_us, unit, true});
      changes.push_back({outage.from_us + outage.for_us, unit, false});
    }
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const LinkChange& a, const LinkChange& b) { return a.at_us < b.at_us; });
  return changes;
}

/// One run of the command against a hub.
class Play {
 public:
  Play(const Scenario& scenario, Timing timing, StopSignals& stop, milliseconds hub_timeout)
      : scenario_(scenario),
        timing_(timing),
        stop_(stop),
        hub_timeout_(hub_timeout),
        changes_(link_changes(scenario)) {}

  /// `links`: by owner; that of "" for all others.
  Result<void> open(const std::map<std::string, client::LinkOptions>& links,
                    const std::string& folder) {
    for (const ScenarioUnit& unit : scenario_.units) {
      const auto own = links.find(unit.name.substr(0, unit.name.find('/')));
      const client::LinkOptions& link = own == links.end() ? links.at("") : own->second;
      auto station = Station::open(unit.name, unit.clock_error_us, link, folder);
      if (!station) return station.fault();
      stations_.push_back(std::move(*station));
    }
    return {};
  }

  Result<void> run(std::vector<Report>& reports) {
    const std::int64_t begin_us = clock_.monotonic_us();
    for (Report& report : reports) {
      if (auto changed = change_links(report.at_us); !changed) return changed;
      if (auto waited = wait_until(begin_us + timing_.due_us(report.at_us)); !waited) return waited;
      if (stop_.requested()) return {};
      stamp_report(scenario_, timing_.right_time_us(report.at_us), report);
      Station& station = *stations_[report.unit];
      const auto done =
          std::visit([&](const auto& message) { return station.publish(message); }, report.message);
      if (!done) return done;
      show(report.at_us);
    }
    return {};
  }

  /// Every link stands again, and all is waited for.
  Result<void> settle() {
    if (auto changed = change_links(INT64_MAX); !changed) return changed;
    for (const auto& station : stations_) {
      while (!station->wait_settled(kTurn)) {
        if (stop_.requested()) return {};
        const client::TrackerStats stats = station->stats();
        if (!stats.fault.empty()) return Fault{FaultCode::Closed, stats.fault};
        if (hub_is_lost()) return Fault{FaultCode::Unavailable, "the hub did not answer in time"};
        show(-1);
      }
    }
    return {};
  }

  TrackSummary summary() const {
    TrackSummary summary;
    for (const auto& station : stations_) {
      const DeliveryAccount::Sum sum = station->sum();
      summary.published += station->published();
      summary.sum.acknowledged += sum.acknowledged;
      summary.sum.refused += sum.refused;
      summary.sum.given_up += sum.given_up;
      for (const auto& [name, reason] : sum.by_reason) {
        DeliveryAccount::Reason& all = summary.sum.by_reason[name];
        all.count += reason.count;
        if (all.example.empty()) all.example = reason.example;
      }
      summary.waiting += station->waiting();
    }
    return summary;
  }

 private:
  Result<void> change_links(std::int64_t until_us) {
    for (; next_change_ < changes_.size() && changes_[next_change_].at_us <= until_us;
         ++next_change_) {
      const LinkChange& change = changes_[next_change_];
      Station& station = *stations_[change.unit];
      if (!change.is_cut)
        station.mend_link();
      else if (auto cut = station.cut_link(); !cut)
        return cut;
    }
    return {};
  }

  Result<void> wait_until(std::int64_t due_us) {
    while (!stop_.requested()) {
      const std::int64_t left_ms = (due_us - clock_.monotonic_us() + 999) / 1000;
      if (left_ms <= 0) return {};
      if (hub_is_lost()) return Fault{FaultCode::Unavailable, "the hub did not answer in time"};
      stop_.wait(std::min(kTurn, milliseconds(left_ms)));
    }
    return {};
  }

  /// True when no station has heard the hub for longer than it may.
  bool hub_is_lost() {
    std::int64_t least_us = clock_.monotonic_us() - began_us_;
    for (const auto& station : stations_) {
      const client::TrackerStats stats = station->stats();
      if (stats.link == client::LinkState::Live)
        least_us = 0;
      else if (stats.link_age_us >= 0)
        least_us = std::min(least_us, stats.link_age_us);
    }
    if (least_us > kAwayUs && !told_away_)
      say("the hub does not answer; trackers go on by themselves");
    told_away_ = least_us > kAwayUs;
    return hub_timeout_.count() > 0 && least_us / 1000 > hub_timeout_.count();
  }

  void show(std::int64_t at_us) {
    const auto now = clock_.monotonic_us();
    if (now < show_again_us_) return;
    show_again_us_ = now + 200'000;
    const TrackSummary all = summary();
    const std::string when =
        at_us < 0 ? "" : format_time(scenario_.start_us + at_us).substr(0, 16) + "  ";
    progress_.show(fmt::format("{}published {}, acknowledged {}, waiting {}", when,
                               count_text(all.published), count_text(all.sum.acknowledged),
                               count_text(all.waiting)));
  }

  const Scenario& scenario_;
  Timing timing_;
  StopSignals& stop_;
  milliseconds hub_timeout_;
  std::vector<LinkChange> changes_;
  std::size_t next_change_ = 0;
  SystemClock clock_;
  std::int64_t began_us_ = clock_.monotonic_us();
  std::int64_t show_again_us_ = 0;
  bool told_away_ = false;
  Progress progress_;
  std::vector<std::unique_ptr<Station>> stations_;  // by place in Scenario::units
};

ExitCode print_reports(const Scenario& scenario, const Timing& timing,
                       std::vector<Report>& reports) {
  std::string lines;
  for (Report& report : reports) {
    stamp_report(scenario, timing.right_time_us(report.at_us), report);
    lines += std::visit([](const auto& message) { return ndjson_line(message); }, report.message);
    if (lines.size() < 64 * 1024) continue;
    if (const auto wrote = write_out(lines); !wrote) return failed(wrote.fault());
    lines.clear();
  }
  const auto wrote = write_out(lines);
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

/// By owner, of the identities that are named; that of "" is the one every command takes.
Result<std::map<std::string, client::LinkOptions>> links_of(const SimulateOptions& options) {
  std::map<std::string, client::LinkOptions> links;
  HubOptions hub = options.hub;
  for (const std::string& path : options.identities) {
    hub.identity = path;
    const auto file = own_key_file(hub);
    if (!file) return file.fault();
    const auto link = link_of(hub, "simulate");
    if (!link) return link.fault();
    links[file->name.substr(0, file->name.find('/'))] = *link;
  }
  const auto link = link_of(hub, "simulate");
  if (!link) return link.fault();
  links[""] = *link;
  return links;
}

ExitCode play(const SimulateOptions& options, const Scenario& scenario, const Timing& timing,
              std::vector<Report>& reports, milliseconds timeout, StopSignals& stop) {
  auto folder = SpoolFolder::make(options.spool_folder);
  if (!folder) return failed(folder.fault());
  Play play(scenario, timing, stop, timeout);
  const auto links = links_of(options);
  const auto opened = links ? play.open(*links, (*folder)->path()) : Result<void>(links.fault());
  if (!opened) return failed(opened.fault());
  Result<void> done = play.run(reports);
  if (done) done = play.settle();
  const TrackSummary summary = play.summary();
  if (const auto printed = print_summary(summary, false); !printed) return failed(printed.fault());
  if (summary.waiting > 0) {
    say((*folder)->is_temporary()
            ? fmt::format("{} messages were not settled, and are lost", count_text(summary.waiting))
            : fmt::format("{} messages lie in {}", count_text(summary.waiting), (*folder)->path()));
  }
  if (!done) {
    say(done.fault().sentence);
    return done.fault().code == FaultCode::Unavailable ? ExitCode::Unreachable : ExitCode::Failure;
  }
  if (summary.waiting > 0) return ExitCode::Unfinished;
  return summary.sum.refused + summary.sum.given_up > 0 ? ExitCode::Refused : ExitCode::Ok;
}

}  // namespace

ExitCode run_simulate(const SimulateOptions& options, StopSignals& stop) {
  auto scenario = load_scenario(options.scenario);
  if (!scenario) return failed(scenario.fault());
  if (options.has_seed) scenario->seed = options.seed;
  const auto timing = plan_timing(options, *scenario);
  const auto timeout = parse_timeout(options.hub.timeout, milliseconds(0));
  const auto until =
      options.until.empty() ? Result<std::int64_t>(0) : parse_duration(options.until);
  if (!timing || !timeout || !until) {
    say(!timing    ? timing.fault().sentence
        : !timeout ? timeout.fault().sentence
                   : until.fault().sentence);
    return ExitCode::Usage;
  }
  const auto world = World::make(*scenario);
  if (!world)
    return failed(
        {world.fault().code, fmt::format("{}: {}", options.scenario, world.fault().sentence)});
  auto reports = make_reports(*scenario, *world, *until);
  if (options.dry_run) return print_reports(*scenario, *timing, reports);
  return play(options, *scenario, *timing, reports, *timeout, stop);
}

}  // namespace vigie::cli
