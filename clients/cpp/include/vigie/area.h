#pragma once
// An area on the WGS 84 ellipsoid. A plain value.

#include <cstdint>
#include <optional>

namespace vigie::client {

/// Borders belong to the area; west > east crosses the antimeridian. 1e-7 degree.
struct Area {
  std::int32_t west_e7 = 0;
  std::int32_t south_e7 = 0;
  std::int32_t east_e7 = 0;
  std::int32_t north_e7 = 0;
  bool operator==(const Area&) const = default;
  /// Empty when a value is not finite or out of range, or south > north.
  static std::optional<Area> from_degrees(double west, double south, double east, double north);
};

}  // namespace vigie::client
