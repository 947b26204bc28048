#include "hub/store/info_log.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/options.h>

#include <utility>

namespace vigie::store {
namespace {

using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus forgive(const IOStatus& status) {
  status.PermitUncheckedError();
  return IOStatus::OK();
}

/// Says that all went well.
class ForgivingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  explicit ForgivingFile(std::unique_ptr<FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return forgive(target()->Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& sums, IODebugContext* debug) override {
    return forgive(target()->Append(data, options, sums, debug));
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return forgive(target()->Flush(options, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return forgive(target()->Sync(options, debug));
  }
};

/// Takes everything, and keeps nothing of it.
class NoFile final : public FSWritableFile {
 public:
  IOStatus Append(const Slice&, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Append(const Slice&, const IOOptions&, const rocksdb::DataVerificationInfo&,
                  IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
};

class ForgivingFiles final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "ForgivingFiles"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<FSWritableFile>* result,
                           IODebugContext* debug) override {
    std::unique_ptr<FSWritableFile> file;
    IOStatus status = target()->NewWritableFile(path, options, &file, debug);
    if (status.ok()) {
      stood_ = true;
      *result = std::make_unique<ForgivingFile>(std::move(file));
      return status;
    }
    if (!stood_) return status;
    *result = std::make_unique<NoFile>();
    return forgive(status);
  }
  // The wrapper would ask its target, whose files do not forgive.
  IOStatus NewLogger(const std::string& path, const IOOptions& options,
                     std::shared_ptr<rocksdb::Logger>* result, IODebugContext* debug) override {
    return FileSystem::NewLogger(path, options, result, debug);
  }

 private:
  // Once there was a file, the log goes on without one; RocksDB makes the next under its own lock.
  bool stood_ = false;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> make_info_log(const std::string& directory,
                                               const rocksdb::DBOptions& options) {
  // The log keeps the file system, and needs the env no longer than it is made.
  const std::unique_ptr<rocksdb::Env> env =
      rocksdb::NewCompositeEnv(std::make_shared<ForgivingFiles>(options.env->GetFileSystem()));
  rocksdb::DBOptions forgiving = options;
  forgiving.env = env.get();
  std::shared_ptr<rocksdb::Logger> log;
  const rocksdb::Status made = rocksdb::CreateLoggerFromOptions(directory, forgiving, &log);
  return made.ok() ? log : nullptr;
}

}  // namespace vigie::store
