#pragma once
// What the checks of batches and of requests share. Pure.

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/messages/wire.h"

namespace vigie {

/// True within 90 degrees north and south, 180 east and west; in 1e-7 degree.
bool is_position(std::int32_t lat_e7, std::int32_t lon_e7);
/// True when the borders are positions and south is not above north.
bool is_area(const wire::Area& area);
/// A text cut short and made printable for an error text, so that a hostile one cannot bloat it.
std::string shown(std::string_view text);

/// Notes a refusal's sentence where one is wanted.
template <typename... Args>
wire::Refusal refuse(wire::Refusal code, std::string* reason, fmt::format_string<Args...> format,
                     Args&&... args) {
  if (reason != nullptr) *reason = fmt::format(format, std::forward<Args>(args)...);
  return code;
}

}  // namespace vigie
