#pragma once
// Checkpoints of the whole fold: found, loaded, written a slice at a time, thinned out and dropped.
// A checkpoint without its end page is not used. Reading: any thread. Writing and dropping: the
// builder's.

#include <optional>

#include "hub/store/database.h"
#include "schemas/model/checkpoint_pages.h"

namespace vigie::store {

struct Checkpoint {
  std::uint64_t seq = 0;  // of the last entry in it
  std::uint32_t pages = 0;
  std::int64_t known_time_us = 0;
  std::uint64_t units = 0;
};

/// Entries between checkpoints: few enough that folding them is quick, and enough that writing the
/// units costs little beside writing the entries (a unit takes some 250 bytes, an entry some 130).
inline std::uint64_t checkpoint_spacing(std::uint64_t entries_min, std::uint64_t units) {
  return entries_min > 16 * units ? entries_min : 16 * units;
}

/// All whole ones, by rising seq.
Result<std::vector<Checkpoint>> list_checkpoints(const Database& database);
/// The newest whole one with a seq up to `seq`.
Result<std::optional<Checkpoint>> checkpoint_at_or_before(const Database& database,
                                                          std::uint64_t seq);
/// Folds its pages into an empty picture and, when not null, an empty ledger. Damaged when a page
/// is missing or can't be read.
Result<void> load_checkpoint(const Database& database, const Checkpoint& checkpoint,
                             Picture& picture, Ledger* ledger);
/// Drops what stands behind the newest whole checkpoint, `newest`: a crash left it unfinished.
Result<void> drop_unfinished(const Database& database, std::uint64_t newest);
/// Drops every page with a seq in [first, last].
Result<void> drop_checkpoints(const Database& database, std::uint64_t first, std::uint64_t last);

/// Writes one checkpoint, a few pages a step. The picture and the ledger must not change while it
/// does. The pages are the model's.
class CheckpointWriter {
 public:
  CheckpointWriter(const Database& database, const Picture& picture, const Ledger& ledger);
  /// Writes some pages, or the end; returns how many.
  Result<std::size_t> write_some();
  bool done() const { return done_; }
  Checkpoint checkpoint() const { return checkpoint_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  const Database& database_;
  CheckpointPages pages_;
  Checkpoint checkpoint_;
  bool done_ = false;
  std::uint64_t bytes_ = 0;
};

}  // namespace vigie::store
