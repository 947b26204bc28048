#include "hub/store/cut.h"

#include "hub/store/entries.h"
#include "schemas/messages/entry_writer.h"

namespace vigie::store {
namespace {

void add_fixes_through(EntryWriter& writer, const wire::Batch& batch, const wire::UnitFixes& fixes,
                       std::uint64_t through) {
  const std::uint64_t first = fixes.stamp()->first_seq();
  if (first > through) return;
  const std::size_t all = size_of(fixes.fixes());
  const std::size_t count = std::min<std::size_t>(all, through - first + 1);
  const std::size_t readings = count * fixes.readings_bytes();
  const bool has_readings = readings != 0 && size_of(fixes.readings()) >= readings;
  writer.add_fixes({.unit = text_of(fixes.unit()),
                    .group = text_of(fixes.group()),
                    .stamp = *fixes.stamp(),
                    .spool = spool_of(fixes.spool(), batch.spool()),
                    .first_number = fixes.first_number(),
                    .fixes = {reinterpret_cast<const wire::Fix*>(fixes.fixes()->Data()), count},
                    .readings = has_readings ? std::span(fixes.readings()->data(), readings)
                                             : std::span<const std::uint8_t>(),
                    .readings_bytes = has_readings ? fixes.readings_bytes() : std::uint16_t{0}});
}

}  // namespace

BodyPtr body_through(Bytes body, std::uint64_t through) {
  EntryWriter writer;
  const wire::BodyHeader& header = header_of(body);
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (block->header->kind() == wire::BlockKind::Settled &&
        block->header->first_seq() <= through) {
      const wire::Settled& settled = block->settled();
      std::vector<wire::NumberRange> ranges;
      for (const wire::NumberRange* range : each(settled.ranges())) ranges.push_back(*range);
      const std::int64_t heard_us =
          settled.known_time_us() != 0 ? settled.known_time_us() : header.known_time_us();
      writer.add_settled(spool_of(nullptr, settled.spool()), ranges, heard_us);
    }
    if (block->header->kind() != wire::BlockKind::Batch) continue;
    const wire::Batch& batch = block->batch();
    for (const wire::Event* event : each(batch.events())) {
      if (event->stamp() == nullptr || event->stamp()->first_seq() > through) continue;
      writer.add_event(*event, spool_of(event->spool(), batch.spool()));
    }
    for (const wire::State* state : each(batch.states())) {
      if (state->stamp() == nullptr || state->stamp()->first_seq() > through) continue;
      writer.add_state(*state, spool_of(state->spool(), batch.spool()));
    }
    for (const wire::UnitFixes* fixes : each(batch.fixes())) {
      if (fixes->stamp() != nullptr) add_fixes_through(writer, batch, *fixes, through);
    }
  }
  if (writer.empty()) return nullptr;
  return writer.finish(header.known_time_us(), through);
}

}  // namespace vigie::store
