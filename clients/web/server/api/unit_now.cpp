#include "clients/web/server/api/unit_now.h"

#include <algorithm>

#include "clients/web/server/api/geojson.h"
#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/words.h"
#include "schemas/messages/names.h"

namespace vigie::web::api {
namespace {

void add_card(JsonText& json, const client::UnitCard& card, bool all) {
  if (!card.call_sign.empty()) json.text("call_sign", card.call_sign);
  if (!card.unit_kind.empty()) json.text("unit_kind", card.unit_kind);
  if (!card.symbol.empty()) json.text("symbol", card.symbol);
  if (!card.carried_by.empty()) json.text("carried_by", card.carried_by);
  if (!all || card.carries.empty()) return;
  json.begin_array("carries");
  for (const std::string& unit : card.carries) json.element(unit);
  json.end_array();
}

void add_position(JsonText& json, const client::FixItem& item) {
  const client::Fix& fix = item.fix;
  json.scaled("lat", fix.lat_e7, 7, 7);
  json.scaled("lon", fix.lon_e7, 7, 7);
  if (fix.altitude_mm) json.scaled("alt_m", *fix.altitude_mm, 3, 1);
  if (fix.speed_mm_s) json.scaled("speed_m_s", *fix.speed_mm_s, 3, 1);
  if (fix.course_mdeg) json.scaled("course_deg", *fix.course_mdeg, 3, 1);
  if (fix.h_accuracy_mm) json.scaled("h_acc_m", *fix.h_accuracy_mm, 3, 1);
  if (fix.battery_percent) json.number("battery_percent", int{*fix.battery_percent});
  if (item.implausible) json.flag("implausible", true);
}

void add_source(JsonText& json, const client::FixItem& item) {
  const client::Fix& fix = item.fix;
  if (fix.v_accuracy_mm) json.scaled("v_acc_m", *fix.v_accuracy_mm, 3, 1);
  if (fix.fix_type != client::FixType::Unknown) json.text("fix_type", fix_type_name(fix.fix_type));
  if (fix.source != client::FixSource::Unknown) json.text("source", fix_source_name(fix.source));
  if (fix.satellites) json.number("satellites", int{*fix.satellites});
  json.time("true_time", fix.true_time_us);
  json.time("known_time", item.stamp.known_time_us);
  json.text("clock", clock_name(fix.clock));
  json.scaled("clock_offset_s", item.stamp.clock_offset_us, 6);
  json.text("spool", item.stamp.name.spool.text());
  json.number("number", item.stamp.name.number);
}

void add_unit(JsonText& json, const PictureNow& picture, const UnitNow& unit, bool all) {
  const std::string& name = unit.fix.fix.unit;
  json.text("unit", name);
  json.text("owner", owner_of(name));
  json.text("name", std::string_view(name).substr(owner_of(name).size() + 1));
  if (!unit.fix.fix.group.empty()) json.text("group", unit.fix.fix.group);
  if (unit.card) add_card(json, *unit.card, all);
  add_position(json, unit.fix);
  json.time("time", unit.fix.position_time_us());
  if (unit.delay_known) {
    const std::int64_t delay_us = unit.fix.stamp.known_time_us - unit.fix.position_time_us();
    json.scaled("delay_s", delay_us / 1000, 3, 1);
  }
  json.text("freshness", freshness_name(freshness_of(picture, unit)));
  const std::int64_t age = age_us(picture, unit);
  if (age >= 0) json.scaled("age_s", age / 1000, 3, 1);
  json.number("seq", unit.fix.stamp.seq);
  json.number("fixes", unit.fix.count);
  if (all) add_source(json, unit.fix);
}

}  // namespace

std::int64_t age_us(const PictureNow& picture, const UnitNow& unit) {
  if (picture.time_us == 0) return -1;
  return std::max<std::int64_t>(0, picture.time_us - unit.fix.position_time_us());
}

client::Freshness freshness_of(const PictureNow& picture, const UnitNow& unit) {
  const std::int64_t age = age_us(picture, unit);
  if (age < 0 || picture.overdue_after_ms == 0) return client::Freshness::Unknown;
  if (age > std::int64_t{picture.silent_after_ms} * 1000) return client::Freshness::Silent;
  if (age > std::int64_t{picture.overdue_after_ms} * 1000) return client::Freshness::Overdue;
  return client::Freshness::Fresh;
}

void append_unit_json(std::string& out, const PictureNow& picture, const UnitNow& unit, bool all) {
  JsonText json(out);
  json.begin_object();
  add_unit(json, picture, unit, all);
  json.end_object();
}

void append_unit_feature(std::string& out, const PictureNow& picture, const UnitNow& unit,
                         std::string_view id) {
  JsonText json(out);
  json.begin_object();
  json.text("type", "Feature");
  json.text("id", id);
  std::string point;
  append_point(point, unit.fix.fix.lat_e7, unit.fix.fix.lon_e7);
  json.raw("geometry", point);
  json.begin_object("properties");
  add_unit(json, picture, unit, false);
  json.end_object();
  json.end_object();
}

}  // namespace vigie::web::api
