#pragma once
// What the checks of batches and of requests share. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie {

/// True within 90 degrees north and south, 180 east and west; in 1e-7 degree.
bool is_position(std::int32_t lat_e7, std::int32_t lon_e7);
/// A text cut short and made printable for an error text, so that a hostile one cannot bloat it.
std::string shown(std::string_view text);

}  // namespace vigie
