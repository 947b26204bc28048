#pragma once
// GeoJSON by RFC 7946: longitude first, WGS 84, no line across the antimeridian. Altitudes stand in
// the properties: ours are above mean sea level, a third coordinate would be above the ellipsoid.
// Pure.

#include <span>
#include <string>
#include <string_view>

#include "clients/web/server/api/track_writer.h"
#include "vigie/items.h"

namespace vigie::web::api {

/// Appends [LON,LAT].
void append_position(std::string& out, std::int64_t lat_e7, std::int64_t lon_e7);
/// Appends a Point geometry.
void append_point(std::string& out, std::int32_t lat_e7, std::int32_t lon_e7);
/// Appends a Feature whose properties are the event's fields as in NDJSON; its geometry is null
/// when the event has no position.
void append_event_feature(std::string& out, const client::EventItem& item, std::string_view id);
void append_fix_feature(std::string& out, const client::FixItem& item);

/// Appends what stands before the features of a collection; the features follow, with commas
/// between them, and then collection_end().
void append_collection_begin(std::string& out);
/// `members`: more members of the collection, each with a comma in front; empty: none.
void append_collection_end(std::string& out, std::string_view members = {});
/// ,"notices":[...] for append_collection_end(); empty when there are none.
std::string notices_member(std::span<const std::string> notices);

/// A Feature for each fix.
class PointsWriter final : public TrackWriter {
 public:
  void begin(std::string& out, const TrackHead& head) override;
  void fix(std::string& out, const client::FixItem& item) override;
  void end(std::string& out, std::span<const std::string> notices) override;

 private:
  bool any_ = false;
};

}  // namespace vigie::web::api
