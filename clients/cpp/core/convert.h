#pragma once
// Between the public values and the wire's. Pure.

#include "schemas/messages/body.h"
#include "vigie/console.h"
#include "vigie/items.h"
#include "vigie/replay.h"
#include "vigie/values.h"
#include "vigie/view.h"

namespace vigie::client {

wire::Fix to_wire(const Fix& fix);
/// Unit, group and readings are left empty.
Fix from_wire(const wire::Fix& fix);
wire::EventT to_wire(const Event& event);
Event from_wire(const wire::Event& event);
wire::StateT to_wire(const State& state);
State from_wire(const wire::State& state);
std::unique_ptr<wire::ViewT> to_wire(const View& view);
View from_wire(const wire::View& view);
/// An absent list is empty.
std::vector<std::string> texts(
    const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* list);

inline Id128 from_wire(const wire::Spool& spool) {
  return {spool.high(), spool.low()};
}
inline Id128 from_wire(const wire::LogId& log) {
  return {log.high(), log.low()};
}
inline wire::Spool to_spool(const Id128& id) {
  return {id.high, id.low};
}
inline Refusal from_wire(wire::Refusal code) {
  return static_cast<Refusal>(code);
}

inline bool same(const wire::LogId& a, const wire::LogId& b) {
  return a.high() == b.high() && a.low() == b.low();
}

}  // namespace vigie::client
