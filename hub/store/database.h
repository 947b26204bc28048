#pragma once
// RocksDB, opened with our families and options: the one place that knows how a directory is opened
// and how RocksDB's errors read as Faults. Any thread, after open().

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "hub/store/keys.h"
#include "schemas/words/result.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class FileLock;
class Iterator;
class Slice;
class Snapshot;
class Status;
class WriteBatch;
struct ReadOptions;
}  // namespace rocksdb

namespace vigie::store {

class Health;
struct StoreOptions;

enum class Family : std::size_t { Meta, Log, Keep, Track, EventTime, Known, Checkpoint };
inline constexpr std::size_t kFamilies = 7;
inline constexpr std::array<std::string_view, kFamilies> kFamilyNames = {
    "default", "log", "keep", "track", "event_time", "known", "checkpoint"};

/// What a failed call of RocksDB means to a caller. `doing` is what was tried.
Fault fault_of(const rocksdb::Status& status, std::string_view doing);

/// A consistent view of the whole database, released at the end of its life.
class Snapshot {
 public:
  explicit Snapshot(rocksdb::DB& db);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB& db_;
  const rocksdb::Snapshot* snapshot_;
};

/// Thread: each function any thread, after open().
class Database {
 public:
  /// Opens or makes the directory. Fails with Damaged when the write-ahead log is damaged in its
  /// middle or a needed file is, with Io or DiskFull as the disk says, Invalid for another format.
  static Result<std::unique_ptr<Database>> open(const StoreOptions& options, Health& health);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::Env& env() const { return *env_; }
  rocksdb::ColumnFamilyHandle* family(Family family) const {
    return families_[static_cast<std::size_t>(family)];
  }
  const std::string& directory() const { return directory_; }
  /// True when the directory was made by this open().
  bool fresh() const { return fresh_; }

  /// Begins, in an empty batch, what commit() is to take.
  void begin(rocksdb::WriteBatch& batch) const;
  /// Writes a batch that begin() began; with `sync = always` it is on disk when this returns.
  rocksdb::Status commit(rocksdb::WriteBatch& batch) const;

  /// A value of `meta`; empty when absent.
  Result<std::string> meta(std::string_view key, const Snapshot* snapshot = nullptr) const;
  /// An iterator for one query: `snapshot` may be null, `upper` (exclusive) empty for none. Both
  /// must outlive it. Of Track and EventTime, files that hold nothing beyond the seq `after` are
  /// left out.
  std::unique_ptr<rocksdb::Iterator> iterate(Family family, const Snapshot* snapshot,
                                             const rocksdb::Slice* upper = nullptr,
                                             std::uint64_t after = 0) const;
  /// Bytes of all live table files, and of one family's.
  std::uint64_t table_bytes() const;
  std::uint64_t table_bytes(Family family) const;
  /// Bytes of the write-ahead log's files.
  std::uint64_t wal_bytes() const;
  /// Free bytes where the directory is; UINT64_MAX when the env can't tell.
  std::uint64_t free_bytes() const;

 private:
  Database() = default;
  void close();
  std::string directory_;
  rocksdb::Env* env_ = nullptr;
  rocksdb::DB* db_ = nullptr;  // owned
  // Owned. RocksDB takes its own only after the write-ahead log was looked at.
  rocksdb::FileLock* lock_ = nullptr;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> families_{};
  bool fresh_ = false;
  bool sync_ = true;
  // RocksDB's sequence number up to which everything is on disk, as far as is known: each batch of
  // ours says so, for the next start to tell damage from a torn tail (wal_check.h).
  mutable std::atomic<std::uint64_t> synced_sequence_{0};
};

}  // namespace vigie::store
