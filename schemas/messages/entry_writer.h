#pragma once
// Collects chosen entries into one body: frames cut for a view, conflated frames, snapshot pages,
// the kept events and states, checkpoints. The entries keep their stamps and names; the body's
// Batch has no spool of its own, each entry names its own. Pure; one thread.

#include "schemas/messages/body.h"

namespace vigie {

/// The spool an entry belongs to: its own where it has one, else the batch's.
inline wire::Spool spool_of(const wire::Spool* own, const wire::Spool* of_batch) {
  return own != nullptr ? *own : of_batch != nullptr ? *of_batch : wire::Spool();
}

struct FixesEntry {
  std::string_view unit;
  std::string_view group;  // empty: none
  wire::Stamp stamp;
  wire::Spool spool;
  std::uint64_t first_number = 0;
  std::span<const wire::Fix> fixes;
  std::span<const std::uint8_t> readings;  // fixes.size() * readings_bytes
  std::uint16_t readings_bytes = 0;
};

class EntryWriter {
 public:
  EntryWriter() : builder_(limits::kPageBytesGoal) {}
  void add_fixes(const FixesEntry& entry);
  void add_event(const wire::Event& event, wire::Spool spool);
  void add_state(const wire::State& state, wire::Spool spool);
  void add_leave(std::string_view unit, std::uint64_t seq);
  void add_settled(wire::Spool spool, std::span<const wire::NumberRange> ranges,
                   std::int64_t known_time_us, bool closed = false);
  void add_void(const wire::SeqRange& range) { voids_.push_back(range); }
  bool empty() const {
    return entries_ == 0 && voids_.empty() && leaves_.empty() && settled_.empty();
  }
  std::size_t entries() const { return entries_; }
  /// About how large the body would be now.
  std::size_t bytes() const {
    return builder_.GetSize() + leave_bytes_ + settled_bytes_ + voids_.size() * 48 + 256;
  }
  /// Ends the body and starts anew. The body's seqs are the least and the greatest of what is in it
  /// (0 for leaves and settled numbers alone: then those of `if_none`). REQUIRES: not empty().
  BodyPtr finish(std::int64_t known_time_us, std::uint64_t if_none = 0);

 private:
  void note(std::uint64_t first_seq, std::uint64_t last_seq, std::size_t entries);
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<wire::Event>> events_;
  std::vector<flatbuffers::Offset<wire::State>> states_;
  std::vector<flatbuffers::Offset<wire::UnitFixes>> fixes_;
  std::vector<wire::LeaveT> leaves_;
  std::vector<wire::SettledT> settled_;
  std::vector<wire::SeqRange> voids_;
  std::size_t entries_ = 0;
  std::size_t leave_bytes_ = 0;
  std::size_t settled_bytes_ = 0;
  std::uint64_t first_seq_ = 0;
  std::uint64_t last_seq_ = 0;
};

}  // namespace vigie
