#pragma once
// What a reader could not read, as ranges of seqs. A worker's thread.

#include <algorithm>
#include <vector>

#include "hub/store/store.h"

namespace vigie::replay {

class Damage {
 public:
  /// The store has just said a fault: takes over the ranges it knows of that are not noted yet.
  void note(const Fault&, const store::Store& store) {
    for (const wire::SeqRange& range : store.damaged()) {
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
