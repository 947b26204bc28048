#include "schemas/messages/entry_writer.h"

#include <algorithm>

namespace vigie {

void EntryWriter::note(std::uint64_t first_seq, std::uint64_t last_seq, std::size_t entries) {
  first_seq_ = entries_ == 0 ? first_seq : std::min(first_seq_, first_seq);
  last_seq_ = std::max(last_seq_, last_seq);
  entries_ += entries;
}

void EntryWriter::add_fixes(const FixesEntry& entry) {
  const auto unit = builder_.CreateString(entry.unit.data(), entry.unit.size());
  const auto group = entry.group.empty()
                         ? flatbuffers::Offset<flatbuffers::String>()
                         : builder_.CreateString(entry.group.data(), entry.group.size());
  const auto fixes = builder_.CreateVectorOfStructs(entry.fixes.data(), entry.fixes.size());
  const auto readings = entry.readings_bytes == 0
                            ? flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>()
                            : builder_.CreateVector(entry.readings.data(), entry.readings.size());
  fixes_.push_back(wire::CreateUnitFixes(builder_, &entry.stamp, entry.first_number, unit, group,
                                         fixes, readings, entry.readings_bytes, &entry.spool));
  const std::uint64_t first = entry.stamp.first_seq();
  note(first, first + entry.fixes.size() - 1, entry.fixes.size());
}

void EntryWriter::add_event(const wire::Event& event, wire::Spool spool) {
  wire::EventT native;
  event.UnPackTo(&native);
  native.spool = std::make_unique<wire::Spool>(spool);
  events_.push_back(wire::Event::Pack(builder_, &native));
  const std::uint64_t seq = event.stamp() == nullptr ? 0 : event.stamp()->first_seq();
  note(seq, seq, 1);
}

void EntryWriter::add_state(const wire::State& state, wire::Spool spool) {
  wire::StateT native;
  state.UnPackTo(&native);
  native.spool = std::make_unique<wire::Spool>(spool);
  states_.push_back(wire::State::Pack(builder_, &native));
  const std::uint64_t seq = state.stamp() == nullptr ? 0 : state.stamp()->first_seq();
  note(seq, seq, 1);
}

void EntryWriter::add_leave(std::string_view unit, std::uint64_t seq) {
  wire::LeaveT leave;
  leave.unit = unit;
  leave.seq = seq;
  leave_bytes_ += unit.size() + 40;
  leaves_.push_back(std::move(leave));
}

void EntryWriter::add_settled(wire::Spool spool, std::span<const wire::NumberRange> ranges,
                              std::int64_t known_time_us, bool closed) {
  wire::SettledT settled;
  settled.closed = closed;
  settled.spool = std::make_unique<wire::Spool>(spool);
  settled.ranges.assign(ranges.begin(), ranges.end());
  settled.known_time_us = known_time_us;
  settled_bytes_ += ranges.size_bytes() + 96;
  settled_.push_back(std::move(settled));
}

BodyPtr EntryWriter::finish(std::int64_t known_time_us, std::uint64_t if_none) {
  const std::uint64_t first = entries_ == 0 ? if_none : first_seq_;
  const std::uint64_t last = entries_ == 0 ? if_none : last_seq_;
  std::vector<std::vector<std::byte>> extra;
  for (const wire::SettledT& settled : settled_) extra.push_back(packed<wire::Settled>(settled));
  const std::size_t settled_blocks = extra.size();
  if (!leaves_.empty()) {
    wire::LeavesT leaves;
    for (wire::LeaveT& leave : leaves_) {
      leaves.leaves.push_back(std::make_unique<wire::LeaveT>(std::move(leave)));
    }
    extra.push_back(packed<wire::Leaves>(leaves));
  }
  Bytes batch;
  if (entries_ != 0) {
    const auto list = [this](auto& offsets) {
      using List = decltype(builder_.CreateVector(offsets));
      return offsets.empty() ? List() : builder_.CreateVector(offsets);
    };
    const auto events = list(events_);
    const auto states = list(states_);
    const auto fixes = list(fixes_);
    batch = finished(builder_, wire::CreateBatch(builder_, nullptr, 0, events, states, fixes));
  }
  std::size_t capacity = sizeof(wire::FrameHeader) + sizeof(wire::BodyHeader);
  const auto block_bytes = [](std::size_t payload) {
    return sizeof(wire::BlockHeader) + padded(payload);
  };
  if (!batch.empty()) capacity += block_bytes(batch.size());
  for (const auto& payload : extra) capacity += block_bytes(payload.size());
  capacity += voids_.size() * block_bytes(sizeof(wire::SeqRange));
  BodyBuilder body(capacity);
  if (!batch.empty()) {
    body.append(wire::BlockKind::Batch, batch, static_cast<std::uint32_t>(entries_), first);
  }
  for (std::size_t i = 0; i < extra.size(); ++i) {
    const bool settled = i < settled_blocks;
    body.append(settled ? wire::BlockKind::Settled : wire::BlockKind::Leaves, extra[i], 0, first);
  }
  for (const wire::SeqRange& range : voids_) {
    body.append(wire::BlockKind::Void, std::as_bytes(std::span(&range, 1)), 0, first);
  }
  BodyPtr done = body.close(first, last, known_time_us);
  voids_.clear();
  builder_.Clear();
  events_.clear();
  states_.clear();
  fixes_.clear();
  leaves_.clear();
  settled_.clear();
  entries_ = leave_bytes_ = settled_bytes_ = 0;
  first_seq_ = last_seq_ = 0;
  return done;
}

}  // namespace vigie
