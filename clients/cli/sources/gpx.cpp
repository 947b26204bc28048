#include "clients/cli/sources/gpx.h"

#include <fmt/format.h>

#include <cstring>
#include <pugixml.hpp>

#include "clients/cli/sources/decimal.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

/// The name without its namespace prefix.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string_view text_in(const pugi::xml_node& node) {
  return trimmed(node.child_value());
}

std::string place_of(const pugi::xml_node& point, std::size_t number) {
  return fmt::format("point {} (byte {}), lat='{}' lon='{}'", number, point.offset_debug(),
                     point.attribute("lat").value(), point.attribute("lon").value());
}

client::FixType fix_type_of(std::string_view text) {
  if (text == "none") return client::FixType::None;
  if (text == "2d") return client::FixType::TwoD;
  if (text == "3d" || text == "pps") return client::FixType::ThreeD;
  if (text == "dgps") return client::FixType::Differential;
  return client::FixType::Unknown;
}

void take_value(std::string_view name, std::string_view text, client::Fix& fix) {
  if (name == "fix") fix.fix_type = fix_type_of(text);
  const auto milli = parse_scaled(text, 3);
  if (!milli) return;
  if (name == "ele") fix.altitude_mm = altitude_from_mm(*milli);
  if (name == "speed") fix.speed_mm_s = known_or_unknown(*milli);
  if (name == "course") fix.course_mdeg = course_from_milli(*milli);
  if (name == "hdop") fix.h_accuracy_mm = accuracy_from_dilution(*milli);
  if (name == "vdop") fix.v_accuracy_mm = accuracy_from_dilution(*milli);
  if (name == "sat") fix.satellites = satellites_from(*milli / 1000);
}

/// Speed and course stand either in <extensions> or one level below, in a vendor's element.
void take_extensions(const pugi::xml_node& extensions, client::Fix& fix) {
  for (const pugi::xml_node& outer : extensions.children()) {
    const std::string_view name = local_name(outer);
    if (name == "speed" || name == "course") take_value(name, text_in(outer), fix);
    for (const pugi::xml_node& inner : outer.children()) {
      const std::string_view inner_name = local_name(inner);
      if (inner_name == "speed" || inner_name == "course") {
        take_value(inner_name, text_in(inner), fix);
      }
    }
  }
}

void take_point(const pugi::xml_node& point, std::size_t number, GpxTrack& track) {
  const auto lat = parse_scaled(trimmed(point.attribute("lat").value()), 7);
  const auto lon = parse_scaled(trimmed(point.attribute("lon").value()), 7);
  if (!lat || !lon || !is_latitude(*lat) || !is_longitude(*lon)) {
    track.skips.add("points without a valid position", place_of(point, number));
    return;
  }
  client::Fix fix;
  fix.clock = client::ClockKind::Satellite;
  fix.source = client::FixSource::Satellite;
  fix.lat_e7 = static_cast<std::int32_t>(*lat);
  fix.lon_e7 = static_cast<std::int32_t>(*lon);
  std::string_view time;
  for (const pugi::xml_node& child : point.children()) {
    const std::string_view name = local_name(child);
    if (name == "time")
      time = text_in(child);
    else if (name == "extensions")
      take_extensions(child, fix);
    else
      take_value(name, text_in(child), fix);
  }
  if (time.empty()) {
    track.skips.add("points without a time", place_of(point, number));
    return;
  }
  const auto time_us = parse_time(time);
  if (!time_us || *time_us < kTrueTimeUsMin || *time_us >= kTrueTimeUsMax) {
    track.skips.add("points with a time that is not valid or not in 2000..2100",
                    fmt::format("point {}: '{}'", number, time.substr(0, 40)));
    return;
  }
  fix.true_time_us = *time_us;
  track.fixes.push_back(fix);
}

}  // namespace

Result<GpxTrack> parse_gpx(std::span<const std::uint8_t> document) {
  if (document.size() > kGpxBytesMax) {
    return Fault{FaultCode::Invalid, fmt::format("the GPX document is larger than {} MB",
                                                 kGpxBytesMax / (1024 * 1024))};
  }
  pugi::xml_document xml;
  const pugi::xml_parse_result parsed =
      xml.load_buffer(document.data(), document.size(), pugi::parse_default, pugi::encoding_auto);
  if (!parsed) {
    return Fault{FaultCode::Invalid, fmt::format("not well-formed XML at byte {}: {}",
                                                 parsed.offset, parsed.description())};
  }
  const pugi::xml_node root = xml.document_element();
  if (local_name(root) != "gpx") {
    return Fault{FaultCode::Invalid, fmt::format("the root element is <{}>, not <gpx>",
                                                 std::string_view(root.name()).substr(0, 40))};
  }
  GpxTrack track;
  std::size_t number = 0;
  for (const pugi::xml_node& trk : root.children()) {
    if (local_name(trk) != "trk") continue;
    for (const pugi::xml_node& segment : trk.children()) {
      if (local_name(segment) != "trkseg") continue;
      for (const pugi::xml_node& point : segment.children()) {
        if (local_name(point) == "trkpt") take_point(point, ++number, track);
      }
    }
  }
  return track;
}

}  // namespace vigie::cli
