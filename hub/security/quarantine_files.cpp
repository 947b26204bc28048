#include "hub/security/quarantine_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "schemas/words/crc32c.h"

namespace vigie::security {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNew = "new";
constexpr const char* kOld = "old";
constexpr std::size_t kHeaderBytes = 8;
/// Of one message, whatever its reason and names are.
constexpr std::size_t kRecordBytesMax = kQuarantinedBytesMax + 16 * 1024;

Fault failed(const std::string& path, const char* what) {
  const FaultCode code = errno == ENOSPC || errno == EDQUOT ? FaultCode::DiskFull : FaultCode::Io;
  return {code, fmt::format("{}: {}: {}", path, what, std::strerror(errno))};
}

std::uint32_t checksum(Bytes bytes) {
  return crc32c(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

bool write_whole(int file, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

/// Null when it is not one of ours.
QuarantinedPtr read_message(Bytes bytes) {
  const AlignedBytes copy(bytes);
  const auto* data = reinterpret_cast<const std::uint8_t*>(copy.bytes().data());
  flatbuffers::Verifier verifier(data, bytes.size());
  if (!verifier.VerifyBuffer<wire::QuarantinedMessage>(nullptr)) return nullptr;
  auto message = std::make_shared<wire::QuarantinedMessageT>();
  flatbuffers::GetRoot<wire::QuarantinedMessage>(data)->UnPackTo(message.get());
  return message;
}

}  // namespace

std::vector<std::byte> quarantine_record(const wire::QuarantinedMessageT& message) {
  flatbuffers::FlatBufferBuilder builder(message.bytes.size() + 1024);
  builder.Finish(wire::QuarantinedMessage::Pack(builder, &message));
  const Bytes payload{reinterpret_cast<const std::byte*>(builder.GetBufferPointer()),
                      builder.GetSize()};
  const std::uint32_t header[2] = {static_cast<std::uint32_t>(payload.size()), checksum(payload)};
  std::vector<std::byte> record(kHeaderBytes + payload.size());
  std::memcpy(record.data(), header, kHeaderBytes);
  std::memcpy(record.data() + kHeaderBytes, payload.data(), payload.size());
  return record;
}

std::size_t read_quarantine_records(Bytes bytes, std::vector<QuarantinedPtr>& messages) {
  std::size_t good = 0;
  while (bytes.size() - good > kHeaderBytes) {
    std::uint32_t header[2];
    std::memcpy(header, bytes.data() + good, kHeaderBytes);
    const std::size_t length = header[0];
    if (length == 0 || length > kRecordBytesMax) break;
    if (length > bytes.size() - good - kHeaderBytes) break;
    const Bytes payload = bytes.subspan(good + kHeaderBytes, length);
    if (checksum(payload) != header[1]) break;
    QuarantinedPtr message = read_message(payload);
    if (message == nullptr) break;
    messages.push_back(std::move(message));
    good += kHeaderBytes + length;
  }
  return good;
}

QuarantineFiles::QuarantineFiles(std::string folder, std::size_t file_bytes_max)
    : folder_(std::move(folder)), file_bytes_max_(file_bytes_max) {}

QuarantineFiles::~QuarantineFiles() {
  if (file_ >= 0) ::close(file_);
}

std::string QuarantineFiles::path(const char* name) const {
  return (fs::path(folder_) / name).string();
}

Result<std::unique_ptr<QuarantineFiles>> QuarantineFiles::open(const std::string& folder,
                                                               std::size_t file_bytes_max) {
  std::error_code error;
  std::unique_ptr<QuarantineFiles> files(new QuarantineFiles(folder, file_bytes_max));
  if (!fs::exists(folder, error)) {
    fs::create_directories(folder, error);
    // A full disk keeps no hub from starting: what is appended then is a fault.
    if (error == std::errc::no_space_on_device) return files;
    if (error) return Fault{FaultCode::Io, fmt::format("{}: {}", folder, error.message())};
    fs::permissions(folder, fs::perms::owner_all, error);
  }
  for (const char* name : {kOld, kNew}) {
    if (Result<void> read = files->read_file(name); !read) return read.fault();
  }
  const Result<void> opened = files->open_new();
  if (!opened && opened.fault().code != FaultCode::DiskFull) return opened.fault();
  return files;
}

Result<void> QuarantineFiles::read_file(const char* name) {
  const std::string where = path(name);
  std::error_code error;
  if (!fs::exists(where, error)) return {};
  std::ifstream file(where, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return failed(where, "can't be read");
  const std::size_t good = read_quarantine_records(std::as_bytes(std::span(text)), messages_);
  if (good == text.size()) return {};
  // What comes after it must not be read as a part of it.
  fs::resize_file(where, good, error);
  if (error) return Fault{FaultCode::Io, fmt::format("{}: {}", where, error.message())};
  cuts_.push_back(fmt::format("{}: the last {} of {} bytes were no whole messages and are cut off",
                              where, text.size() - good, text.size()));
  return {};
}

Result<void> QuarantineFiles::open_new() {
  const std::string where = path(kNew);
  file_ = ::open(where.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) return failed(where, "can't be opened");
  const off_t end = ::lseek(file_, 0, SEEK_END);
  if (end < 0) return failed(where, "can't be measured");
  size_ = static_cast<std::size_t>(end);
  return {};
}

Result<void> QuarantineFiles::begin_another() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
  if (::rename(path(kNew).c_str(), path(kOld).c_str()) != 0) {
    return failed(path(kNew), "can't be put aside");
  }
  return open_new();
}

Result<void> QuarantineFiles::append(const wire::QuarantinedMessageT& message) {
  const std::vector<std::byte> record = quarantine_record(message);
  if (file_ < 0) {
    if (Result<void> opened = open_new(); !opened) return opened;
  }
  if (size_ != 0 && size_ + record.size() > file_bytes_max_) {
    if (Result<void> begun = begin_another(); !begun) return begun;
  }
  if (!write_whole(file_, record)) {
    Fault fault = failed(path(kNew), "can't be written");
    // Half a record would hide what is written after it.
    if (::ftruncate(file_, static_cast<off_t>(size_)) != 0) {
      fault.sentence += "; it is cut at the next start";
    }
    return fault;
  }
  size_ += record.size();
  return {};
}

}  // namespace vigie::security
