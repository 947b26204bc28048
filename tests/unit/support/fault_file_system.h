#pragma once
// A file system for RocksDB that fails on purpose: the n-th write or sync, no space, writes torn in
// the middle, and a power cut that drops whatever was not synced. It lies over any other one: the
// machine's, or one in memory. For tests and the simulation.
//
// Counting. Only the write-ahead log's files (*.log) are counted for "the n-th", because those are
// written by the thread that commits, in an order that repeats; RocksDB's background threads write
// tables whenever they like. No space and the power cut hold for all files.
//
// What a power cut leaves: each file as long as it was at its last sync, with the names of files as
// they are. (A real file system may also lose names; RocksDB syncs its directory for them.)

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace vigie::test {

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(std::shared_ptr<rocksdb::FileSystem> base);
  const char* Name() const override { return "FaultFileSystem"; }

  // --- what is to go wrong; any thread ---
  /// The n-th sync (write) of the log from now on fails with an I/O error; 1 is the next, 0 none.
  void fail_log_sync(std::uint64_t nth);
  void fail_log_write(std::uint64_t nth);
  /// The power goes with the n-th sync of the log from now on, before it does anything.
  void cut_power_at_log_sync(std::uint64_t nth);
  /// From now on nothing reaches the disk: every write and sync fails.
  void cut_power();
  /// Writes beyond so many bytes from now on find no space (their first part is written); free
  /// space is told accordingly. UINT64_MAX: as much as wanted.
  void set_space(std::uint64_t bytes);
  /// Whether new files are refused with "no space".
  void refuse_files(bool refused);

  // --- what happened ---
  std::uint64_t log_syncs() const;
  std::uint64_t log_writes() const;
  bool power_is_cut() const;
  bool refuses_files() const;

  /// With everything closed after the power cut: cuts each file written since the start down to
  /// what was synced, plus at most `torn_bytes` of what was not (so that a tail is torn), and
  /// brings the power back.
  void drop_unsynced(std::uint64_t torn_bytes = 0);

  // --- rocksdb::FileSystem ---
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options,
                                 std::uint64_t* bytes, rocksdb::IODebugContext* debug) override;

  // --- its files' ---
  /// How much of `bytes` may be written, and what the write says.
  rocksdb::IOStatus before_write(const std::string& path, std::uint64_t bytes,
                                 std::uint64_t& allowed);
  rocksdb::IOStatus before_sync(const std::string& path);
  void wrote(const std::string& path, std::uint64_t bytes);
  void synced(const std::string& path);

 private:
  struct Written {
    std::uint64_t bytes = 0;
    std::uint64_t synced = 0;
  };
  const std::shared_ptr<rocksdb::FileSystem> base_;
  mutable std::mutex mutex_;
  std::map<std::string, Written> files_;
  std::uint64_t log_syncs_ = 0;
  std::uint64_t log_writes_ = 0;
  std::uint64_t fail_sync_ = 0;
  std::uint64_t fail_write_ = 0;
  std::uint64_t cut_at_sync_ = 0;
  std::uint64_t space_ = UINT64_MAX;
  bool power_cut_ = false;
  bool refuses_files_ = false;
};

/// A FaultFileSystem and the Env that RocksDB is given. `memory`: over files in memory, so that
/// nothing touches the disk and the speed does not depend on it.
class FaultEnv {
 public:
  explicit FaultEnv(bool memory = false);
  FaultFileSystem& faults() { return *faults_; }
  rocksdb::Env* env() { return env_.get(); }

 private:
  std::unique_ptr<rocksdb::Env> memory_;
  std::shared_ptr<FaultFileSystem> faults_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace vigie::test
