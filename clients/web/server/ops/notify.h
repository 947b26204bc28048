#pragma once
// What systemd is told of this service (sd_notify's protocol: a datagram to $NOTIFY_SOCKET).

#include <chrono>
#include <string>
#include <string_view>

#include "schemas/words/result.h"

namespace vigie::web {

/// "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..."; lines parted by '\n'. Without systemd it
/// does nothing. Fails with Io when the socket does not take it.
Result<void> notify_systemd(std::string_view state);

/// How often WATCHDOG=1 is to be told: half of what the unit's WatchdogSec asks; zero: not at all.
std::chrono::milliseconds watchdog_interval();

}  // namespace vigie::web
