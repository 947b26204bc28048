#include "schemas/words/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace vigie {
namespace {

Fault failed(const std::string& path, const char* what) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return {full ? FaultCode::DiskFull : FaultCode::Io,
          fmt::format("{}: {}: {}", path, what, std::strerror(errno))};
}

/// The folder's entry is durable, too.
bool sync_folder(const std::filesystem::path& folder) {
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  const bool synced = ::fsync(directory) == 0;
  ::close(directory);
  return synced;
}

}  // namespace

Result<NewFile> NewFile::begin(const std::string& path, const std::string& draft, unsigned mode) {
  ::unlink(draft.c_str());
  const int number = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (number < 0) return failed(draft, "can't be made");
  return NewFile(path, draft, number);
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::move(other.draft_)),
      number_(std::exchange(other.number_, -1)) {}

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
  if (std::rename(draft_.c_str(), path_.c_str()) != 0)
    return failed(path_, "can't be put in place");
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  if (!sync_folder(folder.empty() ? "." : folder)) {
    return failed(path_, "its folder can't be synced");
  }
  return {};
}

void NewFile::discard() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
  ::unlink(draft_.c_str());
}

}  // namespace vigie
