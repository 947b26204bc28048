#include "schemas/model/cut.h"

#include <algorithm>

namespace vigie {
namespace {

void cut_section(const wire::UnitFixes& section, const wire::Batch& batch, const View& view,
                 EntryWriter& out, const std::function<void()>& written) {
  if (!view.takes_section(section)) return;
  constexpr std::size_t kRunBytesMax = 2048;
  const std::size_t run_max =
      std::max<std::size_t>(1, kRunBytesMax / (sizeof(wire::Fix) + section.readings_bytes()));
  std::size_t length = 0;
  const std::size_t count = section.fixes()->size();
  for (std::size_t i = 0; i <= count; ++i) {
    const bool takes =
        i < count &&
        view.takes_fix(section, *section.fixes()->Get(static_cast<flatbuffers::uoffset_t>(i)));
    if (length != 0 && (!takes || length == run_max)) {
      out.add_fixes(run_of(section, batch, i - length, length));
      written();
      length = 0;
    }
    if (takes) ++length;
  }
}

std::uint64_t seq_of(const wire::Stamp* stamp) {
  return stamp == nullptr ? 0 : stamp->first_seq();
}

bool cut_from_batch(const wire::Batch& batch, std::uint64_t seq, const View& view,
                    EntryWriter& out) {
  for (const wire::Event* event : each(batch.events())) {
    if (seq_of(event->stamp()) != seq) continue;
    if (!view.takes_event(*event)) return false;
    out.add_event(*event, spool_of(event->spool(), batch.spool()));
    return true;
  }
  for (const wire::State* state : each(batch.states())) {
    if (seq_of(state->stamp()) != seq) continue;
    if (!view.takes_state(*state)) return false;
    out.add_state(*state, spool_of(state->spool(), batch.spool()));
    return true;
  }
  for (const wire::UnitFixes* section : each(batch.fixes())) {
    const std::uint64_t first = seq_of(section->stamp());
    if (seq < first || seq >= first + section->fixes()->size()) continue;
    const auto place = static_cast<flatbuffers::uoffset_t>(seq - first);
    if (!view.takes_section(*section) || !view.takes_fix(*section, *section->fixes()->Get(place))) {
      return false;
    }
    out.add_fixes(run_of(*section, batch, place, 1));
    return true;
  }
  return false;
}

}  // namespace

FixesEntry run_of(const wire::UnitFixes& section, const wire::Batch& batch, std::size_t start,
                  std::size_t length) {
  const wire::Stamp stamp = section.stamp() == nullptr ? wire::Stamp() : *section.stamp();
  const std::size_t bytes =
      size_of(section.readings()) >= section.readings_bytes() * section.fixes()->size()
          ? section.readings_bytes()
          : 0;
  const auto* fixes = reinterpret_cast<const wire::Fix*>(section.fixes()->Data());
  return {.unit = text_of(section.unit()),
          .group = text_of(section.group()),
          .stamp =
              wire::Stamp(stamp.first_seq() + start, stamp.known_time_us(), stamp.clock_offset_us(),
                          stamp.first_count() + static_cast<std::uint32_t>(start), 0),
          .spool = spool_of(section.spool(), batch.spool()),
          .first_number = section.first_number() + start,
          .fixes = {fixes + start, length},
          .readings = bytes == 0
                          ? std::span<const std::uint8_t>()
                          : std::span(section.readings()->data() + start * bytes, length * bytes),
          .readings_bytes = static_cast<std::uint16_t>(bytes)};
}

void cut_body(Bytes body, const View& view, EntryWriter& out,
              const std::function<void()>& written) {
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (block->header->kind() != wire::BlockKind::Batch) continue;
    const wire::Batch& batch = block->batch();
    for (const wire::Event* event : each(batch.events())) {
      if (!view.takes_event(*event)) continue;
      out.add_event(*event, spool_of(event->spool(), batch.spool()));
      written();
    }
    for (const wire::State* state : each(batch.states())) {
      if (!view.takes_state(*state)) continue;
      out.add_state(*state, spool_of(state->spool(), batch.spool()));
      written();
    }
    for (const wire::UnitFixes* section : each(batch.fixes())) {
      cut_section(*section, batch, view, out, written);
    }
  }
}

bool cut_entry(Bytes body, std::uint64_t seq, const View& view, EntryWriter& out) {
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    const wire::BlockHeader& header = *block->header;
    const bool holds = header.kind() == wire::BlockKind::Batch && seq >= header.first_seq() &&
                       seq < header.first_seq() + header.count();
    if (holds) return cut_from_batch(block->batch(), seq, view, out);
  }
  return false;
}

}  // namespace vigie
