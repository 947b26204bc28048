#include "hub/sequence/sequencer.h"

#include <algorithm>

namespace vigie::sequence {
namespace {
// A batch takes one for each message, and one for what it settles without storing it.
constexpr std::uint64_t kBatchSeqsMax = limits::kBatchEntriesMax + 1;
}  // namespace

Sequencer::Sequencer(store::Store& store, const Clock& clock)
    : store_(store),
      clock_(clock),
      log_(store.recovery().log),
      next_seq_(store.recovery().next_seq),
      last_closed_seq_(store.recovery().last_seq),
      known_time_us_(store.recovery().last_known_time_us),
      turn_us_(clock.monotonic_us()) {
  begin_turn();
  note_void(store.recovery());
}

void Sequencer::note_void(const store::Recovery& recovery) {
  if (!recovery.after_crash || recovery.next_seq <= recovery.last_seq + 1) return;
  const wire::SeqRange lost(recovery.last_seq + 1, recovery.next_seq - 1);
  const std::uint64_t seq = assign(1);
  builder_.append(wire::BlockKind::Void, std::as_bytes(std::span(&lost, 1)), 1, seq);
}

void Sequencer::begin_turn() {
  const std::int64_t utc_us = clock_.utc_us();
  const std::int64_t now_us = clock_.monotonic_us();
  known_time_us_ = std::max(known_time_us_ + (now_us - turn_us_) / 2, utc_us);
  clock_behind_us_ = known_time_us_ - utc_us;
  turn_us_ = now_us;
  look_for_seqs();
}

/// From the half of a block on, so that the next one is there before this one is used up: the store
/// reserves it beside its writes.
void Sequencer::look_for_seqs() {
  if (next_seq_ + limits::kSeqBlock / 2 > reserved_end_) {
    reserved_end_ = store_.reserved_end(next_seq_);
  }
}

bool Sequencer::has_seqs() const {
  return next_seq_ + kBatchSeqsMax <= reserved_end_;
}

std::uint64_t Sequencer::assign(std::uint32_t count) {
  const std::uint64_t first = next_seq_;
  next_seq_ += count;
  look_for_seqs();
  if (body_first_seq_ == 0) body_first_seq_ = first;
  return first;
}

BodyPtr Sequencer::close_turn() {
  if (builder_.empty()) return nullptr;
  BodyPtr body = builder_.close(body_first_seq_, next_seq_ - 1, known_time_us_);
  last_closed_seq_ = next_seq_ - 1;
  body_first_seq_ = 0;
  return body;
}

}  // namespace vigie::sequence
