#pragma once
// What somebody is told who sends more than it may. Pure; any thread.

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::ops {

/// `called`: "'NAME'", or "those at your address". Of both limits, which hold together; 0: there is
/// none.
inline std::string too_fast(std::string_view called, std::uint64_t bytes_per_second,
                            std::uint64_t messages_per_second) {
  if (bytes_per_second == 0) {
    return fmt::format("{} sent more than {} messages a second", called, messages_per_second);
  }
  if (messages_per_second == 0) {
    return fmt::format("{} sent more than {} bytes a second", called, bytes_per_second);
  }
  return fmt::format("{} sent more than {} bytes or {} messages a second", called, bytes_per_second,
                     messages_per_second);
}

}  // namespace vigie::ops
