#pragma once
// One question to a hub's listen endpoint and its answer, on a connection of its own. One thread;
// waits.

#include "schemas/messages/wire.h"
#include "vigie/ask.h"

namespace vigie::client {

/// Whether it may be asked again when the connection ended before the answer came.
enum class AskAgain { Yes, No };

/// The answer, where the hub did what was asked. `ask.request` is set here. Fails with Invalid or
/// NotFound (the hub's own words), Unavailable or Io.
Result<wire::ToldT> ask_hub(const AskOptions& options, wire::AskT ask, AskAgain again);

}  // namespace vigie::client
