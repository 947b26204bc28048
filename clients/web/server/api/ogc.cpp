#include "clients/web/server/api/ogc.h"

#include <fmt/format.h>

#include <array>

#include "clients/web/server/api/documents.h"

namespace vigie::web::api {
namespace {

struct Collection {
  std::string_view id;
  std::string_view title;
  std::string_view description;
};
constexpr std::array<Collection, 3> kCollections{{
    {"units", "Units",
     "Where each unit stands. With a moment as datetime, where each stood then, by true time; with "
     "an interval, the units whose newest position is of that time."},
    {"events", "Events",
     "What happened and was said, by known time, the newest first. The last 24 hours unless "
     "datetime says otherwise. Events without a position have no geometry."},
    {"tracks", "Tracks",
     "A line for each unit, by true time, over the interval of datetime, else over the last hour. "
     "With a bbox, the fixes within it."},
}};
constexpr std::string_view kCrs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

const Collection* find_collection(std::string_view id) {
  for (const Collection& collection : kCollections) {
    if (collection.id == id) return &collection;
  }
  return nullptr;
}

Response no_collection(const std::string& id) {
  return problem(
      404, "no_such_collection",
      fmt::format("there is no collection '{}'; there is units, events, tracks", id.substr(0, 80)));
}

void add_collection(JsonText& json, const Collection& collection, const std::string& base) {
  const std::string address = base + "/collections/" + std::string(collection.id);
  json.begin_object();
  json.text("id", collection.id);
  json.text("title", collection.title);
  json.text("description", collection.description);
  json.text("itemType", "feature");
  json.begin_array("crs");
  json.element(kCrs84);
  json.end_array();
  json.begin_object("extent");
  json.raw("spatial", fmt::format("{{\"bbox\":[[-180,-90,180,90]],\"crs\":\"{}\"}}", kCrs84));
  json.raw("temporal",
           "{\"interval\":[[null,null]],"
           "\"trs\":\"http://www.opengis.net/def/uom/ISO-8601/0/Gregorian\"}");
  json.end_object();
  json.begin_array("links");
  add_link(json, "self", kOgcJson, address, collection.title);
  add_link(json, "items", kOgcGeoJson, address + "/items", collection.title);
  json.end_array();
  json.end_object();
}

/// Refuses what is not known; true when all is well.
bool takes_format_alone(const Call& call) {
  Parameters parameters(*call.request, {"f"});
  read_ogc_format(parameters);
  if (parameters.trouble()) call.refuse(*parameters.trouble());
  return !parameters.trouble();
}

using Endpoint = void (*)(Api&, const Call&);
void with_collection(Api& api, const Call& call, Endpoint units, Endpoint events, Endpoint tracks) {
  const std::string& id = call.parts[0];
  if (id == "units") return units(api, call);
  if (id == "events") return events(api, call);
  if (id == "tracks") return tracks(api, call);
  call.respond(no_collection(id));
}

}  // namespace

void read_ogc_format(Parameters& parameters) {
  parameters.one_of("f", {"json", "geojson"}, 0);
}

std::optional<client::Area> read_bbox(Parameters& parameters) {
  if (!parameters.has("bbox")) return {};
  const auto area = parse_bbox(parameters.text("bbox"));
  if (area) return *area;
  parameters.refuse("parameter 'bbox': " + area.fault().sentence);
  return {};
}

std::optional<OgcTime> read_datetime(Parameters& parameters) {
  if (!parameters.has("datetime")) return {};
  const auto time = parse_ogc_time(parameters.text("datetime"));
  if (time) return *time;
  parameters.refuse("parameter 'datetime': " + time.fault().sentence);
  return {};
}

std::string ogc_members(const OgcPage& page) {
  std::string members = ",\"timeStamp\":\"" + format_time(page.made_us) + "\"";
  if (page.matched) members += fmt::format(",\"numberMatched\":{}", *page.matched);
  members += fmt::format(",\"numberReturned\":{},", page.returned);
  JsonText json(members);
  json.begin_array("links");
  add_link(json, "self", kOgcGeoJson, page.self);
  if (!page.next.empty()) add_link(json, "next", kOgcGeoJson, page.next);
  add_link(json, "collection", kOgcJson, page.base + "/collections/" + page.collection);
  json.end_array();
  return members;
}

Response ogc_feature(const Api& api, const Call& call, std::string feature) {
  const std::string base = ogc_base(*call.request, api.options.base_url);
  feature.pop_back();
  feature += ',';
  JsonText json(feature);
  json.begin_array("links");
  add_link(json, "self", kOgcGeoJson, address_of(*call.request, base));
  add_link(json, "collection", kOgcJson, base + "/collections/" + call.parts[0]);
  json.end_array();
  return answer_geojson(feature + "}\n");
}

void ogc_landing(Api& api, const Call& call) {
  if (!takes_format_alone(call)) return;
  const std::string base = ogc_base(*call.request, api.options.base_url);
  std::string body;
  JsonText json(body);
  json.begin_object();
  json.text("title", "Vigie");
  json.text("description",
            "The live picture, events and tracks of a Vigie hub, as far as you may "
            "see them.");
  json.begin_array("links");
  add_link(json, "self", kOgcJson, base, "This document");
  add_link(json, "service-desc", "application/vnd.oai.openapi+json;version=3.0", base + "/api",
           "The API");
  add_link(json, "conformance", kOgcJson, base + "/conformance", "What it conforms to");
  add_link(json, "data", kOgcJson, base + "/collections", "Collections");
  json.end_array();
  json.end_object();
  call.respond(answer(kOgcJson, body + "\n"));
}

void ogc_conformance(Api&, const Call& call) {
  if (!takes_format_alone(call)) return;
  std::string body;
  JsonText json(body);
  json.begin_object();
  json.begin_array("conformsTo");
  for (const std::string_view part : {"core", "geojson", "oas30"}) {
    json.element(fmt::format("http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{}", part));
  }
  json.end_array();
  json.end_object();
  call.respond(answer(kOgcJson, body + "\n"));
}

void ogc_api(Api& api, const Call& call) {
  if (!takes_format_alone(call)) return;
  constexpr std::string_view kPlace = "@BASE@";
  std::string body(ogc_document());
  std::string base;
  append_json_text(base, ogc_base(*call.request, api.options.base_url));
  base = base.substr(1, base.size() - 2);
  const std::size_t at = body.find(kPlace);
  if (at != std::string::npos) body.replace(at, kPlace.size(), base);
  call.respond(answer("application/vnd.oai.openapi+json;version=3.0", std::move(body)));
}

void ogc_collections(Api& api, const Call& call) {
  if (!takes_format_alone(call)) return;
  const std::string base = ogc_base(*call.request, api.options.base_url);
  std::string body;
  JsonText json(body);
  json.begin_object();
  json.begin_array("links");
  add_link(json, "self", kOgcJson, base + "/collections");
  json.end_array();
  json.begin_array("collections");
  for (const Collection& collection : kCollections) add_collection(json, collection, base);
  json.end_array();
  json.end_object();
  call.respond(answer(kOgcJson, body + "\n"));
}

void ogc_collection(Api& api, const Call& call) {
  if (!takes_format_alone(call)) return;
  const Collection* const collection = find_collection(call.parts[0]);
  if (collection == nullptr) return call.respond(no_collection(call.parts[0]));
  std::string body;
  JsonText json(body);
  add_collection(json, *collection, ogc_base(*call.request, api.options.base_url));
  call.respond(answer(kOgcJson, body + "\n"));
}

void ogc_items(Api& api, const Call& call) {
  with_collection(api, call, ogc_units, ogc_events, ogc_tracks);
}

void ogc_item(Api& api, const Call& call) {
  with_collection(api, call, ogc_unit, ogc_event, ogc_track);
}

}  // namespace vigie::web::api
