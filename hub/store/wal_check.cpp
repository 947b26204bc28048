#include "hub/store/wal_check.h"

#include <fmt/format.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "hub/store/keys.h"
#include "schemas/words/crc32c.h"

namespace vigie::store {
namespace {

// RocksDB's log format: blocks of 32 KiB that hold records; a record is crc(4, masked) length(2)
// type(1) payload, all little-endian. One write is one Full record, or First, Middle*, Last.
constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kHeaderBytes = 7;
enum RecordType : unsigned char { Zero = 0, Full = 1, First = 2, Middle = 3, Last = 4 };

// A write's payload: sequence(8) count(4), then its operations; ours begin with LogData, whose tag
// is 3, with a varint length before the data.
constexpr std::size_t kBatchHeaderBytes = 12;
constexpr char kLogDataTag = 3;
constexpr std::string_view kMarkMagic = "VGSYNC";
constexpr std::size_t kMarkBytes = 14;

struct Record {
  RecordType type;
  std::string_view payload;
  std::size_t bytes;  // header included
};

std::uint32_t little_u32(const char* at) {
  std::uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
std::uint64_t little_u64(const char* at) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// The record at `at`, when a whole and right one stands there.
std::optional<Record> record_at(std::string_view file, std::size_t at) {
  const std::size_t block_end = std::min(file.size(), (at / kBlockBytes + 1) * kBlockBytes);
  if (at + kHeaderBytes > block_end) return std::nullopt;
  const char* header = file.data() + at;
  const std::size_t length = static_cast<unsigned char>(header[4]) |
                             static_cast<std::size_t>(static_cast<unsigned char>(header[5])) << 8;
  const auto type = static_cast<unsigned char>(header[6]);
  if (type < Full || type > Last || at + kHeaderBytes + length > block_end) return std::nullopt;
  const std::uint32_t masked = little_u32(header) - 0xa282ead8u;
  const std::uint32_t crc = (masked >> 17) | (masked << 15);
  if (crc32c(header + 6, length + 1) != crc) return std::nullopt;
  return Record{static_cast<RecordType>(type), file.substr(at + kHeaderBytes, length),
                kHeaderBytes + length};
}

// What of a write's beginning is looked at.
constexpr std::size_t kHeadBytes = kBatchHeaderBytes + 2 + kMarkBytes;

/// The mark at the beginning of a write, when it is a commit of the writer.
std::optional<std::uint64_t> mark_of(std::string_view head) {
  if (head.size() < kHeadBytes) return std::nullopt;
  const char* at = head.data() + kBatchHeaderBytes;
  if (at[0] != kLogDataTag || at[1] != kMarkBytes) return std::nullopt;
  if (std::string_view(at + 2, kMarkMagic.size()) != kMarkMagic) return std::nullopt;
  return get_u64(at + 2 + kMarkMagic.size());
}

struct BadPlace {
  std::string file;
  std::size_t offset;
};

/// Follows the files in order: what stands whole up to the first bad place, and what marks behind
/// it claim.
class WalWalk {
 public:
  void file(const std::string& name, std::string_view bytes) {
    // Zeros at the end are space reserved ahead, or what a torn write left.
    const std::size_t content_end = bytes.find_last_not_of('\0') + 1;
    std::size_t at = 0;
    while (at + kHeaderBytes <= bytes.size() && at < content_end) {
      const std::size_t left = kBlockBytes - at % kBlockBytes;
      if (left < kHeaderBytes) {
        at += left;
        continue;
      }
      const auto record = record_at(bytes, at);
      if (record) {
        take(*record, name, at);
        at += record->bytes;
        continue;
      }
      bad(name, at);
      ++at;
    }
    // A write that breaks off with its file was not finished.
    if (in_write_) bad(name, write_at_);
    in_write_ = false;
  }

  /// The bad place, when synced records are gone there.
  std::optional<BadPlace> damage() const { return proven_ ? first_bad_ : std::nullopt; }

 private:
  void bad(const std::string& name, std::size_t at) {
    if (!first_bad_) first_bad_ = BadPlace{name, in_write_ ? write_at_ : at};
    in_write_ = false;
  }
  void take(const Record& record, const std::string& name, std::size_t at) {
    const bool starts = record.type == Full || record.type == First;
    const bool ends = record.type == Full || record.type == Last;
    if (starts == in_write_) {  // an end or a beginning is missing
      bad(name, at);
      if (!starts) return;
    }
    if (starts) {
      head_.clear();
      write_at_ = at;
      in_write_ = true;
    }
    // A write's first record may hold only some bytes of it, at the end of a block.
    const bool head_was_short = head_.size() < kHeadBytes;
    if (head_was_short) head_.append(record.payload.substr(0, kHeadBytes - head_.size()));
    if (head_was_short && first_bad_) weigh();
    if (!ends) return;
    in_write_ = false;
    if (first_bad_) return;
    if (head_.size() < kBatchHeaderBytes) return bad(name, write_at_);
    const std::uint32_t count = little_u32(head_.data() + 8);
    if (count != 0) {
      whole_sequence_ = std::max(whole_sequence_, little_u64(head_.data()) + count - 1);
    }
  }

  /// What the beginning of a write behind the bad place says of that place.
  void weigh() {
    if (proven_ || head_.size() < kBatchHeaderBytes) return;
    // A write that takes up the numbers where they broke off: an earlier start has cut a torn tail
    // there, and the log went on in a new file.
    if (little_u64(head_.data()) == whole_sequence_ + 1) {
      first_bad_.reset();
      return;
    }
    const auto mark = mark_of(head_);
    proven_ = mark && *mark > whole_sequence_;
  }

  std::uint64_t whole_sequence_ = 0;
  std::string head_;
  std::size_t write_at_ = 0;
  bool in_write_ = false;
  bool proven_ = false;
  std::optional<BadPlace> first_bad_;
};

Result<void> sync_file(rocksdb::Env& env, const std::string& path) {
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = env.ReopenWritableFile(path, &file, rocksdb::EnvOptions());
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file->Close();
  if (status.ok()) return {};
  return Fault{FaultCode::Io,
               fmt::format("syncing the write-ahead log {} failed: {}", path, status.ToString())};
}

}  // namespace

void put_sync_mark(rocksdb::WriteBatch& batch, std::uint64_t synced_sequence) {
  std::string mark(kMarkMagic);
  mark.append(view(seq_key(synced_sequence)));
  batch.PutLogData(mark);
}

Result<void> check_wal(rocksdb::Env& env, const std::string& directory) {
  std::vector<std::string> names;
  if (!env.GetChildren(directory, &names).ok()) return {};
  std::erase_if(names, [](const std::string& name) {
    return !name.ends_with(".log") || name.find_first_not_of("0123456789") != name.size() - 4;
  });
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  WalWalk walk;
  for (const std::string& name : names) {
    std::string bytes;
    const rocksdb::Status status =
        rocksdb::ReadFileToString(&env, fmt::format("{}/{}", directory, name), &bytes);
    if (!status.ok()) {
      return Fault{FaultCode::Io, fmt::format("reading the write-ahead log {}/{} failed: {}",
                                              directory, name, status.ToString())};
    }
    walk.file(name, bytes);
    if (auto done = sync_file(env, fmt::format("{}/{}", directory, name)); !done.ok()) {
      return done.fault();
    }
  }
  if (const auto damage = walk.damage()) {
    return Fault{
        FaultCode::Damaged,
        fmt::format("the write-ahead log {}/{} is damaged at byte {}, and what stood there "
                    "had been synced: restore the directory from a copy, or move the file "
                    "away to go on without what it holds",
                    directory, damage->file, damage->offset)};
  }
  return {};
}

}  // namespace vigie::store
