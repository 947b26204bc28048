#pragma once
// The units in the order in which they last moved, as a log of moves: a unit's earlier entries are
// stale, recognised by their seq, and swept out when they are more than half. Adding is one write
// at the end; whoever was away reads forward from where it left. (A linked list costs three cache
// misses a move, which a million units feel.) Front thread.

#include <algorithm>
#include <vector>

#include "schemas/model/picture.h"

namespace vigie::picture {

class MovedOrder {
 public:
  struct Move {
    std::uint64_t seq;
    UnitIndex unit;
  };

  /// `unit`'s newest fix is now at `seq`; seqs rise.
  void note(UnitIndex unit, std::uint64_t seq, const Picture& picture) {
    if (moves_.size() > 2 * picture.units().size() + kSlack) sweep(picture);
    moves_.push_back({seq, unit});
  }

  /// Calls visit(unit, seq) for each unit whose newest fix is after `seq`, rising; stops when it
  /// returns false.
  template <typename Visit>
  void for_each_after(std::uint64_t seq, const Picture& picture, const Visit& visit) const {
    auto move = std::upper_bound(moves_.begin(), moves_.end(), seq,
                                 [](std::uint64_t value, const Move& m) { return value < m.seq; });
    for (; move != moves_.end(); ++move) {
      if (picture.units()[move->unit].seq == move->seq && !visit(move->unit, move->seq)) return;
    }
  }

  /// Starts anew from a picture.
  void rebuild(const Picture& picture) {
    moves_.clear();
    for (UnitIndex unit = 0; unit < picture.units().size(); ++unit) {
      if (picture.units()[unit].seq != 0) moves_.push_back({picture.units()[unit].seq, unit});
    }
    std::sort(moves_.begin(), moves_.end(),
              [](const Move& a, const Move& b) { return a.seq < b.seq; });
  }

 private:
  static constexpr std::size_t kSlack = 4096;
  void sweep(const Picture& picture) {
    std::erase_if(moves_, [&](const Move& m) { return picture.units()[m.unit].seq != m.seq; });
  }
  std::vector<Move> moves_;
};

}  // namespace vigie::picture
