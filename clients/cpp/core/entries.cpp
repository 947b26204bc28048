#include "clients/cpp/core/entries.h"

namespace vigie::client {
namespace {

Stamp stamp_of(const EntryPlace& place, const wire::Stamp* wire_stamp, std::uint64_t index,
               const wire::Spool* own, std::uint64_t number) {
  Stamp stamp;
  if (wire_stamp != nullptr) {
    stamp.seq = wire_stamp->first_seq() + index;
    stamp.known_time_us = wire_stamp->known_time_us();
    stamp.clock_offset_us = wire_stamp->clock_offset_us();
  }
  stamp.origin = from_wire(place.log);
  const std::uint64_t origin = place.block.origin_seq();
  stamp.origin_seq = origin == 0 ? stamp.seq : origin + (stamp.seq - place.block.first_seq());
  stamp.name = {from_wire(spool_of(own, place.batch.spool())), number};
  return stamp;
}

}  // namespace

void for_each_body(const Frame& frame, const std::function<void(Bytes body)>& sink) {
  // The frame's bytes begin with its header, and it has verified what lies behind.
  const auto* data = reinterpret_cast<const std::byte*>(&frame.header());
  Bytes rest(data + sizeof(wire::FrameHeader), frame.header().bytes() - sizeof(wire::FrameHeader));
  while (!rest.empty()) {
    const auto* body = reinterpret_cast<const wire::BodyHeader*>(rest.data());
    sink(rest.first(body->bytes()));
    rest = rest.subspan(body->bytes());
  }
}

FixItem fix_item(const EntryPlace& place, const wire::UnitFixes& section, std::uint32_t index) {
  FixItem item;
  const wire::Fix& fix = *section.fixes()->Get(index);
  item.stamp =
      stamp_of(place, section.stamp(), index, section.spool(), section.first_number() + index);
  item.fix = from_wire(fix);
  item.fix.unit = text_of(section.unit());
  item.fix.group = text_of(section.group());
  const std::size_t bytes = section.readings_bytes();
  if (bytes != 0 && size_of(section.readings()) >= bytes * (index + 1)) {
    const std::uint8_t* first = section.readings()->data() + index * bytes;
    item.fix.readings.assign(first, first + bytes);
  }
  item.late = (fix.marks() & static_cast<unsigned>(wire::FixMark::Late)) != 0;
  item.aside = (fix.marks() & static_cast<unsigned>(wire::FixMark::Aside)) != 0;
  item.implausible = (fix.marks() & static_cast<unsigned>(wire::FixMark::Implausible)) != 0;
  if (section.stamp() != nullptr) item.count = section.stamp()->first_count() + index;
  return item;
}

EventItem event_item(const EntryPlace& place, const wire::Event& event) {
  return {stamp_of(place, event.stamp(), 0, event.spool(), event.number()), from_wire(event)};
}

StateItem state_item(const EntryPlace& place, const wire::State& state) {
  StateItem item;
  item.stamp = stamp_of(place, state.stamp(), 0, state.spool(), state.number());
  item.state = from_wire(state);
  return item;
}

}  // namespace vigie::client
