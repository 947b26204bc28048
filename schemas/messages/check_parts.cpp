#include "schemas/messages/check_parts.h"

#include "schemas/messages/names.h"

namespace vigie {
namespace {

constexpr std::int32_t kLatE7Max = 900'000'000;
constexpr std::int32_t kLonE7Max = 1'800'000'000;

}  // namespace

bool is_position(std::int32_t lat_e7, std::int32_t lon_e7) {
  return lat_e7 >= -kLatE7Max && lat_e7 <= kLatE7Max && lon_e7 >= -kLonE7Max && lon_e7 <= kLonE7Max;
}

bool is_area(const wire::Area& area) {
  return is_position(area.south_e7(), area.west_e7()) &&
         is_position(area.north_e7(), area.east_e7()) && area.south_e7() <= area.north_e7();
}

std::string shown(std::string_view text) {
  constexpr std::size_t kShownMax = 80;
  std::string out(text.substr(0, kShownMax));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (text.size() > kShownMax || !is_text(out)) {
    std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    out += "...";
  }
  return out;
}

}  // namespace vigie
