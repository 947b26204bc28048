#pragma once
// The recent events and cards, in the order of the hub's log, bounded in number and bytes. A reader
// is a place in it; one that it has moved past has to ask the hub. Pure; one thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "clients/web/server/live/translate.h"

namespace vigie::web {

/// An event, a card, or a range of seqs that can't be had any more.
struct Said {
  std::uint64_t seq = 0;
  std::shared_ptr<const wire::EventT> event = {};
  std::shared_ptr<const wire::CardT> card = {};
  SeqsLost lost = {};
};

class EventLog {
 public:
  EventLog(std::size_t count_max, std::size_t bytes_max);

  void add(Said said);
  /// Forgets all. What is added from here on is whole beyond `floor_seq`.
  void begin(std::uint64_t floor_seq);

  /// Places first()..end() - 1 are here; they only ever rise.
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + kept_.size(); }
  const Said& at(std::uint64_t place) const { return kept_[place - first_].said; }
  /// Everything with a higher seq that was ever said is here.
  std::uint64_t floor_seq() const { return floor_seq_; }
  /// The first place with a seq beyond `seq`; empty when the log does not reach back so far.
  std::optional<std::uint64_t> after(std::uint64_t seq) const;
  std::size_t bytes() const { return bytes_; }

 private:
  struct Kept {
    Said said;
    std::uint64_t reached;  // highest seq up to here
    std::size_t bytes;
  };
  const std::size_t count_max_;
  const std::size_t bytes_max_;
  std::deque<Kept> kept_;
  std::uint64_t first_ = 0;
  std::uint64_t floor_seq_ = 0;
  std::size_t bytes_ = 0;
};

/// About what it takes in memory.
std::size_t bytes_of(const Said& said);

}  // namespace vigie::web
