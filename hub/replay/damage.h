#pragma once
// What a reader could not read, as ranges of seqs. A worker's thread.

#include <algorithm>
#include <vector>

#include "hub/store/store.h"

namespace vigie::replay {

class Damage {
 public:
  /// Something between these seqs, both included, could not be read: notes which, as the store has
  /// it.
  void note(const store::Store& store, std::uint64_t first, std::uint64_t last) {
    for (const wire::SeqRange& range : store.damaged()) {
      if (range.last() < first || range.first() > last) continue;
      const bool known = std::any_of(ranges_.begin(), ranges_.end(), [&](const auto& r) {
        return r.first() == range.first() && r.last() == range.last();
      });
      if (!known) ranges_.push_back(range);
    }
  }
  const std::vector<wire::SeqRange>& ranges() const { return ranges_; }

 private:
  std::vector<wire::SeqRange> ranges_;
};

}  // namespace vigie::replay
