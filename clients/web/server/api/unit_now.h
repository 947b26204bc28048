#pragma once
// A unit as a picture has it: the live one or a past one. Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vigie/console.h"
#include "vigie/items.h"

namespace vigie::web::api {

struct UnitNow {
  client::FixItem fix = {};  // where it stands. Live: what browsers are told of it (web.fbs)
  std::optional<client::UnitCard> card = {};
  bool delay_known = true;
};

/// A picture, and the moment that ages are counted to.
struct PictureNow {
  std::vector<UnitNow> units = {};  // by name, rising
  std::int64_t time_us = 0;         // the hub's clock, or the past moment asked for
  std::uint32_t overdue_after_ms = 0;
  std::uint32_t silent_after_ms = 0;
  bool live = true;
};

/// Since the position holds, until the picture's moment; -1 when that is not known.
std::int64_t age_us(const PictureNow& picture, const UnitNow& unit);
/// By the hub's thresholds.
client::Freshness freshness_of(const PictureNow& picture, const UnitNow& unit);

/// Each appends one object. With `all`, everything that is known of the unit.
void append_unit_json(std::string& out, const PictureNow& picture, const UnitNow& unit, bool all);
/// A GeoJSON Feature of that id.
void append_unit_feature(std::string& out, const PictureNow& picture, const UnitNow& unit,
                         std::string_view id);

}  // namespace vigie::web::api
