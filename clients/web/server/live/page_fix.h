#pragma once
// A fix with one field changed. Pure.

#include <cstdint>

#include "clients/web/protocol/web_generated.h"

namespace vigie::web {

inline wire::PageFix with_flags(const wire::PageFix& fix, unsigned flags) {
  return wire::PageFix(fix.seq(), fix.time_us(), fix.unit(), fix.lat_e7(), fix.lon_e7(),
                       fix.count(), fix.delay_ms(), fix.altitude_dm(), fix.speed_cm_s(),
                       fix.course_cdeg(), fix.accuracy_dm(), static_cast<std::uint8_t>(flags),
                       fix.battery_percent());
}

inline wire::PageFix with_unit(const wire::PageFix& fix, std::uint32_t unit) {
  return wire::PageFix(fix.seq(), fix.time_us(), unit, fix.lat_e7(), fix.lon_e7(), fix.count(),
                       fix.delay_ms(), fix.altitude_dm(), fix.speed_cm_s(), fix.course_cdeg(),
                       fix.accuracy_dm(), fix.flags(), fix.battery_percent());
}

}  // namespace vigie::web
