#pragma once
// Bodies cut for a view, as parts of limited size whose entries stand in the order of their seqs.
// Pure.

#include <deque>

#include "schemas/model/cut.h"

namespace vigie::replay {

using Parts = std::deque<BodyPtr>;

/// What a body's BodyHeader says.
inline const wire::BodyHeader& header_of(Bytes body) {
  return *reinterpret_cast<const wire::BodyHeader*>(body.data());
}

/// How many entries a body holds, and whether it holds nothing but batches.
struct Contents {
  std::uint64_t entries = 0;
  bool only_batches = true;
};
Contents contents_of(Bytes body);

/// Appends a body; where it is larger than `bytes_max`, in pieces that are not, unless a single
/// entry is.
void add_limited(BodyPtr body, std::size_t bytes_max, Parts& parts);

/// Appends what the view takes of a body. Within one part a Batch lists events before states before
/// fixes, so a new part begins where that would break the order of seqs.
void cut_in_order(Bytes body, const View& view, std::size_t bytes_max, Parts& parts);

/// Appends the body without the blocks that belong to the log alone (settled numbers, voids).
void copy_batches(Bytes body, std::size_t bytes_max, Parts& parts);

}  // namespace vigie::replay
