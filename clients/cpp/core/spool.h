#pragma once
// The spool: a tracker's own durable queue. What is published lies here until the hub says that it
// is settled. One thread.
//
// Numbers rise strictly and none is given out twice, whatever is killed: they are reserved in
// blocks, durably, before they are given out. What was reserved and never written before a crash is
// given up at the next opening.

#include <functional>
#include <optional>
#include <span>

#include "clients/cpp/core/chance.h"
#include "clients/cpp/core/rows.h"

namespace vigie::client {

/// What lies in the spool at opening.
struct SpoolContent {
  IntervalSet rows[kMessageKinds];  // numbers of each kind
  IntervalSet given_up;             // will never be sent; the hub is still to be told
  std::uint64_t next_number = 1;    // the first that may be given out
};

/// One turn's changes, written as one transaction.
struct SpoolChange {
  std::span<const Row> rows = {};                      // new ones, numbers rising
  std::span<const IntervalSet::Interval> remove = {};  // settled or given up
  const IntervalSet* given_up = nullptr;               // all given up and not told; null: as it was
  bool empty() const { return rows.empty() && remove.empty() && given_up == nullptr; }
};

struct SpoolUsage {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  // row_bytes() of each
};

/// An id for a new spool: random bits; of an identity (owner: spool_owner() of its name, else 0)
/// the first half says whose it is.
inline wire::Spool new_spool_id(const Random& random, std::uint64_t owner) {
  const std::uint64_t first = random();
  return {owner == 0 ? first : owner, random()};
}

class Spool {
 public:
  virtual ~Spool() = default;
  /// 128 random bits made with the spool.
  virtual wire::Spool id() const = 0;
  /// Call once, before the others.
  virtual Result<SpoolContent> load() = 0;
  /// Numbers below `end` may be given out; durable (against a power cut too) when it returns.
  virtual Result<void> reserve(std::uint64_t end) = 0;
  virtual Result<void> write(const SpoolChange& change) = 0;
  /// Rows of one kind with numbers in first..last, rising; `sink` returns false to stop.
  virtual Result<void> read(MessageKind kind, std::uint64_t first, std::uint64_t last,
                            const std::function<bool(Row&&)>& sink) = 0;
  /// The oldest rows of a kind that together free at least this much, or all there are.
  virtual Result<std::vector<IntervalSet::Interval>> oldest(MessageKind kind,
                                                            std::uint64_t messages,
                                                            std::uint64_t bytes) = 0;
  virtual SpoolUsage usage() const = 0;
  /// A clean end: no number stays reserved. REQUIRES: every number given out was written.
  virtual Result<void> close_clean() = 0;
};

}  // namespace vigie::client
