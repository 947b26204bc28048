#pragma once
// The two clocks as types of their own, so that they cannot be swapped by accident, and their text
// form. Both count microseconds since 1970-01-01T00:00:00Z (UTC, leap seconds not counted). Pure.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/words/result.h"

namespace vigie {

/// When something happened, by the device's or a satellite's clock.
struct TrueTime {
  std::int64_t us = 0;
  auto operator<=>(const TrueTime&) const = default;
};

/// When the hub took something in; never decreasing along the log.
struct KnownTime {
  std::int64_t us = 0;
  auto operator<=>(const KnownTime&) const = default;
};

inline constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
/// True times outside this are refused: 2000-01-01T00:00:00Z and 2100-01-01T00:00:00Z.
inline constexpr std::int64_t kTrueTimeUsMin = 946'684'800'000'000;
inline constexpr std::int64_t kTrueTimeUsMax = 4'102'444'800'000'000;

/// RFC 3339 in UTC with six decimals: 2026-03-01T06:00:00.000000Z. What lies outside of the years
/// 0000 to 9999, which RFC 3339 cannot write, is given as a plain count: "-99999999999999999 us".
std::string format_time(std::int64_t us_since_1970);

/// RFC 3339 (any offset, 1-9 decimals of the second, 'T' or a space between date and time; seconds,
/// or the whole time of day, may be left out and are then zero). Without an offset the time is UTC.
/// Decimals beyond the sixth are cut off. Second 60 is the next minute's first. Fails with Invalid,
/// naming the text.
Result<std::int64_t> parse_time(std::string_view text);

/// A duration as people write it: "90", "90s", "1.5h", "500ms", "2d", in microseconds. A bare
/// number is seconds.
Result<std::int64_t> parse_duration(std::string_view text);

/// Where times come from: injected, so that tests and the simulation bring their own.
class Clock {
 public:
  virtual ~Clock() = default;
  /// UTC now; may step in both directions.
  virtual std::int64_t utc_us() const = 0;
  /// Never steps; its zero means nothing.
  virtual std::int64_t monotonic_us() const = 0;
};

/// The machine's clocks. Any thread.
class SystemClock final : public Clock {
 public:
  std::int64_t utc_us() const override;
  std::int64_t monotonic_us() const override;
};

}  // namespace vigie
