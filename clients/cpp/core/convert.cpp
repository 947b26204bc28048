#include "clients/cpp/core/convert.h"

#include "clients/cpp/core/convert_access.h"

namespace vigie::client {
namespace {

static_assert(static_cast<int>(Refusal::AccessChanged) == static_cast<int>(wire::Refusal::MAX));
static_assert(static_cast<int>(FixType::Manual) == static_cast<int>(wire::FixType::MAX));
static_assert(static_cast<int>(FixSource::Replayed) == static_cast<int>(wire::FixSource::MAX));
static_assert(static_cast<int>(Severity::Severe) == static_cast<int>(wire::Severity::MAX));
static_assert(static_cast<int>(StateKind::Grant) == static_cast<int>(wire::StateKind::MAX));
static_assert(static_cast<int>(StartKind::NowNoSnapshot) == static_cast<int>(wire::StartKind::MAX));
static_assert(static_cast<int>(ReplayPhase::Failed) == static_cast<int>(wire::ReplayPhase::MAX));

template <typename T>
std::optional<T> known(T value, T unknown) {
  return value == unknown ? std::nullopt : std::optional<T>(value);
}

std::string text(const flatbuffers::String* string) {
  return std::string(text_of(string));
}

}  // namespace

wire::Fix to_wire(const Fix& fix) {
  return wire::Fix(fix.true_time_us, fix.lat_e7, fix.lon_e7,
                   fix.altitude_mm.value_or(kUnknownAltitude), fix.speed_mm_s.value_or(kUnknownU32),
                   fix.course_mdeg.value_or(kUnknownU32), fix.h_accuracy_mm.value_or(kUnknownU32),
                   fix.v_accuracy_mm.value_or(kUnknownU32), static_cast<wire::Clock>(fix.clock),
                   static_cast<wire::FixType>(fix.fix_type), fix.satellites.value_or(kUnknownU8),
                   fix.battery_percent.value_or(kUnknownU8),
                   static_cast<wire::FixSource>(fix.source), 0, 0);
}

Fix from_wire(const wire::Fix& fix) {
  Fix value;
  value.true_time_us = fix.true_time_us();
  value.clock = static_cast<ClockKind>(fix.clock());
  value.lat_e7 = fix.lat_e7();
  value.lon_e7 = fix.lon_e7();
  value.altitude_mm = known(fix.altitude_mm(), kUnknownAltitude);
  value.speed_mm_s = known(fix.speed_mm_s(), kUnknownU32);
  value.course_mdeg = known(fix.course_mdeg(), kUnknownU32);
  value.h_accuracy_mm = known(fix.h_accuracy_mm(), kUnknownU32);
  value.v_accuracy_mm = known(fix.v_accuracy_mm(), kUnknownU32);
  value.fix_type = static_cast<FixType>(fix.fix_type());
  value.source = static_cast<FixSource>(fix.source());
  value.satellites = known(fix.satellites(), kUnknownU8);
  value.battery_percent = known(fix.battery_percent(), kUnknownU8);
  return value;
}

wire::EventT to_wire(const Event& event) {
  wire::EventT native;
  native.stamp = std::make_unique<wire::Stamp>();
  native.unit = event.unit;
  native.group = event.group;
  native.true_time_us = event.true_time_us;
  native.clock = static_cast<wire::Clock>(event.clock);
  native.kind = event.kind;
  native.severity = static_cast<wire::Severity>(event.severity);
  native.text = event.text;
  if (event.position) {
    native.position =
        std::make_unique<wire::Position>(event.position->lat_e7, event.position->lon_e7);
  }
  for (const MessageName& name : event.references) {
    native.references.emplace_back(to_spool(name.spool), name.number);
  }
  for (const Field& field : event.fields) {
    auto& added = native.fields.emplace_back(std::make_unique<wire::FieldT>());
    added->key = field.key;
    added->value = field.value;
  }
  return native;
}

Event from_wire(const wire::Event& event) {
  Event value;
  value.unit = text(event.unit());
  value.group = text(event.group());
  value.true_time_us = event.true_time_us();
  value.clock = static_cast<ClockKind>(event.clock());
  value.kind = text(event.kind());
  value.severity = static_cast<Severity>(event.severity());
  value.text = text(event.text());
  if (event.position() != nullptr) {
    value.position = Place{event.position()->lat_e7(), event.position()->lon_e7()};
  }
  for (const wire::MessageName* name : each(event.references())) {
    value.references.push_back({from_wire(name->spool()), name->number()});
  }
  for (const wire::Field* field : each(event.fields())) {
    value.fields.push_back({text(field->key()), text(field->value())});
  }
  return value;
}

wire::StateT to_wire(const State& state) {
  wire::StateT native;
  native.stamp = std::make_unique<wire::Stamp>();
  native.kind = static_cast<wire::StateKind>(state.kind);
  native.name = state.name;
  native.group = state.group;
  native.true_time_us = state.true_time_us;
  native.clock = static_cast<wire::Clock>(state.clock);
  native.deleted = state.deleted;
  if (state.deleted) return native;
  add_access(state, native);
  if (state.kind != StateKind::UnitCard) return native;
  native.card = std::make_unique<wire::UnitCardT>();
  native.card->call_sign = state.card.call_sign;
  native.card->unit_kind = state.card.unit_kind;
  native.card->symbol = state.card.symbol;
  native.card->carried_by = state.card.carried_by;
  native.card->carries = state.card.carries;
  return native;
}

State from_wire(const wire::State& state) {
  State value;
  value.kind = static_cast<StateKind>(state.kind());
  value.name = text(state.name());
  value.group = text(state.group());
  value.true_time_us = state.true_time_us();
  value.clock = static_cast<ClockKind>(state.clock());
  value.deleted = state.deleted();
  read_access(state, value);
  if (const wire::UnitCard* card = state.card()) {
    value.card.call_sign = text(card->call_sign());
    value.card.unit_kind = text(card->unit_kind());
    value.card.symbol = text(card->symbol());
    value.card.carried_by = text(card->carried_by());
    value.card.carries = texts(card->carries());
  }
  return value;
}

std::unique_ptr<wire::ViewT> to_wire(const View& view) {
  auto native = std::make_unique<wire::ViewT>();
  native->channels = view.channels;
  const unsigned classes =
      (view.fixes ? 1u : 0u) | (view.events ? 2u : 0u) | (view.states ? 4u : 0u);
  native->classes = static_cast<wire::Class>(classes == 7 ? 0 : classes);
  native->units = view.units;
  if (view.area) {
    native->area = std::make_unique<wire::Area>(view.area->west_e7, view.area->south_e7,
                                                view.area->east_e7, view.area->north_e7);
  }
  native->pace_ms = view.pace_ms;
  native->area_cuts_events = view.area_cuts_events;
  return native;
}

View from_wire(const wire::View& view) {
  View value;
  value.channels = texts(view.channels());
  const auto classes = static_cast<unsigned>(view.classes());
  value.fixes = classes == 0 || (classes & 1u) != 0;
  value.events = classes == 0 || (classes & 2u) != 0;
  value.states = classes == 0 || (classes & 4u) != 0;
  value.units = texts(view.units());
  if (const wire::Area* area = view.area()) {
    value.area = Area{area->west_e7(), area->south_e7(), area->east_e7(), area->north_e7()};
  }
  value.pace_ms = view.pace_ms();
  value.area_cuts_events = view.area_cuts_events();
  return value;
}

std::vector<std::string> texts(
    const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* list) {
  std::vector<std::string> all;
  for (const auto* one : each(list)) all.emplace_back(text_of(one));
  return all;
}

}  // namespace vigie::client
