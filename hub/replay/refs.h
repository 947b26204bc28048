#pragma once
// Which entries a stretch of true time holds: (corrected true time, seq), from the store's indexes.
// A worker's thread.

#include "hub/store/store.h"
#include "schemas/model/view.h"

namespace vigie::replay {

struct RefQuery {
  store::TimeRange range;
  std::uint64_t through = UINT64_MAX;  // seqs beyond are left out
  std::size_t refs_max = 0;            // beyond: incomplete
};

struct Refs {
  std::vector<store::SeqTime> list;  // not sorted
  bool complete = true;
};

/// Refs of the view's classes and units. Channels and areas are not looked at: the entries
/// themselves tell.
Result<Refs> collect_refs(const store::Store& store, const View& view, const RefQuery& query);

/// By corrected true time, then seq.
void sort_by_time(std::vector<store::SeqTime>& refs);

}  // namespace vigie::replay
