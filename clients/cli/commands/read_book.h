#pragma once
// Asks the hub who may do what: its answer as a book. The command's thread.

#include <chrono>
#include <optional>

#include "clients/cli/commands/surroundings.h"
#include "clients/cli/outputs/access_text.h"
#include "vigie/view.h"

namespace vigie::cli {

/// The access states that the identity sees, now or as they were known at a moment. Fails with
/// Unavailable (no answer), Invalid (refused) or Closed (a signal).
Result<AccessBook> read_book(const client::LinkOptions& link, std::chrono::milliseconds timeout,
                             std::optional<std::int64_t> at_us, StopSignals& stop);
/// Says that fault, and what it means to a script.
ExitCode not_read(const Fault& fault);

}  // namespace vigie::cli
