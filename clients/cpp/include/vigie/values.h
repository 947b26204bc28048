#pragma once
// What trackers publish and consoles receive, as plain values. Times are microseconds since
// 1970-01-01T00:00:00Z (UTC). Positions are WGS 84, in integers of 1e-7 degree, so that what was
// measured is what is shown, to the last digit; the doubles are conveniences. An empty optional
// means unknown. Pure; any thread; values own their text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vigie/access.h"

namespace vigie::client {

/// Degrees to 1e-7 degree, rounded to the nearest (ties away from zero, exact in the bits of
/// `degrees`). Empty when not finite or beyond +-214 degrees.
std::optional<std::int32_t> e7_from_degrees(double degrees);
inline double degrees_from_e7(std::int32_t e7) {
  return e7 / 1e7;
}

/// Whose clock a true time is read from. Satellite time is taken as right; a device's is corrected
/// by the hub.
enum class ClockKind : std::uint8_t { Device = 0, Satellite = 1 };

enum class FixType : std::uint8_t {
  Unknown = 0,
  None = 1,
  Estimated = 2,
  TwoD = 3,
  ThreeD = 4,
  Differential = 5,
  RtkFloat = 6,
  RtkFixed = 7,
  Manual = 8
};

enum class FixSource : std::uint8_t {
  Unknown = 0,
  Satellite = 1,
  Cellular = 2,
  Inertial = 3,
  Manual = 4,
  Simulated = 5,
  Replayed = 6
};

enum class Severity : std::uint8_t { Info = 0, Notice = 1, Warning = 2, Severe = 3 };

enum class StateKind : std::uint8_t { None = 0, UnitCard = 1, Identity = 2, Invite = 3, Grant = 4 };

/// Why the hub refused; the numbers are the wire's.
enum class Refusal : std::uint16_t {
  None = 0,
  Malformed = 1,
  TooLarge = 2,
  BadName = 3,
  BadPosition = 4,
  BadTime = 5,
  BadValue = 6,
  BadNumber = 7,
  WrongSpool = 8,
  SpoolClosed = 9,
  TooManyHoles = 10,
  UnknownVersion = 11,
  BadView = 12,
  BadRange = 13,
  TooManySessions = 14,
  NotReady = 15,
  DiskFull = 16,
  NotFound = 17,
  TooFast = 18,
  NotEntitled = 19,
  Revoked = 20,
  BadInvite = 21,
  AccessChanged = 22
};
/// A refusal's stable name in snake_case: "bad_position".
std::string refusal_name(Refusal code);

/// 128 random bits: of a spool, or of a hub's log.
struct Id128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const Id128&) const = default;
  /// 32 hexadecimal digits.
  std::string text() const;
};

/// A message's name for ever: the spool it was published from and its number there (from 1).
struct MessageName {
  Id128 spool = {};
  std::uint64_t number = 0;
  bool operator==(const MessageName&) const = default;
};

struct Place {
  std::int32_t lat_e7 = 0;  // -900000000..900000000
  std::int32_t lon_e7 = 0;  // -1800000000..1800000000
  bool operator==(const Place&) const = default;
};

/// One timed position of a unit.
struct Fix {
  std::string unit = {};   // OWNER/NAME
  std::string group = {};  // empty: in no group
  std::int64_t true_time_us = 0;
  ClockKind clock = ClockKind::Device;
  std::int32_t lat_e7 = 0;
  std::int32_t lon_e7 = 0;
  std::optional<std::int32_t> altitude_mm = {};     // above mean sea level
  std::optional<std::uint32_t> speed_mm_s = {};     // over ground
  std::optional<std::uint32_t> course_mdeg = {};    // true course, 0..359999
  std::optional<std::uint32_t> h_accuracy_mm = {};  // horizontal, 68 %
  std::optional<std::uint32_t> v_accuracy_mm = {};  // vertical, 68 %
  FixType fix_type = FixType::Unknown;
  FixSource source = FixSource::Unknown;
  std::optional<std::uint8_t> satellites = {};       // used, 0..254
  std::optional<std::uint8_t> battery_percent = {};  // 0..100
  std::vector<std::uint8_t> readings =
      {};  // sensor readings, opaque to the hub, at most 1024 bytes

  double latitude() const { return degrees_from_e7(lat_e7); }
  double longitude() const { return degrees_from_e7(lon_e7); }
  /// Sets the position from degrees; false (and unchanged) when not finite or out of range.
  bool set_position(double latitude_degrees, double longitude_degrees);
  bool operator==(const Fix&) const = default;
};

struct Field {
  std::string key = {};
  std::string value = {};
  bool operator==(const Field&) const = default;
};

/// Something that happened or was said. Never conflated, never dropped by the hub.
struct Event {
  std::string unit = {};   // OWNER/NAME of who says it, or whom it befell
  std::string group = {};  // empty: none
  std::int64_t true_time_us = 0;
  ClockKind clock = ClockKind::Device;
  std::string kind = {};  // sos, text, order, halt, ...: 1-32 of a-z, 0-9, '_'
  Severity severity = Severity::Info;
  std::string text = {};  // UTF-8, at most 4096 bytes
  std::optional<Place> position = {};
  std::vector<MessageName> references = {};  // at most 32
  std::vector<Field> fields = {};            // at most 32, no key twice
  bool operator==(const Event&) const = default;
};

/// What a unit is. Empty fields are unknown.
struct UnitCard {
  std::string call_sign = {};
  std::string unit_kind = {};   // vehicle, foot, command_post, ...
  std::string symbol = {};      // symbol identification code, APP-6 / MIL-STD-2525
  std::string carried_by = {};  // OWNER/NAME
  std::vector<std::string> carries = {};
  bool operator==(const UnitCard&) const = default;
};

/// A retained fact: of one (kind, name) the newest by corrected true time wins.
struct State {
  StateKind kind = StateKind::UnitCard;
  std::string name = {};   // for a unit card: the unit, OWNER/NAME
  std::string group = {};  // empty: none
  std::int64_t true_time_us = 0;
  ClockKind clock = ClockKind::Device;
  bool deleted = false;
  // Unless deleted, the one that its kind says:
  UnitCard card = {};
  Identity identity = {};
  Invite invite = {};
  Grant grant = {};
  bool operator==(const State&) const = default;
};

}  // namespace vigie::client
