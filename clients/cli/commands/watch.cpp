// `vigie watch`: a console's items as they come, or the picture of one moment.

#include <fmt/format.h>

#include "clients/cli/commands/filter.h"
#include "clients/cli/commands/follow.h"
#include "clients/cli/commands/hub_link.h"
#include "clients/cli/commands/options.h"
#include "clients/cli/commands/track_plan.h"
#include "schemas/words/times.h"
#include "vigie/console.h"

namespace vigie::cli {
namespace {

using client::ConsoleOptions;
using client::StartKind;

/// A room that opens its table must not miss what was said a minute ago.
constexpr const char* kTableSince = "-1h";

/// The live picture, and the events since a moment.
Result<void> set_since(const std::string& since, ConsoleOptions& console) {
  if (since == "now") return {};
  const auto moment = parse_moment(since, SystemClock().utc_us());
  if (!moment) return moment.fault();
  console.start = StartKind::KnownTime;
  console.time_us = *moment;
  return {};
}

Result<void> set_start(const WatchOptions& options, ConsoleOptions& console) {
  console.grant = options.grant;
  if (!options.as_of.empty()) {
    const auto moment = parse_moment(options.as_of, SystemClock().utc_us());
    if (!moment) return moment.fault();
    console.start = options.clock == "known" || !options.grant.empty() ? StartKind::KnownTime
                                                                       : StartKind::TrueTime;
    console.time_us = *moment;
  } else if (options.has_after_seq) {
    console.start = StartKind::Seq;
    console.seq = options.after_seq;
  } else if (options.only_new) {
    console.start = StartKind::NowNoSnapshot;
  }
  console.once = options.snapshot || !options.as_of.empty();
  const bool goes_on = options.has_after_seq || options.only_new;
  if (console.once && (goes_on || !options.since.empty())) {
    return Fault{FaultCode::Invalid, "a snapshot excludes --after-seq, --only-new and --since"};
  }
  if (console.once || (goes_on && options.since.empty())) return {};
  if (goes_on) return Fault{FaultCode::Invalid, "--since excludes --after-seq and --only-new"};
  if (!options.since.empty()) return set_since(options.since, console);
  return wants_table(options.format) ? set_since(kTableSince, console) : Result<void>();
}

TableStatus status_of(const client::ConsoleStatus& console, const std::string& title,
                      const Board& board, bool past) {
  TableStatus status;
  status.title = title;
  status.link = console.link;
  status.reason = console.reason;
  status.link_age_us = console.link_age_us;
  status.now_us = past ? board.time_us() : console.hub_time_us;
  status.overdue_after_ms = console.overdue_after_ms;
  status.silent_after_ms = console.silent_after_ms;
  status.seq = console.seq;
  status.behind = console.behind;
  if (past) status.end_word = "AS OF";
  return status;
}

}  // namespace

ExitCode run_watch(const WatchOptions& options, StopSignals& stop) {
  ConsoleOptions console_options;
  const auto link = link_of(options.hub, "watch");
  const auto view = view_of(options.filter, options.pace);
  const auto started = set_start(options, console_options);
  const auto timeout = parse_timeout(options.hub.timeout,
                                     std::chrono::milliseconds(console_options.once ? 10'000 : 0));
  if (!link || !view || !started || !timeout) {
    say(!link      ? link.fault().sentence
        : !view    ? view.fault().sentence
        : !started ? started.fault().sentence
                   : timeout.fault().sentence);
    return ExitCode::Usage;
  }
  console_options.link = *link;
  console_options.view = *view;
  Follow follow;
  const bool is_live_table = wants_table(options.format) && !console_options.once;
  if (is_live_table) follow.warnings = queue_warnings(console_options.link);
  auto console = client::Console::open(console_options);
  if (!console) {
    say(console.fault().sentence);
    return ExitCode::Usage;
  }
  const bool past = !options.as_of.empty();
  const std::string title =
      past ? fmt::format("picture by {} time, {}", options.clock, link->hub) : link->hub;
  follow.timeout = *timeout;
  follow.is_paced = !options.pace.empty();
  follow.is_finite = console_options.once;
  follow.next = [&](std::chrono::milliseconds wait) { return (*console)->next(wait); };
  follow.status = [&](const Board& board) {
    return status_of((*console)->status(), title, board, past);
  };
  if (!wants_table(options.format)) {
    return follow_ndjson(follow, options.notices, options.count, stop);
  }
  return console_options.once ? print_table_once(follow, stop) : follow_table(follow, stop);
}

}  // namespace vigie::cli
