#pragma once
// What a source of positions yields: fixes, and an account of what it had to leave out. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "vigie/values.h"

namespace vigie::cli {

/// One fix of one unit.
struct Reading {
  std::string name;  // the unit's name within its owner; empty: the one the user gave
  client::Fix fix;   // its unit and group are filled in by who publishes it
};

/// What was left out of a source, by reason, with the first place of each: memory is bounded by the
/// number of reasons, which are constants.
class Skips {
 public:
  struct Entry {
    std::uint64_t count = 0;
    std::string first_place;  // "line 12: '91.5'"
  };
  /// `reason` is a phrase such as "points without a time".
  void add(std::string_view reason, std::string_view place);
  std::uint64_t total() const { return total_; }
  const std::map<std::string, Entry, std::less<>>& by_reason() const { return by_reason_; }

 private:
  std::map<std::string, Entry, std::less<>> by_reason_;
  std::uint64_t total_ = 0;
};

/// What one unit of dilution of precision is taken for, horizontal at 68 % and vertical alike: the
/// usual ranging error of a single-frequency receiver in the open. Used only where the source
/// gives a dilution and no accuracy.
inline constexpr std::int64_t kMillimetresPerDilution = 5'000;

/// Accuracy in mm from a dilution in thousandths; unknown for 0 and for 50 and more, which
/// receivers write when they do not know.
std::optional<std::uint32_t> accuracy_from_dilution(std::int64_t dilution_milli);
/// Degrees in thousandths, -360..360, to 0..359999; unknown beyond: a wrong number must not become
/// a likely one.
std::optional<std::uint32_t> course_from_milli(std::int64_t milli_degrees);
/// A value in the field's unit, or unknown when it is negative or does not fit.
std::optional<std::uint32_t> known_or_unknown(std::int64_t value);
/// Millimetres of altitude, or unknown outside -20 km..100 km.
std::optional<std::int32_t> altitude_from_mm(std::int64_t millimetres);
/// Percent of a battery, or unknown outside 0..100.
std::optional<std::uint8_t> battery_from(std::int64_t percent);
/// A count of satellites used, or unknown outside 0..254.
std::optional<std::uint8_t> satellites_from(std::optional<std::int64_t> count);
bool is_latitude(std::int64_t e7);
bool is_longitude(std::int64_t e7);

}  // namespace vigie::cli
