#pragma once
// The list of trackers by pages: in an order, on from a place in it. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/web/server/http/response.h"
#include "clients/web/server/live/tracker_book.h"
#include "schemas/words/result.h"

namespace vigie::web::api {

/// The tracker that ended a page, by what it is sorted by.
struct TrackerPlace {
  std::uint64_t missing = 0;
  std::int64_t delay_us = 0;
  std::string unit = {};
};

/// As the client of a page gives it back: MISSING:DELAY_US:OWNER/NAME.
std::string tracker_place_text(const TrackerPlace& place);
/// Fails with Invalid.
Result<TrackerPlace> parse_tracker_place(std::string_view text);

enum class TrackerOrder {
  Worst,  // those that miss most, then the slowest
  Name,   // each comes once, whatever changes between two pages
};

struct TrackerQuery {
  TrackerOrder order = TrackerOrder::Worst;
  std::size_t limit = 500;
  std::optional<TrackerPlace> after = {};  // of TrackerOrder::Name, its unit alone
};

/// At most `limit` of them, and `next` where there are more.
Response tracker_page(std::vector<TrackerRow> rows, const TrackerQuery& query);

}  // namespace vigie::web::api
