#include "clients/web/server/api/geojson.h"

#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/ndjson.h"
#include "clients/web/server/api/words.h"

namespace vigie::web::api {

void append_position(std::string& out, std::int64_t lat_e7, std::int64_t lon_e7) {
  out += '[';
  append_degrees(out, lon_e7);
  out += ',';
  append_degrees(out, lat_e7);
  out += ']';
}

void append_point(std::string& out, std::int32_t lat_e7, std::int32_t lon_e7) {
  out += "{\"type\":\"Point\",\"coordinates\":";
  append_position(out, lat_e7, lon_e7);
  out += '}';
}

void append_event_feature(std::string& out, const client::EventItem& item, std::string_view id) {
  out += "{\"type\":\"Feature\",\"id\":";
  append_json_text(out, id);
  out += ",\"geometry\":";
  if (item.event.position) {
    append_point(out, item.event.position->lat_e7, item.event.position->lon_e7);
  } else {
    out += "null";
  }
  out += ",\"properties\":";
  append_event_json(out, item);
  out += '}';
}

void append_fix_feature(std::string& out, const client::FixItem& item) {
  out += "{\"type\":\"Feature\",\"id\":";
  append_json_text(out, message_name(item.stamp.name));
  out += ",\"geometry\":";
  append_point(out, item.fix.lat_e7, item.fix.lon_e7);
  out += ",\"properties\":";
  append_fix_json(out, item);
  out += '}';
}

void append_collection_begin(std::string& out) {
  out += "{\"type\":\"FeatureCollection\",\"features\":[";
}

void append_collection_end(std::string& out, std::string_view members) {
  out += ']';
  out += members;
  out += "}\n";
}

std::string notices_member(std::span<const std::string> notices) {
  if (notices.empty()) return {};
  std::string member = ",\"notices\":[";
  for (const std::string& notice : notices) {
    if (member.back() != '[') member += ',';
    append_json_text(member, notice);
  }
  return member + "]";
}

void PointsWriter::begin(std::string& out, const TrackHead&) {
  append_collection_begin(out);
}

void PointsWriter::fix(std::string& out, const client::FixItem& item) {
  out += any_ ? ",\n" : "\n";
  any_ = true;
  append_fix_feature(out, item);
}

void PointsWriter::end(std::string& out, std::span<const std::string> notices) {
  append_collection_end(out, notices_member(notices));
}

}  // namespace vigie::web::api
