#include "clients/cli/commands/replay_file.h"

#include <fmt/format.h>

#include "clients/cli/commands/filter.h"
#include "clients/cli/commands/follow.h"
#include "clients/cli/outputs/recording_text.h"

namespace vigie::cli {
namespace {

/// By the recording's clock; 0: it has no time.
std::int64_t time_of(const client::Item& item, client::ReplayClock clock) {
  const bool known = clock == client::ReplayClock::Known;
  return std::visit(client::Match{[&](const client::FixItem& it) {
                                    return known ? it.stamp.known_time_us
                                                 : it.corrected_true_time_us();
                                  },
                                  [&](const client::EventItem& it) {
                                    return known ? it.stamp.known_time_us : it.event.true_time_us;
                                  },
                                  [&](const client::StateItem& it) {
                                    return known ? it.stamp.known_time_us : it.state.true_time_us;
                                  },
                                  [](const auto&) { return std::int64_t{0}; }},
                    item);
}

}  // namespace

ExitCode worth(const client::RecordingReport& report) {
  switch (report.state) {
    case client::RecordingState::Sealed:
      return ExitCode::Ok;
    case client::RecordingState::NotSealed:
      return ExitCode::NotSealed;
    case client::RecordingState::Cut:
      return ExitCode::Cut;
    case client::RecordingState::Changed:
      return ExitCode::Changed;
    case client::RecordingState::Reading:
      break;
  }
  return ExitCode::Unfinished;
}

ExitCode run_replay_file(const ReplayOptions& options, StopSignals& stop) {
  auto reader = client::RecordingReader::open(options.file);
  if (!reader) return failed(reader.fault());
  std::int64_t now_us = 0;
  std::optional<client::ReplayClock> clock;
  Follow follow;
  follow.is_finite = true;
  follow.keep_table = true;
  follow.next = [&](std::chrono::milliseconds) -> Result<std::optional<client::Item>> {
    auto next = (*reader)->next();
    if (!next) return next;
    if (!*next) return Fault{FaultCode::Closed, "the recording is at its end"};
    if (!clock) clock = (*reader)->report().about.clock;
    now_us = std::max(now_us, time_of(**next, *clock));
    return next;
  };
  follow.status = [&](const Board&) {
    TableStatus status;
    status.title = "recording " + options.file;
    status.link = client::LinkState::Live;
    status.now_us = now_us;
    // As of a replay.
    status.overdue_after_ms = 60'000;
    status.silent_after_ms = 600'000;
    status.word = "RECORDING";
    return status;
  };
  ExitCode end = ExitCode::Ok;
  if (!wants_table(options.format)) {
    end = follow_ndjson(follow, options.notices, 0, stop);
  } else {
    end = output_is_terminal() ? follow_table(follow, stop) : print_table_once(follow, stop);
  }
  const client::RecordingReport report = (*reader)->report();
  if (end != ExitCode::Ok || report.state == client::RecordingState::Reading) return end;
  const ExitCode found = worth(report);
  if (found == ExitCode::Cut || found == ExitCode::Changed) {
    const std::string proof = proof_text(report);
    say(std::string_view(proof).substr(0, proof.find('\n')));
    return found;
  }
  return ExitCode::Ok;
}

}  // namespace vigie::cli
