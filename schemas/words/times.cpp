#include "schemas/words/times.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace vigie {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::sys_days;

// 0000-01-01T00:00:00Z and 10000-01-01T00:00:00Z.
constexpr std::int64_t kWritableUsMin = -62'167'219'200'000'000;
constexpr std::int64_t kWritableUsEnd = 253'402'300'800'000'000;

Fault bad_time(std::string_view text, std::string_view why) {
  return {FaultCode::Invalid,
          fmt::format("time '{}': {}; write it like 2026-03-01T06:00:00Z", text, why)};
}

/// Takes exactly `digits` decimal digits from the front of `rest`.
bool take_number(std::string_view& rest, std::size_t digits, int& out) {
  if (rest.size() < digits) return false;
  const auto* end = rest.data() + digits;
  const auto [stop, error] = std::from_chars(rest.data(), end, out);
  if (error != std::errc() || stop != end || rest[0] == '-') return false;
  rest.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& rest, std::string_view any_of) {
  if (rest.empty() || any_of.find(rest[0]) == std::string_view::npos) return false;
  rest.remove_prefix(1);
  return true;
}

/// Takes 1-9 decimals of a second.
bool take_fraction(std::string_view& rest, std::int64_t& us) {
  std::int64_t scale = kMicrosecondsPerSecond / 10;
  std::size_t digits = 0;
  while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
    us += (rest[0] - '0') * scale;
    scale /= 10;
    rest.remove_prefix(1);
    ++digits;
  }
  return digits >= 1 && digits <= 9;
}

/// Takes ":SS" with its decimals, where there are any.
bool take_seconds(std::string_view& rest, int& second, std::int64_t& fraction_us) {
  if (!take_char(rest, ":")) return true;
  if (!take_number(rest, 2, second)) return false;
  return !take_char(rest, ".,") || take_fraction(rest, fraction_us);
}

/// Takes "Z", "+HH:MM", "+HHMM" or "+HH".
bool take_offset(std::string_view& rest, std::int64_t& offset_s) {
  if (take_char(rest, "Zz")) return true;
  const int sign = rest[0] == '-' ? -1 : 1;
  int hour = 0, minute = 0;
  if (!take_char(rest, "+-") || !take_number(rest, 2, hour)) return false;
  const bool colon = take_char(rest, ":");
  if ((colon || !rest.empty()) && !take_number(rest, 2, minute)) return false;
  offset_s = sign * (hour * 3600 + minute * 60);
  return hour <= 23 && minute <= 59;
}

}  // namespace

std::string format_time(std::int64_t us_since_1970) {
  if (us_since_1970 < kWritableUsMin || us_since_1970 >= kWritableUsEnd) {
    return fmt::format("{} us", us_since_1970);
  }
  const microseconds since(us_since_1970);
  const auto day = std::chrono::floor<days>(since);
  const std::chrono::year_month_day date{sys_days(day)};
  const std::chrono::hh_mm_ss time{since - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

Result<std::int64_t> parse_time(std::string_view text) {
  std::string_view rest = text;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!take_number(rest, 4, year) || !take_char(rest, "-") || !take_number(rest, 2, month) ||
      !take_char(rest, "-") || !take_number(rest, 2, day)) {
    return bad_time(text, "no date in front");
  }
  std::int64_t fraction_us = 0;
  std::int64_t offset_s = 0;
  if (!rest.empty()) {
    if (!take_char(rest, "Tt ") || !take_number(rest, 2, hour) || !take_char(rest, ":") ||
        !take_number(rest, 2, minute)) {
      return bad_time(text, "no time of day after the date");
    }
    if (!take_seconds(rest, second, fraction_us)) return bad_time(text, "bad seconds");
    if (!rest.empty() && !take_offset(rest, offset_s)) {
      return bad_time(text, "what follows the time of day is no offset");
    }
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!rest.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60) {
    return bad_time(text, "no such date or time of day");
  }
  const std::int64_t days_since = sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days_since * 86'400 + hour * 3600 + minute * 60 + second - offset_s;
  return seconds * kMicrosecondsPerSecond + fraction_us;
}

Result<std::int64_t> parse_duration(std::string_view text) {
  struct Scale {
    std::string_view suffix;
    double us;
  };
  constexpr std::array<Scale, 7> scales{
      {{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86'400e6}, {"", 1e6}}};
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view suffix(stop, static_cast<std::size_t>(text.data() + text.size() - stop));
  if (error == std::errc() && number >= 0 && std::isfinite(number)) {
    for (const Scale& scale : scales) {
      if (suffix == scale.suffix && number * scale.us < 9e18) {
        return static_cast<std::int64_t>(std::llround(number * scale.us));
      }
    }
  }
  return Fault{FaultCode::Invalid,
               fmt::format("duration '{}': write it like 90s, 500ms, 15m, 1.5h or 2d", text)};
}

std::int64_t SystemClock::utc_us() const {
  return std::chrono::duration_cast<microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t SystemClock::monotonic_us() const {
  return std::chrono::duration_cast<microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace vigie
