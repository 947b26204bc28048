#pragma once
// The store: the one ordered durable log in RocksDB, and all that is built from it. The contract
// for the other rooms.
//
// Threads. open() and recover() run on the main thread before the others start. submit() and
// reserve are the front thread's; queued_bytes() may be asked by any. The writer loop (write_step)
// and the builder loop (build_step: indexes, checkpoints, retention) are each run by one thread of
// their own, or, in the simulation, all by one. Reader functions may be called from any thread.
// RocksDB headers appear only in this room's .cpp files.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "schemas/model/ledger.h"
#include "schemas/words/times.h"
#include "schemas/words/trusted_time.h"

namespace rocksdb {
class Env;
}

namespace vigie::store {

enum class Sync { Always, Never };
enum class Compression { None, Lz4 };

struct RetentionOptions {
  std::int64_t track_age_us = 0;  // 0: kept for ever
  std::int64_t event_age_us = 0;  // 0: kept for ever; never less than track_age_us
  std::uint64_t disk_bytes = 0;   // 0: no budget; else the oldest is dropped to stay below
};

struct StoreOptions {
  std::string directory;
  Sync sync = Sync::Always;
  RetentionOptions retention;
  // A checkpoint is made when the last one is older than this (known time), and each so many
  // entries (or 16 for each unit, if that is more), so that a start or a past picture folds at most
  // about so many.
  std::int64_t checkpoint_interval_us = 3'600'000'000;
  std::uint64_t checkpoint_entries = 500'000;
  Compression compression = Compression::Lz4;  // of what is written from now on
  std::uint64_t block_cache_bytes = 64ull << 20;
  std::uint64_t memtable_bytes = 32ull << 20;  // of the log; a file of it holds about so much
  std::uint64_t free_bytes_min = 64ull << 20;  // below: full, before RocksDB finds out
  rocksdb::Env* env = nullptr;   // borrowed; null: the machine's. Tests and simulation bring theirs
  const Clock* clock = nullptr;  // borrowed; required
  wire::LogId new_log;           // of a new directory; zero: drawn at random
  /// Start although something that is needed can't be read: what it held is left out of the picture
  /// and of the settled numbers, so that messages may be stored twice.
  bool accept_damage = false;
  std::int64_t spool_silent_us = limits::kSpoolSilentUsMax;  // then checkpoints hold it as closed
};

/// What the writer tells the front thread, through the callback given to open(). Called on the
/// writer's thread; must not block.
struct Durable {
  std::uint64_t seq;
};  // everything up to here is on disk
struct DiskFull {
  std::string sentence;
};  // still trying; nothing new is to be taken
struct SpaceAgain {};
struct Broken {
  std::string sentence;
};  // what reached the disk is unknown: the hub must stop
struct StoreNotices {
  std::function<void(Durable)> durable;
  std::function<void(DiskFull)> disk_full;
  std::function<void(SpaceAgain)> space_again;
  std::function<void(Broken)> broken;
};

struct Recovery {
  wire::LogId log;
  std::uint64_t last_seq = 0;  // of the log; 0 when it is empty
  std::uint64_t next_seq = 1;  // the first that may be given out
  bool after_crash =
      false;  // seqs between last_seq and next_seq may have been given out: log them as void
  std::int64_t last_known_time_us = 0;
  // What a clock that leaps is held against (trusted_time.h). Not the last known time: after a leap
  // that is of the leapt clock itself.
  Trust last_trust{};
};

/// What retention took: entries known at or before these times; INT64_MIN: nothing.
struct Gone {
  std::int64_t track_known_us = INT64_MIN;
  std::int64_t event_known_us = INT64_MIN;  // events and states; never after the tracks'
};

/// Rows of indexes, as readers get them.
struct SeqTime {
  std::uint64_t seq;
  std::int64_t corrected_true_time_us;
};

/// Reads bodies of the log in order. One thread; independent of others. Sees what was durable at
/// the last seek or refresh.
class LogReader {
 public:
  virtual ~LogReader() = default;
  /// Goes to the body that holds `seq`, or the next one after it.
  virtual void seek(std::uint64_t seq) = 0;
  /// The next body (from the BodyHeader on, aligned to 8, valid until the next call), empty at the
  /// end. A damaged place gives Damaged, naming the range, and the call after it goes on behind.
  virtual Result<Bytes> next() = 0;
};

/// Corrected true times in [from, until), of entries with seqs beyond `after`.
struct TimeRange {
  std::int64_t from_us;
  std::int64_t until_us;
  std::uint64_t after = 0;
};

class Store {
 public:
  static Result<std::unique_ptr<Store>> open(StoreOptions options, StoreNotices notices);
  virtual ~Store() = default;

  // --- start-up (main thread) ---
  virtual const Recovery& recovery() const = 0;
  /// Folds the newest checkpoint and the log behind it. Fails with Damaged when what is needed
  /// cannot be read.
  virtual Result<void> recover(Picture& picture, Ledger& ledger) = 0;

  // --- front thread ---
  /// Hands over a body to be made durable, in order of seq. Never refuses: look at queued_bytes()
  /// before taking in more.
  virtual void submit(BodyPtr body) = 0;
  virtual std::size_t queued_bytes() const = 0;
  /// Makes seqs below the result available; asks for the next block in time. Waits for the disk
  /// only when a block was used up before the next was reserved.
  virtual std::uint64_t reserved_end(std::uint64_t next_seq) = 0;

  // --- writer's and builder's loops ---
  /// Commits what waits as one synced batch. Returns how many bodies; 0 when idle. Waits up to
  /// `wait_us` for something to do.
  virtual std::size_t write_step(std::int64_t wait_us) = 0;
  /// A bounded piece of work on indexes, checkpoints and retention. Returns how much it did; 0 when
  /// it has caught up.
  virtual std::size_t build_step() = 0;
  /// Ends a wait in write_step(); any thread. With stop() called, write_step() no longer waits, and
  /// when it then returns 0 everything submitted is durable, unless the disk is full or the store
  /// broken: queued_bytes() tells (it is 0 when all is durable).
  virtual void stop() = 0;
  /// After both loops ended: notes a clean end, so that the next start has no void range. Then
  /// destroy the store.
  virtual Result<void> close_clean(std::uint64_t next_seq) = 0;

  // --- readers (any thread; all that they gave must be gone before the store is) ---
  virtual std::unique_ptr<LogReader> log_reader() const = 0;
  virtual std::uint64_t durable_seq() const = 0;
  /// The lowest seq of tracks still kept, and of events (lower or equal).
  virtual std::uint64_t floor() const = 0;
  virtual std::uint64_t event_floor() const = 0;
  virtual Gone gone() const = 0;
  /// Events and states with seq in (after, through], rising, as one-entry bodies, up to about
  /// `bytes_max`; returns how far it got.
  virtual Result<std::uint64_t> read_kept(
      std::uint64_t after, std::uint64_t through, std::size_t bytes_max,
      const std::function<void(std::uint64_t seq, Bytes body)>& sink) const = 0;
  /// The least seq whose known time is at or after this; last_seq + 1 when there is none. Where
  /// what comes before it can't be read, and may be of that time too, the first such seq.
  virtual Result<std::uint64_t> seq_at_known(std::int64_t known_time_us) const = 0;
  /// Fixes of a range, by seq and time; of one unit when named (else all). Includes what is not
  /// indexed yet. Not sorted. `sink` returns false to stop.
  virtual Result<void> read_track_refs(std::string_view unit, const TimeRange& range,
                                       const std::function<bool(SeqTime)>& sink) const = 0;
  /// Events and states of a range, likewise.
  virtual Result<void> read_event_refs(const TimeRange& range,
                                       const std::function<bool(SeqTime)>& sink) const = 0;
  /// The picture and ledger as of seq: nearest earlier checkpoint, and the log behind it. `ledger`
  /// may be null.
  virtual Result<void> picture_at(std::uint64_t seq, Picture& picture) const = 0;
  /// Ranges that could not be read since the start.
  virtual std::vector<wire::SeqRange> damaged() const = 0;
  /// Figures for metrics and status: name without the "vigie_store_" prefix, value.
  virtual std::vector<std::pair<std::string, double>> figures() const = 0;
  /// Commit latency in seconds, for each commit: set before the loops start; called on the writer's
  /// thread.
  virtual void on_commit(
      std::function<void(double seconds, std::size_t bodies, std::size_t bytes)> observer) = 0;
};

}  // namespace vigie::store
