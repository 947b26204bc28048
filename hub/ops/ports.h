#pragma once
// Free ports for a hub that was told port 0 (tests, trials): the hub serves on three in a row.

#include <cstdint>
#include <string>

#include "schemas/words/result.h"

namespace vigie::ops {

/// The ports from the one that is given: publish, listen (+1) and status (+2).
inline constexpr std::uint16_t kPortsInARow = 3;

/// The first of kPortsInARow ports of `host` (an address) that are all free now, from below the
/// range that the kernel gives to outgoing connections. Another program may still take one before
/// the caller binds it: the caller tries again then.
Result<std::uint16_t> free_ports(const std::string& host);

}  // namespace vigie::ops
