#include "clients/cli/commands/read_book.h"

#include "schemas/words/times.h"
#include "vigie/console.h"

namespace vigie::cli {
namespace {

constexpr std::chrono::milliseconds kTurn{100};

}  // namespace

Result<AccessBook> read_book(const client::LinkOptions& link, std::chrono::milliseconds timeout,
                             std::optional<std::int64_t> at_us, StopSignals& stop) {
  client::ConsoleOptions options;
  options.link = link;
  options.once = true;
  options.view.fixes = options.view.events = false;
  if (at_us) {
    options.start = client::StartKind::KnownTime;
    options.time_us = *at_us;
  }
  auto console = client::Console::open(options);
  if (!console) return console.fault();
  AccessBook book;
  const SystemClock clock;
  std::int64_t until_us = clock.monotonic_us() + timeout.count() * 1000;
  while (!stop.requested()) {
    auto next = (*console)->next(kTurn);
    if (!next) return book;  // it is over, and nothing was wrong
    if (!*next) {
      if (clock.monotonic_us() < until_us) continue;
      return Fault{FaultCode::Unavailable, "the hub did not answer in time"};
    }
    until_us = clock.monotonic_us() + timeout.count() * 1000;
    if (const auto* state = std::get_if<client::StateItem>(&**next)) book.take(*state);
    const auto* change = std::get_if<client::LinkItem>(&**next);
    if (change == nullptr || change->code == client::Refusal::None) continue;
    const bool refused =
        change->state == client::LinkState::Ended || change->code == client::Refusal::Revoked;
    if (refused) return Fault{FaultCode::Invalid, change->reason};
  }
  return Fault{FaultCode::Closed, "stopped before the hub had answered"};
}

ExitCode not_read(const Fault& fault) {
  say(fault.sentence);
  switch (fault.code) {
    case FaultCode::Unavailable:
      return ExitCode::Unreachable;
    case FaultCode::Closed:
      return ExitCode::Unfinished;
    default:
      return ExitCode::Refused;
  }
}

}  // namespace vigie::cli
