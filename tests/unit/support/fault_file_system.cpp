#include "tests/unit/support/fault_file_system.h"

#include <algorithm>

namespace vigie::test {
namespace {

using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

bool is_log(const std::string& path) {
  return path.ends_with(".log");
}

class FaultFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(std::unique_ptr<FSWritableFile> file, std::string path, FaultFileSystem& faults)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), faults_(faults) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    std::uint64_t allowed = 0;
    const IOStatus verdict = faults_.before_write(path_, data.size(), allowed);
    if (allowed != 0) {
      IOStatus status = target()->Append(Slice(data.data(), allowed), options, debug);
      if (!status.ok()) return status;
      faults_.wrote(path_, allowed);
    }
    return verdict;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return sync(options, debug);
  }
  // A hint that the kernel may write: nothing is durable by it.
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  // Space reserved ahead would make files longer than what was written.
  IOStatus Allocate(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  IOStatus sync(const IOOptions& options, IODebugContext* debug) {
    IOStatus verdict = faults_.before_sync(path_);
    if (!verdict.ok()) return verdict;
    verdict = target()->Sync(options, debug);
    if (verdict.ok()) faults_.synced(path_);
    return verdict;
  }
  const std::string path_;
  FaultFileSystem& faults_;
};

}  // namespace

FaultFileSystem::FaultFileSystem(std::shared_ptr<rocksdb::FileSystem> base)
    : FileSystemWrapper(base), base_(base) {}

void FaultFileSystem::fail_log_sync(std::uint64_t nth) {
  const std::lock_guard lock(mutex_);
  fail_sync_ = nth == 0 ? 0 : log_syncs_ + nth;
}
void FaultFileSystem::fail_log_write(std::uint64_t nth) {
  const std::lock_guard lock(mutex_);
  fail_write_ = nth == 0 ? 0 : log_writes_ + nth;
}
void FaultFileSystem::cut_power_at_log_sync(std::uint64_t nth) {
  const std::lock_guard lock(mutex_);
  cut_at_sync_ = nth == 0 ? 0 : log_syncs_ + nth;
}
void FaultFileSystem::cut_power() {
  const std::lock_guard lock(mutex_);
  power_cut_ = true;
}
void FaultFileSystem::set_space(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  space_ = bytes;
}
void FaultFileSystem::refuse_files(bool refused) {
  const std::lock_guard lock(mutex_);
  refuses_files_ = refused;
}
bool FaultFileSystem::refuses_files() const {
  const std::lock_guard lock(mutex_);
  return refuses_files_;
}
std::uint64_t FaultFileSystem::log_syncs() const {
  const std::lock_guard lock(mutex_);
  return log_syncs_;
}
std::uint64_t FaultFileSystem::log_writes() const {
  const std::lock_guard lock(mutex_);
  return log_writes_;
}
bool FaultFileSystem::power_is_cut() const {
  const std::lock_guard lock(mutex_);
  return power_cut_;
}

IOStatus FaultFileSystem::before_write(const std::string& path, std::uint64_t bytes,
                                       std::uint64_t& allowed) {
  const std::lock_guard lock(mutex_);
  allowed = 0;
  if (power_cut_) return IOStatus::IOError("the power is cut");
  if (is_log(path) && ++log_writes_ == fail_write_) {
    return IOStatus::IOError("a write that was made to fail", path);
  }
  allowed = std::min(bytes, space_);
  if (space_ != UINT64_MAX) space_ -= allowed;
  return allowed == bytes ? IOStatus::OK() : IOStatus::NoSpace("no space, as was asked for", path);
}

IOStatus FaultFileSystem::before_sync(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (is_log(path)) {
    ++log_syncs_;
    if (log_syncs_ == cut_at_sync_) power_cut_ = true;
    if (log_syncs_ == fail_sync_) return IOStatus::IOError("a sync that was made to fail", path);
  }
  if (power_cut_) return IOStatus::IOError("the power is cut");
  return IOStatus::OK();
}

void FaultFileSystem::wrote(const std::string& path, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  files_[path].bytes += bytes;
}

void FaultFileSystem::synced(const std::string& path) {
  const std::lock_guard lock(mutex_);
  files_[path].synced = files_[path].bytes;
}

void FaultFileSystem::drop_unsynced(std::uint64_t torn_bytes) {
  std::map<std::string, Written> files;
  {
    const std::lock_guard lock(mutex_);
    files.swap(files_);
    power_cut_ = false;
    cut_at_sync_ = fail_sync_ = fail_write_ = 0;
  }
  const std::unique_ptr<rocksdb::Env> base = rocksdb::NewCompositeEnv(base_);
  for (const auto& [path, written] : files) {
    const std::uint64_t left = std::min(written.bytes, written.synced + torn_bytes);
    if (left == written.bytes) continue;
    std::string bytes;
    if (!rocksdb::ReadFileToString(base.get(), path, &bytes).ok()) continue;
    bytes.resize(std::min<std::uint64_t>(bytes.size(), left));
    rocksdb::WriteStringToFile(base.get(), bytes, path, true).PermitUncheckedError();
  }
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& path,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<FSWritableFile>* result,
                                          IODebugContext* debug) {
  if (power_is_cut()) return IOStatus::IOError("the power is cut");
  if (refuses_files()) return IOStatus::NoSpace("no file, as was asked for", path);
  rocksdb::FileOptions plain = options;
  plain.use_mmap_writes = false;
  plain.use_direct_writes = false;
  std::unique_ptr<FSWritableFile> file;
  IOStatus status = target()->NewWritableFile(path, plain, &file, debug);
  if (!status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    files_[path] = Written();
  }
  *result = std::make_unique<FaultFile>(std::move(file), path, *this);
  return status;
}

IOStatus FaultFileSystem::ReopenWritableFile(const std::string& path,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<FSWritableFile>* result,
                                             IODebugContext* debug) {
  if (power_is_cut()) return IOStatus::IOError("the power is cut");
  std::unique_ptr<FSWritableFile> file;
  IOStatus status = target()->ReopenWritableFile(path, options, &file, debug);
  if (!status.ok()) return status;
  {
    const std::uint64_t bytes = file->GetFileSize(IOOptions(), debug);
    const std::lock_guard lock(mutex_);
    files_.try_emplace(path, Written{bytes, bytes});
  }
  *result = std::make_unique<FaultFile>(std::move(file), path, *this);
  return status;
}

IOStatus FaultFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                     IODebugContext* debug) {
  if (power_is_cut()) return IOStatus::IOError("the power is cut");
  IOStatus status = target()->DeleteFile(path, options, debug);
  if (status.ok()) {
    const std::lock_guard lock(mutex_);
    files_.erase(path);
  }
  return status;
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to,
                                     const IOOptions& options, IODebugContext* debug) {
  if (power_is_cut()) return IOStatus::IOError("the power is cut");
  IOStatus status = target()->RenameFile(from, to, options, debug);
  if (status.ok()) {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(from);
    if (found != files_.end()) {
      files_[to] = found->second;
      files_.erase(found);
    }
  }
  return status;
}

IOStatus FaultFileSystem::GetFreeSpace(const std::string& path, const IOOptions& options,
                                       std::uint64_t* bytes, IODebugContext* debug) {
  {
    const std::lock_guard lock(mutex_);
    if (space_ != UINT64_MAX) {
      *bytes = space_;
      return IOStatus::OK();
    }
  }
  return target()->GetFreeSpace(path, options, bytes, debug);
}

FaultEnv::FaultEnv(bool memory) {
  if (memory) memory_.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  rocksdb::Env* base = memory ? memory_.get() : rocksdb::Env::Default();
  faults_ = std::make_shared<FaultFileSystem>(base->GetFileSystem());
  env_ = rocksdb::NewCompositeEnv(faults_);
}

}  // namespace vigie::test
