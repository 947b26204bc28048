// GET /api/v1/units and /api/v1/units/OWNER/NAME: the picture now or as of a time.

#include <fmt/format.h>

#include "clients/web/server/api/endpoints.h"
#include "clients/web/server/api/geojson.h"
#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/live_units.h"
#include "clients/web/server/api/parameters.h"
#include "clients/web/server/api/words.h"
#include "clients/web/server/live/watches.h"
#include "schemas/messages/names.h"

namespace vigie::web::api {
namespace {

constexpr std::size_t kUnitsMax = 10'000;
constexpr std::size_t kUnitsDefault = 1'000;
// More than so many are written by a worker, so that the net thread stays quick.
constexpr std::size_t kWrittenAtOnce = 1'000;

void add_moment(JsonText& json, const PictureNow& picture) {
  json.flag("live", picture.live);
  if (picture.time_us != 0) json.time("time", picture.time_us);
  json.number("overdue_after_ms", picture.overdue_after_ms);
  json.number("silent_after_ms", picture.silent_after_ms);
}

Response json_page(const UnitPage& page) {
  std::string body;
  JsonText json(body);
  json.begin_object();
  add_moment(json, page.picture);
  json.number("matched", page.matched);
  json.begin_array("units");
  for (const UnitNow& unit : page.picture.units) {
    json.raw({}, "");
    append_unit_json(body, page.picture, unit, false);
  }
  json.end_array();
  if (page.more) json.text("next", page.picture.units.back().fix.fix.unit);
  json.end_object();
  return answer("application/json", body + "\n");
}

Response geojson_page(const UnitPage& page) {
  std::string body;
  append_collection_begin(body);
  bool first = true;
  for (const UnitNow& unit : page.picture.units) {
    body += first ? "\n" : ",\n";
    first = false;
    append_unit_feature(body, page.picture, unit, unit.fix.fix.unit);
  }
  std::string members = fmt::format(",\"matched\":{}", page.matched);
  if (page.more) {
    members += ",\"next\":";
    append_json_text(members, page.picture.units.back().fix.fix.unit);
  }
  append_collection_end(body, members);
  return answer_geojson(std::move(body));
}

Response page_response(const UnitPage& page, bool geojson) {
  return geojson ? geojson_page(page) : json_page(page);
}

void answer_live(Api& api, const Call& call, const Watch& watch, const UnitFilter& filter,
                 bool geojson) {
  auto page = std::make_shared<UnitPage>(live_units(watch, filter));
  if (page->picture.units.size() <= kWrittenAtOnce) {
    call.respond(page_response(*page, geojson));
    return;
  }
  api.readings.take(call.viewer, call.respond, [page, geojson](const DeskJob& job) {
    job.respond(page_response(*page, geojson));
  });
}

UnitFilter filter_of(Parameters& parameters) {
  UnitFilter filter;
  filter.owner = parameters.segment("owner");
  filter.group = parameters.segment("group");
  filter.text = parameters.text("q");
  filter.area = parameters.area("area");
  filter.limit = parameters.whole("limit", 1, kUnitsMax, kUnitsDefault);
  filter.after = parameters.text("next");
  if (!filter.after.empty() && !is_unit_name(filter.after)) {
    parameters.refuse("parameter 'next' is what an answer before gave as `next`");
  }
  return filter;
}

Response unit_response(const PictureNow& picture, const std::string& name) {
  for (const UnitNow& unit : picture.units) {
    if (unit.fix.fix.unit != name) continue;
    std::string body;
    JsonText json(body);
    json.begin_object();
    add_moment(json, picture);
    json.raw("unit", "");
    append_unit_json(body, picture, unit, true);
    json.end_object();
    return answer("application/json", body + "\n");
  }
  return problem(404, "no_such_unit",
                 fmt::format("unit '{}' is not in what you may see at that time", name));
}

}  // namespace

void get_units(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"at", "clock", "owner", "group", "q", "area", "limit",
                                        "next", "format", "grant"});
  const UnitFilter filter = filter_of(parameters);
  const auto at = parameters.moment("at");
  const bool known = parameters.one_of("clock", {"known", "true"}, 0) == 0;
  const bool geojson = parameters.one_of("format", {"json", "geojson"}, 0) == 1;
  if (parameters.has("clock") && !parameters.has("at")) {
    parameters.refuse("parameter 'clock' needs 'at': there is one picture of now");
  }
  const std::string grant = parameters.grant(!known);
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  if (!at) {
    with_picture(api, call, grant, [&api, call, filter, geojson](Watch& watch) {
      answer_live(api, call, watch, filter, geojson);
    });
    return;
  }
  PastQuery query{.clock = known ? client::ReplayClock::Known : client::ReplayClock::True,
                  .from_us = *at};
  with_sight(api, call, grant, [&api, call, query, filter, geojson](const Sight& sight) mutable {
    query.look_by(sight);
    read_on_desk(api, call, [query, filter, geojson](const Patience& patience) {
      auto picture = past_picture(query, patience);
      if (!picture) return response_of(picture.error());
      return page_response(past_units(std::move(*picture), filter), geojson);
    });
  });
}

void get_unit(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"at", "clock", "grant"});
  const auto at = parameters.moment("at");
  const bool known = parameters.one_of("clock", {"known", "true"}, 0) == 0;
  const std::string grant = parameters.grant(!known);
  const std::string name = call.parts[0] + "/" + call.parts[1];
  if (!is_unit_name(name)) parameters.refuse(fmt::format("'{}' is no unit: OWNER/NAME", name));
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  PastQuery query{.clock = known ? client::ReplayClock::Known : client::ReplayClock::True,
                  .from_us = at.value_or(0)};
  query.view.units = {name};
  with_sight(api, call, grant, [&api, call, query, name](const Sight& sight) mutable {
    query.look_by(sight);
    read_on_desk(api, call, [query, name](const Patience& patience) {
      const auto picture = past_picture(query, patience);
      return picture ? unit_response(*picture, name) : response_of(picture.error());
    });
  });
}

}  // namespace vigie::web::api
