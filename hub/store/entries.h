#pragma once
// Walks over what bodies hold, as the store's indexes and queries see it. Pure.

#include <algorithm>

#include "schemas/messages/body.h"
#include "schemas/model/picture.h"
#include "schemas/words/times.h"

namespace vigie::store {

inline const wire::BodyHeader& header_of(Bytes body) {
  return *reinterpret_cast<const wire::BodyHeader*>(body.data());
}

/// Cuts the next body off the front of a value that holds several; empty when it is malformed.
inline Bytes cut_body(Bytes& value) {
  if (value.size() < sizeof(wire::BodyHeader)) return {};
  const wire::BodyHeader& header = header_of(value);
  if (header.magic() != kBodyMagic || header.bytes() < sizeof(wire::BodyHeader) ||
      header.bytes() > value.size() || header.last_seq() < header.first_seq()) {
    return {};
  }
  const Bytes body = value.first(header.bytes());
  value = value.subspan(header.bytes());
  return body;
}

/// Calls on_fixes(const wire::UnitFixes&, const wire::Stamp&) for each section of fixes, and
/// on_kept(seq, corrected true time) for each event and state, in order of the body.
template <typename OnFixes, typename OnKept>
void for_each_entry(Bytes body, OnFixes&& on_fixes, OnKept&& on_kept) {
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (block->header->kind() != wire::BlockKind::Batch) continue;
    const wire::Batch& batch = block->batch();
    const auto kept = [&](const auto* entry) {
      if (entry->stamp() == nullptr) return;
      on_kept(entry->stamp()->first_seq(),
              corrected_true_time_us(entry->true_time_us(), entry->clock(),
                                     entry->stamp()->clock_offset_us()));
    };
    for (const wire::Event* event : each(batch.events())) kept(event);
    for (const wire::State* state : each(batch.states())) kept(state);
    for (const wire::UnitFixes* fixes : each(batch.fixes())) {
      if (fixes->stamp() != nullptr) on_fixes(*fixes, *fixes->stamp());
    }
  }
}

/// Calls visit(seq, corrected true time) for each fix of a section.
template <typename Visit>
void for_each_fix(const wire::UnitFixes& fixes, const wire::Stamp& stamp, Visit&& visit) {
  const auto& list = *fixes.fixes();
  for (flatbuffers::uoffset_t i = 0; i < list.size(); ++i) {
    const wire::Fix& fix = *list.Get(i);
    visit(stamp.first_seq() + i,
          corrected_true_time_us(fix.true_time_us(), fix.clock(), stamp.clock_offset_us()));
  }
}

}  // namespace vigie::store
