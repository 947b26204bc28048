#include "schemas/programs/quantities.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace vigie {

Result<std::uint64_t> parse_size(std::string_view text) {
  struct Scale {
    std::string_view suffix;
    double bytes;
  };
  constexpr std::array<Scale, 10> scales{{{"", 1},
                                          {"B", 1},
                                          {"KB", 1e3},
                                          {"MB", 1e6},
                                          {"GB", 1e9},
                                          {"TB", 1e12},
                                          {"KiB", 1024.0},
                                          {"MiB", 1048576.0},
                                          {"GiB", 1073741824.0},
                                          {"TiB", 1099511627776.0}}};
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const std::string_view suffix(stop, static_cast<std::size_t>(end - stop));
  if (error == std::errc() && std::isfinite(number) && number >= 0) {
    for (const Scale& scale : scales) {
      if (suffix == scale.suffix && number * scale.bytes < 9e18) {
        return static_cast<std::uint64_t>(std::llround(number * scale.bytes));
      }
    }
  }
  return Fault{FaultCode::Invalid,
               fmt::format("size '{}': write it like 65536, 64KiB, 32MiB or 20GiB", text)};
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> suffixes{"", "KiB", "MiB", "GiB", "TiB"};
  std::size_t power = 0;
  while (bytes != 0 && bytes % 1024 == 0 && power + 1 < suffixes.size()) {
    bytes /= 1024;
    ++power;
  }
  return fmt::format("{}{}", bytes, suffixes[power]);
}

std::string format_duration(std::int64_t us) {
  struct Scale {
    std::string_view suffix;
    std::int64_t us;
  };
  constexpr std::array<Scale, 6> scales{{{"d", 86'400'000'000},
                                         {"h", 3'600'000'000},
                                         {"m", 60'000'000},
                                         {"s", 1'000'000},
                                         {"ms", 1'000},
                                         {"us", 1}}};
  if (us == 0) return "0s";
  for (const Scale& scale : scales) {
    if (us % scale.us == 0) return fmt::format("{}{}", us / scale.us, scale.suffix);
  }
  return fmt::format("{}us", us);
}

}  // namespace vigie
