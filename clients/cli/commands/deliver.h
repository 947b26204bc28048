#pragma once
// Waits until the hub has what was published by hand, and says what became of it. The command's
// thread.

#include <string_view>

#include "clients/cli/commands/publisher.h"

namespace vigie::cli {

/// `what` stands in the sentence when the hub does not answer: "the event".
ExitCode deliver(Publisher& publisher, StopSignals& stop, std::string_view what);

/// Publishes states as whoever `link` is, and delivers them.
ExitCode deliver_states(const client::LinkOptions& link, std::chrono::milliseconds timeout,
                        std::span<const client::State> states, StopSignals& stop,
                        std::string_view what);

}  // namespace vigie::cli
