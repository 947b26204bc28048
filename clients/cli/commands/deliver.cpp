#include "clients/cli/commands/deliver.h"

#include <fmt/format.h>

namespace vigie::cli {

ExitCode deliver(Publisher& publisher, StopSignals& stop, std::string_view what) {
  Progress progress;
  const Publisher::End end = publisher.wait_settled(stop, progress);
  progress.clear();
  switch (end) {
    case Publisher::End::Settled:
      break;
    case Publisher::End::Stopped:
      return ExitCode::Unfinished;
    case Publisher::End::Unreachable:
      say(fmt::format("the hub did not answer in time: {} was not sent", what));
      return ExitCode::Unreachable;
    case Publisher::End::TurnedAway:
      say(publisher.tracker().stats().last_rejection_reason);
      return ExitCode::Refused;
    case Publisher::End::Failed:
      return ExitCode::Failure;
  }
  const DeliveryAccount::Sum sum = publisher.sum();
  for (const auto& [name, reason] : sum.by_reason) {
    say(fmt::format("refused, {}: {}", name, reason.example));
  }
  return sum.refused > 0 ? ExitCode::Refused : ExitCode::Ok;
}

ExitCode deliver_states(const client::LinkOptions& link, std::chrono::milliseconds timeout,
                        std::span<const client::State> states, StopSignals& stop,
                        std::string_view what) {
  client::TrackerOptions options;
  options.link = link;
  auto publisher = Publisher::open(std::move(options), timeout);
  if (!publisher) {
    say(publisher.fault().sentence);
    return ExitCode::Usage;
  }
  for (const client::State& state : states) {
    if (const auto done = (*publisher)->publish(state); !done) {
      say(done.fault().sentence);
      return ExitCode::Usage;
    }
  }
  return deliver(**publisher, stop, what);
}

}  // namespace vigie::cli
