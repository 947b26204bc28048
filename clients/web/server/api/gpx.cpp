#include "clients/web/server/api/gpx.h"

#include "clients/web/server/api/json_text.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie::web::api {
namespace {

/// Of the values that GPX knows; empty: none of them says it.
std::string_view gpx_fix(client::FixType type) {
  switch (type) {
    case client::FixType::None:
      return "none";
    case client::FixType::TwoD:
      return "2d";
    case client::FixType::ThreeD:
      return "3d";
    case client::FixType::Differential:
      return "dgps";
    default:
      return {};
  }
}

void add_scaled(std::string& out, std::string_view tag, std::int64_t value) {
  out.append("<").append(tag).append(">");
  append_scaled(out, value, 3);
  out.append("</").append(tag).append(">");
}

/// Whether XML 1.0 can hold it: control characters were refused before this is asked.
bool is_non_character(std::string_view character) {
  return character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf";
}

void add_extensions(std::string& out, const client::Fix& fix) {
  if (!fix.speed_mm_s && !fix.course_mdeg && !fix.h_accuracy_mm) return;
  out += "<extensions>";
  if (fix.speed_mm_s) add_scaled(out, "vigie:speed_m_s", *fix.speed_mm_s);
  if (fix.course_mdeg) add_scaled(out, "vigie:course_deg", *fix.course_mdeg);
  if (fix.h_accuracy_mm) add_scaled(out, "vigie:h_acc_m", *fix.h_accuracy_mm);
  out += "</extensions>";
}

}  // namespace

void append_xml_text(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text[0];
    const std::string_view character = text.substr(0, length);
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n';
    if (length == 0 || control || is_non_character(character)) {
      out += "\xef\xbf\xbd";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += character;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

void GpxWriter::begin(std::string& out, const TrackHead& head) {
  out +=
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<gpx version=\"1.1\" creator=\"vigie-web\" xmlns=\"http://www.topografix.com/GPX/1/1\" "
      "xmlns:vigie=\"urn:vigie:gpx:1\">\n<metadata><desc>";
  append_xml_text(out, "from " + format_time(head.from_us) + " until " +
                           format_time(head.until_us) + " by " +
                           (head.clock == client::ReplayClock::True ? "true" : "known") + " time");
  out += "</desc><time>" + format_time(head.made_us) + "</time></metadata>\n";
}

void GpxWriter::fix(std::string& out, const client::FixItem& item) {
  const client::Fix& fix = item.fix;
  if (fix.unit != unit_) {
    if (!unit_.empty()) out += "</trkseg></trk>\n";
    unit_ = fix.unit;
    out += "<trk><name>";
    append_xml_text(out, unit_);
    out += "</name><trkseg>\n";
  }
  out += "<trkpt lat=\"";
  append_degrees(out, fix.lat_e7);
  out += "\" lon=\"";
  // The schema's longitudes end before 180.
  append_degrees(out, fix.lon_e7 == 1'800'000'000 ? -1'800'000'000 : fix.lon_e7);
  out += "\">";
  if (fix.altitude_mm) add_scaled(out, "ele", *fix.altitude_mm);
  out += "<time>" + format_time(item.corrected_true_time_us()) + "</time>";
  if (const std::string_view type = gpx_fix(fix.fix_type); !type.empty()) {
    out.append("<fix>").append(type).append("</fix>");
  }
  if (fix.satellites) out += "<sat>" + std::to_string(*fix.satellites) + "</sat>";
  add_extensions(out, fix);
  out += "</trkpt>\n";
}

void GpxWriter::end(std::string& out, std::span<const std::string> notices) {
  if (!unit_.empty()) out += "</trkseg></trk>\n";
  unit_.clear();
  for (std::string notice : notices) {
    // A comment must not hold two hyphens, nor end with one.
    for (char& c : notice) {
      if (c == '-') c = '~';
    }
    out += "<!-- ";
    append_xml_text(out, notice);
    out += " -->\n";
  }
  out += "</gpx>\n";
}

}  // namespace vigie::web::api
