#include "clients/web/server/api/routes.h"

#include <algorithm>
#include <array>

#include "clients/web/server/api/endpoints.h"
#include "clients/web/server/api/grants.h"
#include "clients/web/server/api/ogc.h"

namespace vigie::web::api {
namespace {

constexpr std::array kRoutes{
    Route{"GET", "/api/v1/status", get_status},
    Route{"GET", "/api/v1/trackers", get_trackers},
    Route{"GET", "/api/v1/me", get_me},
    Route{"GET", "/api/v1/openapi.json", get_openapi, false},
    Route{"GET", "/api/v1/units", get_units},
    Route{"GET", "/api/v1/units/{owner}/{name}", get_unit},
    Route{"GET", "/api/v1/units/{owner}/{name}/track", get_unit_track},
    Route{"GET", "/api/v1/tracks", get_tracks},
    Route{"GET", "/api/v1/events", get_events},
    Route{"POST", "/api/v1/events", post_event},
    Route{"GET", "/api/v1/timeline", get_timeline},
    Route{"GET", "/api/v1/density", get_density},
    Route{"GET", "/api/v1/grants", get_grants},
    Route{"POST", "/api/v1/grants", post_grant},
    Route{"DELETE", "/api/v1/grants/{name}", delete_grant},
    Route{"GET", "/ogc", ogc_landing},
    Route{"GET", "/ogc/conformance", ogc_conformance},
    Route{"GET", "/ogc/api", ogc_api},
    Route{"GET", "/ogc/collections", ogc_collections},
    Route{"GET", "/ogc/collections/{collection}", ogc_collection},
    Route{"GET", "/ogc/collections/{collection}/items", ogc_items},
    Route{"GET", "/ogc/collections/{collection}/items/{id}", ogc_item},
};

/// Takes the segment in front of a path that begins with '/'.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& parts) {
  parts.clear();
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern);
    const std::string_view given = take_segment(path);
    if (wanted.starts_with('{')) {
      if (given.empty()) return false;
      parts.emplace_back(given);
    } else if (wanted != given) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

Found find_route(std::string_view method, std::string_view path) {
  Found found;
  if (!path.starts_with('/')) return found;
  std::vector<std::string> parts;
  // One '/' at the end is forgiven: OGC clients join addresses by it.
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route& route : kRoutes) {
    if (!matches(route.path, path, parts)) continue;
    if (route.method == wanted) {
      found.route = &route;
      found.parts = std::move(parts);
      found.allow.clear();
      return found;
    }
    if (!found.allow.empty()) found.allow += ", ";
    found.allow += route.method == "GET" ? "GET, HEAD" : std::string(route.method);
  }
  return found;
}

}  // namespace vigie::web::api
