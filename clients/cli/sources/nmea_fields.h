#pragma once
// The fields of NMEA sentences as integers in our units. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace vigie::cli {

/// "ddmm.mmmm" and its hemisphere ("N", "S", "E", "W") in 1e-7 degree, rounded half away from zero.
std::optional<std::int64_t> nmea_angle(std::string_view text, std::string_view hemisphere);
/// "hhmmss.sss" in µs of the day; a leap second (60) is taken.
std::optional<std::int64_t> nmea_time_of_day(std::string_view text);
/// "ddmmyy" in days since 1970-01-01; years 80..99 are 1980..1999.
std::optional<std::int64_t> nmea_date(std::string_view text);
/// Day, month, four-digit year in days since 1970-01-01.
std::optional<std::int64_t> nmea_date(std::string_view day, std::string_view month,
                                      std::string_view year);
/// Knots in mm/s.
std::optional<std::int64_t> nmea_knots(std::string_view text);

}  // namespace vigie::cli
