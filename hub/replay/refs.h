#pragma once
// Which entries a stretch of true time holds: (corrected true time, seq), from the store's indexes. A worker's thread.

#include "hub/replay/damage.h"
#include "schemas/model/view.h"

namespace vigie::replay {

/// Refs of the view's classes and units in [from, until) with seq at most `through`, at most `most`; false when there are more.
/// In order of time, then seq. Channels and areas are not looked at: the entries themselves tell.
bool collect_refs(const store::Store& store, const View& view, std::int64_t from_us,
                  std::int64_t until_us, std::uint64_t through, std::size_t most,
                  std::vector<store::SeqTime>& refs, Damage& damage);

}  // namespace vigie::replay
