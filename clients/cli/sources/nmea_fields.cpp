#include "clients/cli/sources/nmea_fields.h"

#include <chrono>

#include "clients/cli/sources/decimal.h"

namespace vigie::cli {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

/// A text of digits alone.
std::optional<std::int64_t> digits(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return parse_scaled(text, 0);
}

std::optional<std::int64_t> days_of(std::int64_t day, std::int64_t month, std::int64_t year) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

}  // namespace

std::optional<std::int64_t> nmea_angle(std::string_view text, std::string_view hemisphere) {
  const std::size_t whole = std::min(text.find('.'), text.size());
  if (hemisphere.size() != 1 || whole < 3 || whole > 5) return std::nullopt;
  const bool is_lat = hemisphere == "N" || hemisphere == "S";
  if (!is_lat && hemisphere != "E" && hemisphere != "W") return std::nullopt;
  const auto degrees = digits(text.substr(0, whole - 2));
  const auto minutes_e9 = parse_scaled(text.substr(whole - 2), 9);
  if (!degrees || !minutes_e9 || *minutes_e9 < 0 || *minutes_e9 >= 60'000'000'000) {
    return std::nullopt;
  }
  // 1e-9 minute to 1e-7 degree: divide by 60 * 100.
  const std::int64_t e7 = *degrees * 10'000'000 + divide_rounded(*minutes_e9, 6'000);
  if (e7 > (is_lat ? 900'000'000 : 1'800'000'000)) return std::nullopt;
  return hemisphere == "S" || hemisphere == "W" ? -e7 : e7;
}

std::optional<std::int64_t> nmea_time_of_day(std::string_view text) {
  if (text.size() < 6) return std::nullopt;
  const auto hours = digits(text.substr(0, 2));
  const auto minutes = digits(text.substr(2, 2));
  const auto seconds_us = parse_scaled(text.substr(4), 6);
  if (!hours || !minutes || !seconds_us || *hours > 23 || *minutes > 59) return std::nullopt;
  if (*seconds_us < 0 || *seconds_us >= 61 * kSecondUs) return std::nullopt;
  return (*hours * 3600 + *minutes * 60) * kSecondUs + *seconds_us;
}

std::optional<std::int64_t> nmea_date(std::string_view text) {
  const auto all = digits(text);
  if (!all || text.size() != 6) return std::nullopt;
  const std::int64_t year = *all % 100;
  return days_of(*all / 10'000, *all / 100 % 100, year >= 80 ? 1900 + year : 2000 + year);
}

std::optional<std::int64_t> nmea_date(std::string_view day, std::string_view month,
                                      std::string_view year) {
  const auto d = digits(day), m = digits(month), y = digits(year);
  if (!d || !m || !y || *d > 31 || *m > 12 || *y < 1980 || *y > 2100) return std::nullopt;
  return days_of(*d, *m, *y);
}

std::optional<std::int64_t> nmea_knots(std::string_view text) {
  const auto milli = parse_scaled(text, 3);
  if (!milli || *milli < 0 || *milli > 10'000'000) return std::nullopt;
  // A knot is 1852 m an hour.
  return divide_rounded(*milli * 1852, 3600);
}

}  // namespace vigie::cli
