#pragma once
// What requests to /ogc (OGC API - Features 1.0) have in common: addresses, links, bbox and
// datetime. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/parameters.h"

namespace vigie::web::api {

inline constexpr std::string_view kOgcGeoJson = "application/geo+json";
inline constexpr std::string_view kOgcJson = "application/json";
inline constexpr std::size_t kOgcLimitMax = 10'000;

/// WEST,SOUTH,EAST,NORTH, or with heights, which are left out. What lies beyond the poles or the
/// antimeridian is cut, as maps ask for it. Fails with Invalid.
Result<client::Area> parse_bbox(std::string_view text);

/// A moment, or an interval that may be open: "A", "A/B", "../B", "A/..".
struct OgcTime {
  bool instant = false;
  std::optional<std::int64_t> from_us = {};
  std::optional<std::int64_t> until_us = {};  // included
};
/// Fails with Invalid.
Result<OgcTime> parse_ogc_time(std::string_view text);

/// SCHEME://HOST/ogc, as the caller sees this server, or below the configured address.
std::string ogc_base(const Request& request, const std::string& base_url);
std::string percent_encoded(std::string_view text);
/// The address of the request with that parameter in place of the one it had.
std::string address_with(const Request& request, const std::string& base, std::string_view name,
                         std::string_view value);
std::string address_of(const Request& request, const std::string& base);

/// One element of `links`.
void add_link(JsonText& json, std::string_view rel, std::string_view type, std::string_view href,
              std::string_view title = {});

/// OWNER:NAME of OWNER/NAME, since ids stand in paths.
std::string feature_id(std::string_view unit);
/// OWNER/NAME and the part. Empty when it is no such id.
struct FeatureId {
  std::string unit = {};
  int part = 1;
};
std::optional<FeatureId> parse_feature_id(std::string_view id);

}  // namespace vigie::web::api
