// GET /api/v1/events: pages of the log of events.

#include <fmt/format.h>

#include <algorithm>

#include "clients/web/server/api/csv.h"
#include "clients/web/server/api/endpoints.h"
#include "clients/web/server/api/event_pages.h"
#include "clients/web/server/api/geojson.h"
#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/ndjson.h"
#include "clients/web/server/api/ogc_request.h"
#include "clients/web/server/api/parameters.h"
#include "clients/web/server/api/words.h"
#include "schemas/messages/names.h"

namespace vigie::web::api {
namespace {

constexpr std::int64_t kDefaultUs = 86'400 * kMicrosecondsPerSecond;
constexpr std::size_t kEventsMax = 1'000;
constexpr std::size_t kEventsDefault = 100;
constexpr std::size_t kKindsMax = 32;

enum class Form : std::size_t { Json = 0, Ndjson = 1, Csv = 2, GeoJson = 3 };

void append_json_page(std::string& body, const EventPage& page) {
  JsonText json(body);
  json.begin_object();
  json.begin_array("events");
  for (const client::EventItem& event : page.events) {
    json.raw({}, "");
    append_event_json(body, event);
  }
  json.end_array();
  if (page.next) json.text("next", place_text(*page.next));
  if (!page.notices.empty()) {
    json.begin_array("notices");
    for (const std::string& notice : page.notices) json.element(notice);
    json.end_array();
  }
  json.end_object();
  body += '\n';
}

void append_geojson_page(std::string& body, const EventPage& page) {
  append_collection_begin(body);
  bool first = true;
  for (const client::EventItem& event : page.events) {
    body += first ? "\n" : ",\n";
    first = false;
    append_event_feature(body, event, message_name(event.stamp.name));
  }
  std::string members = notices_member(page.notices);
  if (page.next) members += ",\"next\":\"" + place_text(*page.next) + "\"";
  append_collection_end(body, members);
}

std::string page_text(const EventPage& page, Form form) {
  std::string body;
  switch (form) {
    case Form::Json:
      append_json_page(body, page);
      break;
    case Form::GeoJson:
      append_geojson_page(body, page);
      break;
    case Form::Csv:
      body = events_csv_header();
      for (const client::EventItem& event : page.events) append_event_csv(body, event);
      break;
    case Form::Ndjson:
      for (const client::EventItem& event : page.events) {
        append_event_json(body, event);
        body += '\n';
      }
      for (const std::string& notice : page.notices) {
        append_notice_json(body, notice);
        body += '\n';
      }
      break;
  }
  return body;
}

/// The request again, from `next` on: a relative reference, so that no proxy is in its way.
std::string next_link(const Request& request, const EventPlace& next) {
  std::string link = "<?";
  for (const auto& [name, value] : request.query) {
    if (name != "next") link += name + "=" + percent_encoded(value) + "&";
  }
  return link + "next=" + place_text(next) + ">; rel=\"next\"";
}

Response page_response(const EventPage& page, Form form, const Request& request) {
  constexpr std::string_view kTypes[] = {"application/json", "application/x-ndjson",
                                         "text/csv; charset=utf-8; header=present",
                                         "application/geo+json"};
  Response response = answer(kTypes[static_cast<std::size_t>(form)], page_text(page, form));
  if (page.next) response.headers.emplace_back("Link", next_link(request, *page.next));
  return response;
}

std::set<client::Severity> severities_of(Parameters& parameters) {
  std::set<client::Severity> severities;
  for (const std::string& word : parameters.kinds("severity", 4)) {
    bool found = false;
    for (const auto severity : {client::Severity::Info, client::Severity::Notice,
                                client::Severity::Warning, client::Severity::Severe}) {
      if (severity_name(severity) != word) continue;
      severities.insert(severity);
      found = true;
    }
    if (found) continue;
    parameters.refuse(fmt::format(
        "parameter 'severity': '{}' is not one of info, notice, warning, severe", word));
  }
  return severities;
}

void read_range(Parameters& parameters, EventQuery& query) {
  const auto from = parameters.moment("from");
  const auto until = parameters.moment("to");
  query.past.until_us = until.value_or(0);
  query.past.from_us = from.value_or((until ? *until : query.now_us) - kDefaultUs);
  if (until && query.past.from_us >= *until) {
    parameters.refuse(fmt::format("'from' {} is not before 'to' {}",
                                  format_time(query.past.from_us), format_time(*until)));
  }
  if (!parameters.has("next")) return;
  const auto place = parse_place(parameters.text("next"));
  if (place) {
    query.after = *place;
  } else {
    parameters.refuse("parameter 'next': " + place.fault().sentence);
  }
}

}  // namespace

void get_events(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"from", "to", "clock", "kind", "severity", "unit", "owner",
                                        "area", "order", "limit", "next", "format", "grant"});
  EventQuery query;
  query.now_us = now_us(api, call.viewer);
  read_range(parameters, query);
  query.past.clock = parameters.one_of("clock", {"known", "true"}, 0) == 0
                         ? client::ReplayClock::Known
                         : client::ReplayClock::True;
  const std::string grant = parameters.grant(query.past.clock == client::ReplayClock::True);
  const auto kinds = parameters.kinds("kind", kKindsMax);
  query.kinds = {kinds.begin(), kinds.end()};
  query.severities = severities_of(parameters);
  query.area = parameters.area("area");
  query.past.view.fixes = query.past.view.states = false;
  query.past.view.units = parameters.units("unit", 100);
  const std::string owner = parameters.segment("owner");
  if (!owner.empty()) query.past.view.channels = {"event/" + owner};
  query.newest_first = parameters.one_of("order", {"newest", "oldest"}, 0) == 0;
  query.limit = parameters.whole("limit", 1, kEventsMax, kEventsDefault);
  const auto form =
      static_cast<Form>(parameters.one_of("format", {"json", "ndjson", "csv", "geojson"}, 0));
  // The page's panels are made of JSON.
  query.past.exported = form != Form::Json || is_program(call);
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  with_sight(api, call, grant, [&api, call, query, form](const Sight& sight) mutable {
    query.past.look_by(sight);
    read_on_desk(api, call, [query, form, request = call.request](const Patience& patience) {
      const auto page = read_event_page(query, read_within(patience));
      return page ? page_response(*page, form, *request) : response_of(page.error());
    });
  });
}

}  // namespace vigie::web::api
