#pragma once
// A set of unsigned 64-bit integers kept as disjoint, non-adjacent intervals: which numbers of a
// spool are settled, which seqs a console has. Few intervals are usual (one), so they lie sorted in
// one vector. Pure; one thread at a time.

#include <cstdint>
#include <span>
#include <vector>

namespace vigie {

class IntervalSet {
 public:
  /// first..last, both included.
  struct Interval {
    std::uint64_t first;
    std::uint64_t last;
    bool operator==(const Interval&) const = default;
  };

  /// Adds first..last (first <= last). O(1) when it extends or follows the last interval.
  void add(std::uint64_t first, std::uint64_t last);
  /// Removes first..last.
  void remove(std::uint64_t first, std::uint64_t last);
  bool contains(std::uint64_t value) const;
  /// True when all of first..last is in the set.
  bool contains(std::uint64_t first, std::uint64_t last) const;
  /// True when any of first..last is in the set.
  bool overlaps(std::uint64_t first, std::uint64_t last) const;
  /// The parts of first..last that are not in the set, rising.
  std::vector<Interval> missing(std::uint64_t first, std::uint64_t last) const;

  std::span<const Interval> intervals() const { return intervals_; }
  bool empty() const { return intervals_.empty(); }
  /// How many integers; saturates at 2^64 - 1.
  std::uint64_t count() const;
  void clear() { intervals_.clear(); }
  bool operator==(const IntervalSet&) const = default;

 private:
  std::vector<Interval> intervals_;
};

}  // namespace vigie
