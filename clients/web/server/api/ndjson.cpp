#include "clients/web/server/api/ndjson.h"

#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/words.h"

namespace vigie::web::api {
namespace {

void add_stamp(JsonText& line, const client::Stamp& stamp, std::string_view channel) {
  line.number("seq", stamp.seq);
  line.text("origin", stamp.origin.text());
  line.number("origin_seq", stamp.origin_seq);
  line.text("channel", channel);
}

void add_times(JsonText& line, std::string_view message_class, std::int64_t true_time_us,
               client::ClockKind clock, const client::Stamp& stamp) {
  line.text("class", message_class);
  line.time("true_time", true_time_us);
  line.time("known_time", stamp.known_time_us);
  line.text("clock", clock_name(clock));
  if (stamp.clock_offset_us != 0) line.scaled("clock_offset_s", stamp.clock_offset_us, 6);
}

void add_position(JsonText& line, std::int32_t lat_e7, std::int32_t lon_e7) {
  line.scaled("lat", lat_e7, 7, 7);
  line.scaled("lon", lon_e7, 7, 7);
}

void add_name(JsonText& line, const client::Stamp& stamp) {
  line.text("spool", stamp.name.spool.text());
  line.number("number", stamp.name.number);
}

void add_measures(JsonText& line, const client::Fix& fix) {
  if (fix.altitude_mm) line.scaled("alt_m", *fix.altitude_mm, 3);
  if (fix.speed_mm_s) line.scaled("speed_m_s", *fix.speed_mm_s, 3);
  if (fix.course_mdeg) line.scaled("course_deg", *fix.course_mdeg, 3);
  if (fix.h_accuracy_mm) line.scaled("h_acc_m", *fix.h_accuracy_mm, 3);
  if (fix.v_accuracy_mm) line.scaled("v_acc_m", *fix.v_accuracy_mm, 3);
  if (fix.fix_type != client::FixType::Unknown) line.text("fix_type", fix_type_name(fix.fix_type));
  if (fix.source != client::FixSource::Unknown) line.text("source", fix_source_name(fix.source));
  if (fix.satellites) line.number("satellites", *fix.satellites);
  if (fix.battery_percent) line.number("battery_percent", *fix.battery_percent);
}

}  // namespace

void append_fix_json(std::string& out, const client::FixItem& item) {
  JsonText line(out);
  line.begin_object();
  add_stamp(line, item.stamp, channel_of(item));
  line.text("unit", item.fix.unit);
  add_times(line, "track", item.fix.true_time_us, item.fix.clock, item.stamp);
  add_position(line, item.fix.lat_e7, item.fix.lon_e7);
  add_measures(line, item.fix);
  line.number("count", item.count);
  if (item.conflated != 0) line.number("conflated", item.conflated);
  if (item.late) line.flag("late", true);
  if (item.aside) line.flag("aside", true);
  if (item.implausible) line.flag("implausible", true);
  if (item.snapshot) line.flag("snapshot", true);
  add_name(line, item.stamp);
  line.end_object();
}

void append_event_json(std::string& out, const client::EventItem& item) {
  const client::Event& event = item.event;
  JsonText line(out);
  line.begin_object();
  add_stamp(line, item.stamp, channel_of(item));
  line.text("unit", event.unit);
  add_times(line, "event", event.true_time_us, event.clock, item.stamp);
  line.text("kind", event.kind);
  line.text("severity", severity_name(event.severity));
  if (!event.text.empty()) line.text("text", event.text);
  if (event.position) add_position(line, event.position->lat_e7, event.position->lon_e7);
  if (!event.fields.empty()) {
    std::string fields = "{";
    for (const client::Field& field : event.fields) {
      if (fields.size() > 1) fields += ',';
      append_json_text(fields, field.key);
      fields += ':';
      append_json_text(fields, field.value);
    }
    line.raw("fields", fields + "}");
  }
  if (!event.references.empty()) {
    line.begin_array("references");
    for (const client::MessageName& name : event.references) {
      line.begin_object();
      line.text("spool", name.spool.text());
      line.number("number", name.number);
      line.end_object();
    }
    line.end_array();
  }
  add_name(line, item.stamp);
  line.end_object();
}

void append_notice_json(std::string& out, std::string_view text) {
  JsonText line(out);
  line.begin_object();
  line.text("notice", "replay");
  line.text("reason", text);
  line.end_object();
}

}  // namespace vigie::web::api
