#include "schemas/words/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace vigie {
namespace {

Fault failed(const std::string& path, const char* what) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return {full ? FaultCode::DiskFull : FaultCode::Io,
          fmt::format("{}: {}: {}", path, what, std::strerror(errno))};
}

Fault is_there(const std::string& path) {
  return {FaultCode::Invalid, fmt::format("{} is there already, and is not written over", path)};
}

/// Only where nothing is. A file system that can't do that in one step gets a second name for it,
/// which it gives only where nothing is.
bool rename_to_free(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  return ::link(from.c_str(), to.c_str()) == 0 && ::unlink(from.c_str()) == 0;
}

}  // namespace

Result<void> sync_folder(const std::string& folder) {
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return failed(folder, "can't be opened");
  Result<void> synced;
  if (::fsync(directory) != 0) synced = failed(folder, "can't be synced");
  ::close(directory);
  return synced;
}

Result<NewFile> NewFile::begin(const std::string& path, const std::string& draft, unsigned mode,
                               Existing existing) {
  const bool kept = existing == Existing::Kept;
  std::error_code error;
  // It may come later, too; this is to learn it before there is anything to lose.
  if (kept && std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
    return is_there(path);
  }
  if (!kept) ::unlink(draft.c_str());
  const int number = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (number < 0) return kept && errno == EEXIST ? is_there(draft) : failed(draft, "can't be made");
  return NewFile(path, draft, number, existing);
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::move(other.draft_)),
      number_(std::exchange(other.number_, -1)),
      existing_(other.existing_) {}

NewFile::~NewFile() {
  if (number_ >= 0) ::close(number_);
}

Result<void> NewFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(number_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed(draft_, "can't be written");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> NewFile::put_in_place() {
  if (::fsync(number_) != 0) return failed(draft_, "can't be written");
  if (::close(std::exchange(number_, -1)) != 0) return failed(draft_, "can't be written");
  const bool kept = existing_ == Existing::Kept;
  const bool placed =
      kept ? rename_to_free(draft_, path_) : std::rename(draft_.c_str(), path_.c_str()) == 0;
  if (!placed) {
    return kept && errno == EEXIST ? is_there(path_) : failed(path_, "can't be put in place");
  }
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  return sync_folder(folder.empty() ? "." : folder.string());
}

void NewFile::discard() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
  ::unlink(draft_.c_str());
}

}  // namespace vigie
