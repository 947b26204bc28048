#pragma once
// The generator's clock: nanoseconds of CLOCK_MONOTONIC. Its zero means nothing.

#include <ctime>

#include <cstdint>

namespace vigie::bench {

inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;

inline std::int64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kNsPerSecond + time.tv_nsec;
}

}  // namespace vigie::bench
