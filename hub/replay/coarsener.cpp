#include "hub/replay/coarsener.h"

#include <algorithm>

namespace vigie::replay {
namespace {

/// How large a part may be before it is ended: one entry may come on top.
std::size_t goal_of(std::size_t bytes_max) {
  return bytes_max - std::min<std::size_t>(bytes_max / 4, 8 * 1024);
}

}  // namespace

void Coarsener::add(Bytes body, Parts& out) {
  const std::int64_t known_us = header_of(body).known_time_us();
  reach(known_us, out);
  EntryWriter writer;
  const auto written = [&] {
    if (writer.bytes() >= goal_of(bytes_max_)) {
      add_limited(writer.finish(known_us), bytes_max_, out);
    }
  };
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (block->header->kind() != wire::BlockKind::Batch) continue;
    const wire::Batch& batch = block->batch();
    for (const wire::Event* event : each(batch.events())) {
      write_coarse_event(*event, spool_of(event->spool(), batch.spool()), terms_, writer);
      written();
    }
    for (const wire::State* state : each(batch.states())) {
      writer.add_state(*state, spool_of(state->spool(), batch.spool()));
      written();
    }
    for (const wire::UnitFixes* section : each(batch.fixes())) {
      if (terms_.every_us != 0) {
        step_us_ = terms_.step_of(known_us);
        hold_back(*section);
        continue;
      }
      write_coarse_fixes(run_of(*section, batch, 0, section->fixes()->size()), terms_, writer);
      written();
    }
  }
  if (!writer.empty()) add_limited(writer.finish(known_us), bytes_max_, out);
}

void Coarsener::hold_back(const wire::UnitFixes& section) {
  const flatbuffers::uoffset_t count = section.fixes()->size();
  for (flatbuffers::uoffset_t i = 0; i < count; ++i) {
    const wire::Fix& fix = *section.fixes()->Get(i);
    if (!moves_unit(fix)) continue;
    const wire::Stamp& stamp = *section.stamp();
    if (newest_.empty()) step_first_seq_ = stamp.first_seq() + i;
    newest_[section.unit()->str()] = {
        .group = std::string(text_of(section.group())),
        .stamp = wire::Stamp(stamp.first_seq() + i, stamp.known_time_us(), stamp.clock_offset_us(),
                             0, 0),
        .fix = fix};
  }
}

void Coarsener::reach(std::int64_t known_us, Parts& out) {
  if (due_us() > known_us) return;
  const std::int64_t end_us = due_us();
  EntryWriter writer;
  for (const auto& [unit, newest] : newest_) {
    const FixesEntry entry{.unit = unit,
                           .group = newest.group,
                           .stamp = newest.stamp,
                           .spool = {},
                           .first_number = 0,
                           .fixes = {&newest.fix, 1},
                           .readings = {},
                           .readings_bytes = 0};
    write_coarse_fixes(entry, terms_, writer);
    if (writer.bytes() >= goal_of(bytes_max_)) out.push_back(writer.finish(end_us));
  }
  if (!writer.empty()) out.push_back(writer.finish(end_us));
  newest_.clear();
}

std::int64_t Coarsener::due_us() const {
  return newest_.empty() ? INT64_MAX : terms_.step_end(step_us_);
}

Picture coarse_picture(const Picture& picture, const View& at_large, const Terms& terms) {
  Picture coarse;
  EntryWriter writer;
  const auto fold_when = [&](bool due) {
    if (due && !writer.empty()) coarse.fold(writer.finish(picture.last_known_time_us())->bytes());
  };
  const auto takes = [&](MessageClass message_class, ChannelIndex index) {
    const ChannelKey& channel = picture.channels()[index];
    return at_large.takes_channel(message_class, channel.owner, channel.group);
  };
  for (const RetainedState& state : picture.states()) {
    if (!takes(MessageClass::State, state.channel)) continue;
    write_state(state, writer);
    fold_when(writer.bytes() >= limits::kPageBytesGoal);
  }
  for (const Unit& unit : picture.units()) {
    if (unit.seq == 0 || !takes(MessageClass::Track, unit.channel)) continue;
    write_coarse_fixes(newest_of(picture, unit), terms, writer);
    fold_when(writer.bytes() >= limits::kPageBytesGoal);
  }
  fold_when(true);
  return coarse;
}

}  // namespace vigie::replay
