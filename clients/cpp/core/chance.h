#pragma once
// Chance and waiting: random numbers come in from outside, so that the simulation brings its own
// and repeats exactly.

#include <algorithm>
#include <cstdint>
#include <functional>

namespace vigie::client {

/// 64 random bits a call. Called on the core's thread.
using Random = std::function<std::uint64_t()>;

/// Random bits from the machine.
Random system_random();

/// How long to wait before attempt number `attempt` (from 0): doubled each time up to `max_us`,
/// half of it by chance, so that many clients do not come back at one instant.
inline std::int64_t backoff_us(unsigned attempt, std::int64_t first_us, std::int64_t max_us,
                               const Random& random) {
  const std::int64_t base = std::min(max_us, first_us << std::min(attempt, 20u));
  const auto half = static_cast<std::uint64_t>(base / 2);
  return base / 2 + static_cast<std::int64_t>(random() % (half + 1));
}

/// No wake-up wanted.
inline constexpr std::int64_t kNever = INT64_MAX;

}  // namespace vigie::client
