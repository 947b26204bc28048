// GET /api/v1/trackers: how the trackers of the units do that the caller sees.

#include <memory>
#include <utility>

#include "clients/web/server/api/endpoints.h"
#include "clients/web/server/api/parameters.h"
#include "clients/web/server/api/tracker_page.h"
#include "clients/web/server/live/watch.h"

namespace vigie::web::api {
namespace {

constexpr std::uint64_t kRowsMax = 10'000;
constexpr std::uint64_t kRowsDefault = 500;
/// More than so many are sorted and written by a worker, so that the net thread stays quick: the
/// desk bounds how many such answers one viewer has under way.
constexpr std::size_t kWrittenAtOnce = 1'000;

TrackerQuery query_of(Parameters& parameters) {
  TrackerQuery query;
  query.order = parameters.one_of("order", {"worst", "name"}, 0) == 0 ? TrackerOrder::Worst
                                                                      : TrackerOrder::Name;
  query.limit = parameters.whole("limit", 1, kRowsMax, kRowsDefault);
  if (!parameters.has("next")) return query;
  const auto place = parse_tracker_place(parameters.text("next"));
  if (place) {
    query.after = *place;
  } else {
    parameters.refuse("parameter 'next' is what an answer before gave as `next`");
  }
  return query;
}

}  // namespace

void get_trackers(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"order", "limit", "next"});
  const TrackerQuery query = query_of(parameters);
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  with_picture(api, call, [&api, call, query](Watch& watch) {
    std::vector<TrackerRow> rows = watch.trackers();
    // A unit that may not be seen any more was heard of in a past that the book remembers.
    std::erase_if(rows, [&](const TrackerRow& row) {
      const LiveUnit* unit = watch.picture().find(row.unit);
      return unit == nullptr || !unit->present;
    });
    if (rows.size() <= kWrittenAtOnce) return call.respond(tracker_page(std::move(rows), query));
    const auto many = std::make_shared<std::vector<TrackerRow>>(std::move(rows));
    api.readings.take(call.viewer, call.respond, [many, query](const DeskJob& job) {
      job.respond(tracker_page(std::move(*many), query));
    });
  });
}

}  // namespace vigie::web::api
