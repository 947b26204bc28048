#include "clients/web/server/api/tracker_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "clients/web/server/api/api.h"
#include "clients/web/server/api/json_text.h"
#include "schemas/messages/names.h"

namespace vigie::web::api {
namespace {

/// Takes a number and the colon behind it off the text.
template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop == end || *stop != ':') return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
  return true;
}

TrackerPlace place_of(const TrackerRow& row) {
  return {row.missing, row.delay_us, row.unit};
}

/// Of rows and places.
struct Before {
  TrackerOrder order;

  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    if (order == TrackerOrder::Worst) {
      if (a.missing != b.missing) return a.missing > b.missing;
      if (a.delay_us != b.delay_us) return a.delay_us > b.delay_us;
    }
    return a.unit < b.unit;
  }
};

void add_row(JsonText& json, const TrackerRow& row) {
  json.begin_object();
  json.text("unit", row.unit);
  json.time("heard", row.heard_us);
  json.scaled("delay_s", row.delay_us / 1000, 3);
  json.text("clock", row.satellite ? "satellite" : "device");
  json.scaled("clock_offset_s", row.offset_us / 1000, 3);
  json.number("fixes", row.fixes);
  json.number("late", row.late);
  json.number("missing", row.missing);
  json.end_object();
}

}  // namespace

std::string tracker_place_text(const TrackerPlace& place) {
  return fmt::format("{}:{}:{}", place.missing, place.delay_us, place.unit);
}

Result<TrackerPlace> parse_tracker_place(std::string_view text) {
  TrackerPlace place;
  std::string_view rest = text;
  if (!take_number(rest, place.missing) || !take_number(rest, place.delay_us) ||
      !is_unit_name(rest)) {
    return Fault{FaultCode::Invalid, "it is no place in the list of trackers"};
  }
  place.unit = rest;
  return place;
}

Response tracker_page(std::vector<TrackerRow> rows, const TrackerQuery& query) {
  const std::size_t in_all = rows.size();
  const Before before{query.order};
  if (query.after) {
    std::erase_if(rows, [&](const TrackerRow& row) { return !before(*query.after, row); });
  }
  const std::size_t shown = std::min(rows.size(), query.limit);
  const auto end = rows.begin() + static_cast<std::ptrdiff_t>(shown);
  std::partial_sort(rows.begin(), end, rows.end(), before);
  std::string body;
  JsonText json(body);
  json.begin_object();
  json.number("trackers_in_all", in_all);
  json.begin_array("trackers");
  for (auto row = rows.begin(); row != end; ++row) add_row(json, *row);
  json.end_array();
  if (shown < rows.size()) json.text("next", tracker_place_text(place_of(rows[shown - 1])));
  json.end_object();
  return answer("application/json", body + "\n");
}

}  // namespace vigie::web::api
