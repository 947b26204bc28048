#pragma once
// Walks a frame's entries as items. Pure.

#include <functional>

#include "clients/cpp/core/convert.h"
#include "schemas/messages/entry_writer.h"
#include "schemas/messages/frame.h"

namespace vigie::client {

/// The bodies of a frame, each from its BodyHeader on, in order; borrowed from the frame.
void for_each_body(const Frame& frame, const std::function<void(Bytes body)>& sink);

/// One entry of a Batch block and where it stands.
struct EntryPlace {
  const wire::LogId& log;
  const wire::BlockHeader& block;
  const wire::Batch& batch;
};

FixItem fix_item(const EntryPlace& place, const wire::UnitFixes& section, std::uint32_t index);
EventItem event_item(const EntryPlace& place, const wire::Event& event);
StateItem state_item(const EntryPlace& place, const wire::State& state);

inline std::uint64_t first_seq_of(const wire::Stamp* stamp) {
  return stamp == nullptr ? 0 : stamp->first_seq();
}

}  // namespace vigie::client
