#pragma once
// What is done behind the log, at low priority, by one thread: indexes, checkpoints, retention. The
// builder keeps a fold of its own, which follows the log, so that the front thread never stops for
// a checkpoint. Each step is short.

#include "hub/store/checkpoints.h"
#include "hub/store/fold.h"
#include "hub/store/index_builder.h"
#include "hub/store/retention.h"
#include "hub/store/writer.h"

namespace vigie::store {

class Builder {
 public:
  Builder(const Sources& sources, const Writer& writer, const StoreOptions& options,
          LiveFloors& floors, const Recovery& recovery);

  /// Returns how much it did; 0 when it has caught up, or has to wait for the disk.
  std::size_t step();

  // Any thread, for figures.
  std::uint64_t built_through() const { return built_through_.load(); }
  std::uint64_t checkpoints() const { return checkpoint_count_.load(); }
  std::uint64_t last_checkpoint() const { return last_checkpoint_.load(); }
  std::uint64_t checkpoint_bytes() const { return checkpoint_bytes_.load(); }
  std::uint64_t files_dropped() const { return files_dropped_.load(); }
  std::uint64_t failures() const { return failures_.load(); }

 private:
  Result<std::size_t> try_step();
  Result<std::size_t> start();
  Result<std::size_t> read_some();
  Result<std::size_t> end_checkpoint();
  void take(Bytes body);
  std::int64_t calm_before_us();
  bool checkpoint_is_due() const;
  Result<std::size_t> retain();
  void note_checkpoints();

  const Sources sources_;
  const Writer& writer_;
  const StoreOptions& options_;
  IndexBuilder indexes_;
  Retention retention_;
  bool started_ = false;
  bool reading_ = false;  // reader_ has not come to its end
  std::unique_ptr<LogReader> reader_;
  Picture picture_;
  Ledger ledger_;
  std::uint64_t folded_ = 0;             // the last seq in the fold
  bool fold_is_whole_ = true;            // nothing damaged was left out
  std::uint64_t checkpointed_ = 0;       // seq of the newest checkpoint
  std::int64_t checkpointed_at_us_ = 0;  // its known time
  std::unique_ptr<CheckpointWriter> checkpoint_;
  std::int64_t next_retention_us_ = INT64_MIN;
  std::int64_t next_try_us_ = INT64_MIN;
  std::atomic<std::uint64_t> built_through_{0};
  std::atomic<std::uint64_t> checkpoint_count_{0};
  std::atomic<std::uint64_t> last_checkpoint_{0};
  std::atomic<std::uint64_t> checkpoint_bytes_{0};
  std::atomic<std::uint64_t> files_dropped_{0};
  std::atomic<std::uint64_t> failures_{0};
};

}  // namespace vigie::store
