// GET /api/v1/trackers: how the trackers of the units do that the caller sees.

#include <algorithm>
#include <memory>
#include <utility>

#include "clients/web/server/api/endpoints.h"
#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/parameters.h"
#include "clients/web/server/live/tracker_book.h"
#include "clients/web/server/live/watch.h"

namespace vigie::web::api {
namespace {

constexpr std::uint64_t kRowsMax = 10'000;
constexpr std::uint64_t kRowsDefault = 500;
/// More than so many are sorted and written by a worker, so that the net thread stays quick: the
/// desk bounds how many such answers one viewer has under way.
constexpr std::size_t kWrittenAtOnce = 1'000;

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

/// The worst are in front.
Response page_of(std::vector<TrackerRow> rows, std::size_t limit) {
  const auto worse = [](const TrackerRow& a, const TrackerRow& b) {
    if (a.missing != b.missing) return a.missing > b.missing;
    if (a.delay_us != b.delay_us) return a.delay_us > b.delay_us;
    return a.unit < b.unit;
  };
  const auto shown = static_cast<std::ptrdiff_t>(std::min<std::size_t>(rows.size(), limit));
  std::partial_sort(rows.begin(), rows.begin() + shown, rows.end(), worse);
  std::string body;
  JsonText json(body);
  json.begin_object();
  json.number("trackers_in_all", rows.size());
  json.begin_array("trackers");
  for (auto row = rows.begin(); row != rows.begin() + shown; ++row) add_row(json, *row);
  json.end_array();
  json.end_object();
  return answer("application/json", body + "\n");
}

}  // namespace

void get_trackers(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"limit"});
  const std::uint64_t limit = parameters.whole("limit", 1, kRowsMax, kRowsDefault);
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  with_picture(api, call, [&api, call, limit](Watch& watch) {
    std::vector<TrackerRow> rows = watch.trackers();
    // A unit that may not be seen any more was heard of in a past that the book remembers.
    std::erase_if(rows, [&](const TrackerRow& row) {
      const LiveUnit* unit = watch.picture().find(row.unit);
      return unit == nullptr || !unit->present;
    });
    if (rows.size() <= kWrittenAtOnce) return call.respond(page_of(std::move(rows), limit));
    const auto many = std::make_shared<std::vector<TrackerRow>>(std::move(rows));
    api.readings.take(call.viewer, call.respond, [many, limit](const DeskJob& job) {
      job.respond(page_of(std::move(*many), limit));
    });
  });
}

}  // namespace vigie::web::api
