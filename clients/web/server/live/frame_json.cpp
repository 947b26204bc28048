// A frame as JSON. Written by hand: a shared frame may hold thousands of fixes.

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "clients/web/server/live/frame_writer.h"

namespace vigie::web {
namespace {

/// An object or list under way.
class Json {
 public:
  explicit Json(std::string& out) : out_(out) {}

  void key(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }
  template <typename Number>
  void number(std::string_view name, Number value) {
    key(name);
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  template <typename Number>
  void number_unless_zero(std::string_view name, Number value) {
    if (value != 0) number(name, value);
  }
  void text(std::string_view name, const flatbuffers::String* value) {
    if (value == nullptr || value->size() == 0) return;
    key(name);
    append(*value);
  }
  void flag(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }
  /// One in a list.
  void append(const flatbuffers::String& value) {
    out_ +=
        nlohmann::json(value.str()).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  template <typename Vector, typename Write>
  void list(std::string_view name, const Vector* values, const Write& write) {
    if (values == nullptr || values->size() == 0) return;
    key(name);
    out_ += '[';
    bool first = true;
    for (const auto& value : *values) {
      if (!first) out_ += ',';
      first = false;
      write(value);
    }
    out_ += ']';
  }
  template <typename Vector, typename Write>
  void objects(std::string_view name, const Vector* values, const Write& write) {
    list(name, values, [&](const auto& value) {
      out_ += '{';
      Json inner(out_);
      write(inner, *value);
      out_ += '}';
    });
  }
  std::string& out() { return out_; }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  std::string& out_;
  bool first_ = true;
};

void write_fix(Json& json, const wire::PageFix& fix) {
  json.number("seq", fix.seq());
  json.number("time_us", fix.time_us());
  json.number("unit", fix.unit());
  json.number("lat_e7", fix.lat_e7());
  json.number("lon_e7", fix.lon_e7());
  json.number("count", fix.count());
  json.number("delay_ms", fix.delay_ms());
  json.number("altitude_dm", fix.altitude_dm());
  json.number("speed_cm_s", fix.speed_cm_s());
  json.number("course_cdeg", fix.course_cdeg());
  json.number("accuracy_dm", fix.accuracy_dm());
  json.number("flags", static_cast<unsigned>(fix.flags()));
  json.number("battery_percent", static_cast<unsigned>(fix.battery_percent()));
}

void write_event(Json& json, const wire::Event& event) {
  json.number("seq", event.seq());
  json.text("unit", event.unit());
  json.text("group", event.group());
  json.number("time_us", event.time_us());
  json.number("known_us", event.known_us());
  json.text("kind", event.kind());
  json.number("severity", static_cast<unsigned>(event.severity()));
  json.text("text", event.text());
  if (const wire::Place* place = event.position()) {
    json.key("position");
    json.out() += fmt::format(R"({{"lat_e7":{},"lon_e7":{}}})", place->lat_e7(), place->lon_e7());
  }
  json.text("name", event.name());
  json.list("references", event.references(),
            [&](const flatbuffers::String* name) { json.append(*name); });
  json.objects("fields", event.fields(), [](Json& inner, const wire::Field& field) {
    inner.text("key", field.key());
    inner.key("value");
    inner.append(*field.value());
  });
}

void write_card(Json& json, const wire::Card& card) {
  json.number("seq", card.seq());
  json.text("unit", card.unit());
  json.text("group", card.group());
  json.flag("deleted", card.deleted());
  json.text("call_sign", card.call_sign());
  json.text("unit_kind", card.unit_kind());
  json.text("symbol", card.symbol());
  json.text("carried_by", card.carried_by());
}

}  // namespace

std::string json_of(const wire::Frame& frame) {
  std::string out = R"({"type":"frame",)";
  Json json(out);
  json.number("kind", static_cast<unsigned>(frame.kind()));
  json.number_unless_zero("request", frame.request());
  json.objects("names", frame.names(), [](Json& inner, const wire::UnitName& name) {
    inner.number("index", name.index());
    inner.text("name", name.name());
    inner.text("group", name.group());
  });
  json.objects("events", frame.events(), write_event);
  json.objects("cards", frame.cards(), write_card);
  json.objects("fixes", frame.fixes(), write_fix);
  json.list("leaves", frame.leaves(),
            [&](std::uint32_t unit) { fmt::format_to(std::back_inserter(out), "{}", unit); });
  if (frame.first_page()) json.flag("first_page", true);
  if (frame.last_page()) json.flag("last_page", true);
  json.number_unless_zero("conflated", frame.conflated());
  json.number("event_seq", frame.event_seq());
  json.number("fix_seq", frame.fix_seq());
  json.number("hub_time_us", frame.hub_time_us());
  json.number_unless_zero("lost_first", frame.lost_first());
  json.number_unless_zero("lost_last", frame.lost_last());
  out += '}';
  return out;
}

}  // namespace vigie::web
