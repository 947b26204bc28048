#pragma once
// The bookkeeping of numbers: what is not settled, what of it waits to be sent, what is on its way.
// Pure; one thread.
//
// Order of sending. Events and states go in the order of their numbers. Fixes too, until
// begin_past(): then those published so far are the past; what comes after goes first, and the past
// follows from its newest end backwards.

#include <utility>
#include <vector>

#include "clients/cpp/core/rows.h"

namespace vigie::client {

class Outbox {
 public:
  using Interval = IntervalSet::Interval;

  void add(MessageKind kind, std::uint64_t first, std::uint64_t last);
  /// Returns the parts of first..last that were not settled before, rising; they are now.
  std::vector<Interval> settle(std::uint64_t first, std::uint64_t last);
  /// A new conversation: what was on its way waits again.
  void nothing_on_the_way();
  void sent(MessageKind kind, std::uint64_t first, std::uint64_t last);
  /// All fixes published so far become the past.
  void begin_past() { past_ = highest_; }

  bool waits() const { return waits(MessageKind::Fix) || waits_first(); }
  bool waits(MessageKind kind) const { return !waiting_[static_cast<std::size_t>(kind)].empty(); }
  /// Events or states wait.
  bool waits_first() const { return waits(MessageKind::Event) || waits(MessageKind::State); }
  bool on_the_way() const { return !on_the_way_.empty(); }
  const IntervalSet& on_the_way_numbers() const { return on_the_way_; }
  /// How many are not settled.
  std::uint64_t unsettled() const;
  /// The next numbers of a kind to send, at most `count`, that are not in `but` (those already
  /// chosen for this batch). Empty when there are none.
  std::vector<Interval> next(MessageKind kind, std::uint64_t count, const IntervalSet& but) const;
  /// The lowest numbers that wait, of all kinds, at most about `count`.
  std::vector<std::pair<MessageKind, Interval>> lowest(std::uint64_t count) const;
  /// True for a fix that goes after newer ones, from the newest end backwards.
  bool is_past(std::uint64_t number) const { return number <= past_; }

 private:
  IntervalSet unsettled_[kMessageKinds];
  IntervalSet waiting_[kMessageKinds];
  IntervalSet on_the_way_;
  std::uint64_t highest_ = 0;
  std::uint64_t past_ = 0;  // fixes with numbers up to here are the past; 0: none
};

/// The parts of first..last that are in the set, rising.
std::vector<IntervalSet::Interval> intersection(const IntervalSet& set, std::uint64_t first,
                                                std::uint64_t last);

}  // namespace vigie::client
