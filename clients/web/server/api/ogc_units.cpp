// The collections `units` and `events` of /ogc.

#include <fmt/format.h>

#include "clients/web/server/api/event_pages.h"
#include "clients/web/server/api/geojson.h"
#include "clients/web/server/api/live_units.h"
#include "clients/web/server/api/ogc.h"
#include "clients/web/server/live/watches.h"

namespace vigie::web::api {
namespace {

constexpr std::size_t kUnitsDefault = 1'000;
constexpr std::size_t kOffsetMax = 1'000'000'000;

/// What a page is made of, beyond the units.
struct Frame {
  OgcPage page;
  std::size_t offset = 0;
  std::shared_ptr<const Request> request;
};

Response units_page(const UnitPage& units, Frame frame) {
  std::string body;
  append_collection_begin(body);
  for (const UnitNow& unit : units.picture.units) {
    body += frame.page.returned++ == 0 ? "\n" : ",\n";
    append_unit_feature(body, units.picture, unit, feature_id(unit.fix.fix.unit));
  }
  frame.page.matched = units.matched;
  if (units.more) {
    frame.page.next = address_with(*frame.request, frame.page.base, "offset",
                                   std::to_string(frame.offset + frame.page.returned));
  }
  append_collection_end(body, ogc_members(frame.page));
  return answer_geojson(std::move(body));
}

Frame frame_of(const Api& api, const Call& call, std::size_t offset) {
  Frame frame;
  frame.page.base = ogc_base(*call.request, api.options.base_url);
  frame.page.collection = call.parts[0];
  frame.page.self = address_of(*call.request, frame.page.base);
  frame.page.made_us = api.clock.utc_us();
  frame.offset = offset;
  frame.request = call.request;
  return frame;
}

void past_units_page(Api& api, const Call& call, std::int64_t at_us, const UnitFilter& filter,
                     const Frame& frame) {
  const auto link = link_of(api, call);
  if (!link) return;
  const PastQuery query{.link = *link, .clock = client::ReplayClock::True, .from_us = at_us};
  read_on_desk(api, call, [query, filter, frame](const Patience& patience) {
    auto picture = past_picture(query, patience);
    if (!picture) return response_of(picture.error());
    return units_page(past_units(std::move(*picture), filter), frame);
  });
}

Response no_feature(std::string_view id) {
  return problem(404, "no_such_feature",
                 fmt::format("there is no feature '{}' in what you may see", id.substr(0, 80)));
}

}  // namespace

void ogc_units(Api& api, const Call& call) {
  Parameters parameters(*call.request,
                        {"bbox", "datetime", "limit", "offset", "unit", "owner", "group", "f"});
  read_ogc_format(parameters);
  UnitFilter filter;
  filter.area = read_bbox(parameters);
  const auto time = read_datetime(parameters);
  filter.limit = parameters.whole("limit", 1, kOgcLimitMax, kUnitsDefault);
  filter.skip = parameters.whole("offset", 0, kOffsetMax, 0);
  filter.unit = parameters.text("unit");
  filter.owner = parameters.segment("owner");
  filter.group = parameters.segment("group");
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  const Frame frame = frame_of(api, call, filter.skip);
  if (time && time->instant) return past_units_page(api, call, *time->from_us, filter, frame);
  if (time) {
    filter.from_us = time->from_us;
    filter.until_us = time->until_us;
  }
  with_picture(api, call, [&api, call, filter, frame](Watch& watch) {
    auto units = std::make_shared<UnitPage>(live_units(watch, filter));
    api.readings.take(call.viewer, call.respond, [units, frame](const DeskJob& job) {
      job.respond(units_page(*units, frame));
    });
  });
}

void ogc_unit(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"f"});
  read_ogc_format(parameters);
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  const auto id = parse_feature_id(call.parts[1]);
  if (!id || id->part != 1) return call.respond(no_feature(call.parts[1]));
  with_picture(api, call, [&api, call, id](Watch& watch) {
    UnitFilter filter;
    filter.unit = id->unit;
    const UnitPage found = live_units(watch, filter);
    if (found.picture.units.empty()) return call.respond(no_feature(call.parts[1]));
    std::string feature;
    append_unit_feature(feature, found.picture, found.picture.units.front(), call.parts[1]);
    call.respond(ogc_feature(api, call, std::move(feature)));
  });
}

namespace {

constexpr std::size_t kEventsDefault = 100;
constexpr std::size_t kEventsMax = 1'000;
constexpr std::int64_t kEventsUs = 86'400 * kMicrosecondsPerSecond;

/// TIME-SEQ of the event: with it the hub finds one event without reading the log.
std::string event_id(const client::EventItem& event) {
  return place_text({event.stamp.known_time_us, event.stamp.seq});
}

Response events_page(const EventPage& events, Frame frame) {
  std::string body;
  append_collection_begin(body);
  for (const client::EventItem& event : events.events) {
    body += frame.page.returned++ == 0 ? "\n" : ",\n";
    append_event_feature(body, event, event_id(event));
  }
  if (events.next) {
    frame.page.next =
        address_with(*frame.request, frame.page.base, "next", place_text(*events.next));
  }
  append_collection_end(body, ogc_members(frame.page) + notices_member(events.notices));
  return answer_geojson(std::move(body));
}

std::set<client::Severity> severity_named(Parameters& parameters) {
  constexpr std::size_t kNone = 4;
  const std::size_t which =
      parameters.one_of("severity", {"info", "notice", "warning", "severe"}, kNone);
  if (which == kNone) return {};
  return {static_cast<client::Severity>(which)};
}

}  // namespace

void ogc_events(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"bbox", "datetime", "limit", "next", "unit", "owner",
                                        "kind", "severity", "f"});
  read_ogc_format(parameters);
  EventQuery query;
  query.area = read_bbox(parameters);
  const auto time = read_datetime(parameters);
  // More than so many are never in one page, whatever is asked: the page has a next one.
  query.limit =
      std::min<std::size_t>(parameters.whole("limit", 1, kOgcLimitMax, kEventsDefault), kEventsMax);
  query.past.view.units = parameters.units("unit", 1);
  const std::string owner = parameters.segment("owner");
  if (!owner.empty()) query.past.view.channels = {"event/" + owner};
  const auto kinds = parameters.kinds("kind", 1);
  query.kinds = {kinds.begin(), kinds.end()};
  query.severities = severity_named(parameters);
  query.past.view.fixes = query.past.view.states = false;
  query.past.clock = client::ReplayClock::Known;
  query.now_us = now_us(api, call.viewer);
  const std::int64_t until_us = time && time->until_us ? *time->until_us + 1 : 0;
  query.past.until_us = until_us;
  query.past.from_us = (until_us != 0 ? until_us : query.now_us) - kEventsUs;
  if (time) query.past.from_us = time->from_us.value_or(kTrueTimeUsMin);
  if (parameters.has("next")) {
    const auto place = parse_place(parameters.text("next"));
    if (place) {
      query.after = *place;
    } else {
      parameters.refuse("parameter 'next': " + place.fault().sentence);
    }
  }
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  const auto link = link_of(api, call);
  if (!link) return;
  query.past.link = *link;
  query.past.exported = true;
  read_on_desk(api, call, [query, frame = frame_of(api, call, 0)](const Patience& patience) {
    const auto page = read_event_page(query, read_within(patience));
    return page ? events_page(*page, frame) : response_of(page.error());
  });
}

void ogc_event(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"f"});
  read_ogc_format(parameters);
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  const auto place = parse_place(call.parts[1]);
  if (!place) return call.respond(no_feature(call.parts[1]));
  const auto link = link_of(api, call);
  if (!link) return;
  PastQuery query{.link = *link,
                  .clock = client::ReplayClock::Known,
                  .from_us = place->time_us,
                  .until_us = place->time_us + 1,
                  .exported = true};
  query.view.fixes = query.view.states = false;
  read_on_desk(api, call, [&api, call, query, seq = place->seq](const Patience& patience) {
    std::string feature;
    const auto end = read_past(query, patience, [&](const client::Item& item) {
      const auto* event = std::get_if<client::EventItem>(&item);
      if (event == nullptr || event->stamp.seq != seq) return true;
      append_event_feature(feature, *event, call.parts[1]);
      return false;
    });
    if (!end) return response_of(end.error());
    return feature.empty() ? no_feature(call.parts[1]) : ogc_feature(api, call, std::move(feature));
  });
}

}  // namespace vigie::web::api
