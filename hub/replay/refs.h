#pragma once
// Which entries a stretch of true time holds: (corrected true time, seq), from the store's indexes.
// A worker's thread.

#include "hub/store/store.h"
#include "schemas/model/view.h"

namespace vigie::replay {

struct RefQuery {
  std::int64_t from_us = 0;   // included
  std::int64_t until_us = 0;  // excluded
  std::uint64_t after = 0;    // seqs in (after, through]
  std::uint64_t through = 0;
  std::size_t refs_max = 0;          // beyond: incomplete
  std::size_t looks_max = SIZE_MAX;  // refs looked at, of any seq; beyond: incomplete
};

struct Refs {
  std::vector<store::SeqTime> list;  // not sorted
  std::size_t looked = 0;            // refs looked at
  bool complete = true;
};

/// Refs of the view's classes and units. Channels and areas are not looked at: the entries
/// themselves tell.
Result<Refs> collect_refs(const store::Store& store, const View& view, const RefQuery& query);

/// By corrected true time, then seq.
void sort_by_time(std::vector<store::SeqTime>& refs);

}  // namespace vigie::replay
