#include "hub/store/database.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/write_batch.h>

#include <filesystem>

#include "hub/store/seq_max_property.h"

#include "hub/store/health.h"
#include "hub/store/options.h"
#include "hub/store/store.h"
#include "hub/store/wal_check.h"

namespace vigie::store {

Fault fault_of(const rocksdb::Status& status, std::string_view doing) {
  FaultCode code = FaultCode::Internal;
  if (status.IsNoSpace()) {
    code = FaultCode::DiskFull;
  } else if (status.IsCorruption()) {
    code = FaultCode::Damaged;
  } else if (status.IsIOError()) {
    code = FaultCode::Io;
  } else if (status.IsNotFound()) {
    code = FaultCode::NotFound;
  } else if (status.IsBusy() || status.IsTryAgain() || status.IsTimedOut()) {
    code = FaultCode::Unavailable;
  } else if (status.IsShutdownInProgress()) {
    code = FaultCode::Closed;
  }
  return {code, fmt::format("{} failed: {}", doing, status.ToString())};
}

Snapshot::Snapshot(rocksdb::DB& db) : db_(db), snapshot_(db.GetSnapshot()) {}
Snapshot::~Snapshot() {
  db_.ReleaseSnapshot(snapshot_);
}

Result<std::unique_ptr<Database>> Database::open(const StoreOptions& options, Health& health) {
  std::unique_ptr<Database> database(new Database());
  database->directory_ = options.directory;
  database->env_ = options.env != nullptr ? options.env : rocksdb::Env::Default();
  if (options.env == nullptr) {
    std::error_code error;
    std::filesystem::create_directories(options.directory, error);
    if (error) {
      return Fault{FaultCode::Io,
                   fmt::format("making {} failed: {}", options.directory, error.message())};
    }
  }
  // Before anything is looked at: RocksDB takes its own lock only after the write-ahead log was.
  const std::string lock = options.directory + "/hub.lock";
  const rocksdb::Status locked = database->env_->LockFile(lock, &database->lock_);
  if (!locked.ok()) {
    return Fault{FaultCode::Io, fmt::format("does another hub use {}? {} cannot be locked: {}",
                                            options.directory, lock, locked.ToString())};
  }
  database->fresh_ = !database->env_->FileExists(options.directory + "/CURRENT").ok();
  if (auto whole = check_wal(*database->env_, options.directory); !whole.ok()) return whole.fault();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status =
      rocksdb::DB::Open(database_options(options, health), options.directory,
                        family_options(options), &handles, &database->db_);
  if (!status.ok()) return fault_of(status, fmt::format("opening {}", options.directory));
  for (std::size_t i = 0; i < kFamilies; ++i) database->families_[i] = handles[i];
  database->sync_ = options.sync == Sync::Always;
  // check_wal() has synced what the log held.
  database->synced_sequence_.store(database->db_->GetLatestSequenceNumber());
  // Flushes and compactions give way to everything that serves someone.
  for (const auto pool : {rocksdb::Env::LOW, rocksdb::Env::BOTTOM, rocksdb::Env::HIGH}) {
    static_cast<void>(database->env_->LowerThreadPoolCPUPriority(pool, rocksdb::CpuPriority::kLow));
  }
  database->env_->LowerThreadPoolIOPriority(rocksdb::Env::LOW);
  return database;
}

Database::~Database() {
  close();
  if (lock_ != nullptr) static_cast<void>(env_->UnlockFile(lock_));
}

void Database::close() {
  if (db_ == nullptr) return;
  for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
  static_cast<void>(db_->Close());
  delete db_;
}

void Database::begin(rocksdb::WriteBatch& batch) const {
  put_sync_mark(batch, sync_ ? synced_sequence_.load() : 0);
}

rocksdb::Status Database::commit(rocksdb::WriteBatch& batch) const {
  const std::uint64_t sequence_before = db_->GetLatestSequenceNumber();
  rocksdb::WriteOptions write;
  write.sync = sync_;
  rocksdb::Status status = db_->Write(write, &batch);
  if (!status.ok()) return status;
  // Other threads may have written between: at least so much is synced now.
  const std::uint64_t synced = sequence_before + batch.Count();
  std::uint64_t before = synced_sequence_.load();
  while (before < synced && !synced_sequence_.compare_exchange_weak(before, synced)) {
  }
  return status;
}

Result<std::string> Database::meta(std::string_view key, const Snapshot* snapshot) const {
  rocksdb::ReadOptions read;
  if (snapshot != nullptr) read.snapshot = snapshot->get();
  std::string value;
  const rocksdb::Status status = db_->Get(read, family(Family::Meta), key, &value);
  if (status.IsNotFound()) return std::string();
  if (!status.ok()) return fault_of(status, fmt::format("reading '{}'", key));
  return value;
}

std::unique_ptr<rocksdb::Iterator> Database::iterate(Family family_read, const Snapshot* snapshot,
                                                     const rocksdb::Slice* upper,
                                                     std::uint64_t after) const {
  rocksdb::ReadOptions read;
  if (snapshot != nullptr) read.snapshot = snapshot->get();
  read.iterate_upper_bound = upper;
  // RocksDB 7.8 loses the error of a file whose first block is damaged, when it comes to it by
  // Next() with range deletions in mind: the rest of its level is then passed over without a word.
  // Only checkpoints are deleted by range, and they count their pages.
  read.ignore_range_deletions = family_read != Family::Checkpoint;
  // Long reads of old bodies must not push the tables' indexes out of the cache.
  read.fill_cache = family_read != Family::Log && family_read != Family::Checkpoint;
  if (after != 0) {
    read.table_filter = [after](const rocksdb::TableProperties& table) {
      const auto seq_max = seq_max_of(table.user_collected_properties);
      return !seq_max || *seq_max > after;
    };
  }
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(read, family(family_read)));
}

std::uint64_t Database::table_bytes(Family of) const {
  std::uint64_t bytes = 0;
  db_->GetIntProperty(family(of), rocksdb::DB::Properties::kLiveSstFilesSize, &bytes);
  return bytes;
}

std::uint64_t Database::table_bytes() const {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < kFamilies; ++i) bytes += table_bytes(static_cast<Family>(i));
  return bytes;
}

std::uint64_t Database::wal_bytes() const {
  rocksdb::VectorLogPtr files;
  std::uint64_t bytes = 0;
  if (!db_->GetSortedWalFiles(files).ok()) return 0;
  for (const auto& file : files) bytes += file->SizeFileBytes();
  return bytes;
}

std::uint64_t Database::free_bytes() const {
  std::uint64_t bytes = 0;
  if (!env_->GetFreeSpace(directory_, &bytes).ok()) return UINT64_MAX;
  return bytes;
}

}  // namespace vigie::store
