#pragma once
// Units of a picture that a request asks for, by name, a page at a time. Pure but for the watch
// that is read: net thread.

#include <cstddef>
#include <optional>
#include <string>

#include "clients/web/server/api/parameters.h"
#include "clients/web/server/api/unit_now.h"
#include "clients/web/server/live/watch.h"

namespace vigie::web::api {

struct UnitFilter {
  std::string owner = {};  // empty: any; so with all of these
  std::string group = {};
  std::string text = {};  // stands in the unit's name or its call sign, in any case of ASCII
  std::string unit = {};  // OWNER/NAME
  std::optional<client::Area> area = {};
  std::optional<std::int64_t> from_us = {};   // its position is of this time or later
  std::optional<std::int64_t> until_us = {};  // and not after this one
  std::string after = {};                     // names beyond this one
  std::size_t skip = 0;                       // of those that match
  std::size_t limit = 1'000;                  // of those after that
};

/// A page of a picture.
struct UnitPage {
  PictureNow picture = {};
  std::size_t matched = 0;  // of the picture, before `after`, `skip` and `limit`
  bool more = false;        // there are some behind the last one
};

UnitPage live_units(const Watch& watch, const UnitFilter& filter);
UnitPage past_units(PictureNow picture, const UnitFilter& filter);
/// A position as browsers are told of it, as an item of the hub.
UnitNow unit_of(const LiveUnit& unit, const wire::CardT* card);

}  // namespace vigie::web::api
