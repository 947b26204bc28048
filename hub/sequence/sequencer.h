#pragma once
// Sequence: gives each accepted message its place in the log, and closes the bodies that the rest
// of the house passes on. Front thread. Owns the next seq, the known time and the body that is
// being built.

#include "hub/store/store.h"

namespace vigie::sequence {

class Sequencer {
 public:
  /// `store` and `clock` are borrowed and outlive this. Goes on where the recovery ended; after a
  /// crash the first entry is the Void that names the seqs which may have been given out and lost.
  Sequencer(store::Store& store, const Clock& clock);

  /// Starts a turn: from here on entries are known at the clock's time. If that stepped back, known
  /// time goes on at half pace until the clock is there again: it never goes back, and what stands
  /// still in the picture is still seen to grow old.
  void begin_turn();
  std::int64_t known_time_us() const { return known_time_us_; }
  /// How far the clock is behind known time; 0 as it should be.
  std::int64_t clock_behind_us() const { return clock_behind_us_; }
  BodyBuilder& builder() { return builder_; }
  /// Takes `count` seqs for what is about to be committed to the builder; returns the first.
  std::uint64_t assign(std::uint32_t count);
  /// False when the disk has refused the next block of seqs: nothing more may be taken then, since
  /// what is given out beyond the block could be given out again after a crash.
  bool has_seqs() const;
  /// The next seq to be given out.
  std::uint64_t next_seq() const { return next_seq_; }
  /// The seq before the first of the body that is being built.
  std::uint64_t head() const { return last_closed_seq_; }
  /// True when the turn's body has grown enough.
  bool full() const { return builder_.bytes() >= limits::kBodyBytesGoal; }
  /// The turn's body, or null when nothing was accepted.
  BodyPtr close_turn();
  wire::LogId log() const { return log_; }

 private:
  void note_void(const store::Recovery& recovery);
  void look_for_seqs();
  store::Store& store_;
  const Clock& clock_;
  BodyBuilder builder_;
  wire::LogId log_;
  std::uint64_t next_seq_;
  std::uint64_t reserved_end_ = 0;
  std::uint64_t body_first_seq_ = 0;
  std::uint64_t last_closed_seq_;
  std::int64_t known_time_us_;
  std::int64_t clock_behind_us_ = 0;
  std::int64_t turn_us_;  // monotonic
};

}  // namespace vigie::sequence
