#pragma once
// OGC API - Features 1.0 (core, GeoJSON, OpenAPI 3.0) at /ogc: the live picture, events and tracks
// as layers for QGIS and GDAL. Net thread; each answers once, later perhaps.
//
//   units   where each unit stands; with a moment as `datetime`, where each stood then (true time)
//   events  the log, by known time; the last 24 hours unless `datetime` says otherwise
//   tracks  a line for each unit over `datetime`, else over the last hour

#include "clients/web/server/api/api.h"
#include "clients/web/server/api/ogc_request.h"

namespace vigie::web::api {

void ogc_landing(Api& api, const Call& call);
void ogc_conformance(Api& api, const Call& call);
void ogc_api(Api& api, const Call& call);
void ogc_collections(Api& api, const Call& call);
void ogc_collection(Api& api, const Call& call);
void ogc_items(Api& api, const Call& call);
void ogc_item(Api& api, const Call& call);

// Of each collection, behind ogc_items() and ogc_item().
void ogc_units(Api& api, const Call& call);
void ogc_unit(Api& api, const Call& call);
void ogc_events(Api& api, const Call& call);
void ogc_event(Api& api, const Call& call);
void ogc_tracks(Api& api, const Call& call);
void ogc_track(Api& api, const Call& call);

/// The `f` that every resource takes: JSON alone.
void read_ogc_format(Parameters& parameters);
std::optional<client::Area> read_bbox(Parameters& parameters);
/// Empty when it was not given.
std::optional<OgcTime> read_datetime(Parameters& parameters);
/// The members of a page behind its features: links, time stamp, numbers. `next`: its address,
/// empty: it is the last one.
struct OgcPage {
  std::string base = {};
  std::string collection = {};
  std::string self = {};
  std::string next = {};
  std::size_t returned = 0;
  std::optional<std::size_t> matched = {};
  std::int64_t made_us = 0;
};
std::string ogc_members(const OgcPage& page);
/// A Feature with its links. `feature`: as written, it ends with '}'.
Response ogc_feature(const Api& api, const Call& call, std::string feature);

}  // namespace vigie::web::api
