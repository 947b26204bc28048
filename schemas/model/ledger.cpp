#include "schemas/model/ledger.h"

#include <algorithm>

namespace vigie {
namespace {

constexpr SpoolKey kNoSpool{};

}  // namespace

void Ledger::fold(Bytes body) {
  const auto known_time_us =
      reinterpret_cast<const wire::BodyHeader*>(body.data())->known_time_us();
  const auto settle = [&](const wire::Spool& spool_name, std::uint64_t first, std::uint64_t last,
                          std::int64_t heard_us) {
    if (key_of(spool_name) == kNoSpool) return;
    SpoolRecord& record = spool(spool_name);
    if (last >= first && first != 0) record.settled.add(first, last);
    record.last_known_time_us = std::max(record.last_known_time_us, heard_us);
  };
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (block->header->kind() == wire::BlockKind::Settled) {
      const wire::Settled& settled = block->settled();
      const wire::Spool name = spool_of(nullptr, settled.spool());
      const std::int64_t heard_us =
          settled.known_time_us() != 0 ? settled.known_time_us() : known_time_us;
      settle(name, 0, 0, heard_us);
      if (settled.closed() && key_of(name) != kNoSpool) spool(name).closed = true;
      for (const wire::NumberRange* range : each(settled.ranges())) {
        settle(name, range->first(), range->last(), heard_us);
      }
    }
    if (block->header->kind() != wire::BlockKind::Batch) continue;
    const wire::Batch& batch = block->batch();
    for (const wire::Event* event : each(batch.events())) {
      const std::int64_t heard_us = event->stamp() ? event->stamp()->known_time_us() : 0;
      settle(spool_of(event->spool(), batch.spool()), event->number(), event->number(), heard_us);
    }
    for (const wire::State* state : each(batch.states())) {
      const std::int64_t heard_us = state->stamp() ? state->stamp()->known_time_us() : 0;
      settle(spool_of(state->spool(), batch.spool()), state->number(), state->number(), heard_us);
    }
    for (const wire::UnitFixes* fixes : each(batch.fixes())) {
      const std::int64_t heard_us = fixes->stamp() ? fixes->stamp()->known_time_us() : 0;
      settle(spool_of(fixes->spool(), batch.spool()), fixes->first_number(),
             fixes->first_number() + fixes->fixes()->size() - 1, heard_us);
    }
  }
}

const SpoolRecord* Ledger::find(const wire::Spool& spool_name) const {
  const auto found = spools_.find(key_of(spool_name));
  return found == spools_.end() ? nullptr : &found->second;
}

void Ledger::close_silent(std::int64_t before_us) {
  for (auto& [key, record] : spools_) {
    if (record.closed || record.last_known_time_us >= before_us) continue;
    record.closed = true;
    if (!record.settled.empty()) record.settled.add(1, record.settled.intervals().back().last);
  }
}

}  // namespace vigie
