#pragma once
// An area on the WGS 84 ellipsoid. Pure.

#include <cstdint>

namespace vigie {

/// In 1e-7 degree; borders belong to it; west > east crosses the antimeridian.
struct AreaBox {
  std::int32_t west_e7, south_e7, east_e7, north_e7;
  bool contains(std::int32_t lat_e7, std::int32_t lon_e7) const {
    const bool in_longitude = west_e7 <= east_e7 ? lon_e7 >= west_e7 && lon_e7 <= east_e7
                                                 : lon_e7 >= west_e7 || lon_e7 <= east_e7;
    return lat_e7 >= south_e7 && lat_e7 <= north_e7 && in_longitude;
  }
  bool operator==(const AreaBox&) const = default;
};

}  // namespace vigie
