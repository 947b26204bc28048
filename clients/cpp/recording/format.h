#pragma once
// The bytes of a recording: what writer and reader have in common. README.md beside this has the
// table. Pure.

#include <optional>
#include <vector>

#include "schemas/keys/hash.h"
#include "schemas/keys/sign.h"
#include "schemas/messages/wire.h"
#include "vigie/recording.h"

namespace vigie::client::recording {

// As PNG's: a byte beyond ASCII, both line ends and a DOS end of file, so that a copy that mangled
// any of them is known at once.
inline constexpr std::array<unsigned char, 8> kMagic{0x89, 'V', 'G', 'R', '\r', '\n', 0x1a, '\n'};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 16;
inline constexpr std::size_t kRecordHeadBytes = 8;
inline constexpr std::size_t kHashBytes = 32;
/// As the largest message that a client takes.
inline constexpr std::size_t kContentBytesMax = limits::kFrameBytesMax + limits::kRequestBytesMax;

enum class RecordKind : std::uint32_t {
  Message = 1,  // of the conversation, as it went over the wire
  End = 2,      // counts
  Seal = 3      // nothing follows
};

std::vector<std::byte> header_bytes();

/// Kind and length.
struct RecordHead {
  RecordKind kind = RecordKind::Message;
  std::uint32_t bytes = 0;  // of the content
};
std::array<std::byte, kRecordHeadBytes> head_bytes(const RecordHead& head);
RecordHead parse_head(std::span<const std::byte, kRecordHeadBytes> bytes);

/// Each record's hash is that of the one before it and of the record: BLAKE2b-256 of hash, head and
/// content. The first goes on from the hash of the header.
class Chain {
 public:
  Chain();
  /// The hash after one more record.
  const Hash& add(Bytes head, Bytes content);
  const Hash& last() const { return last_; }

 private:
  Hash last_;
};

/// The content of End: what was counted, so that a reader counts the same.
std::vector<std::byte> end_bytes(const RecordingCounts& counts);
/// Whether these are the bytes of just that.
bool is_end_of(Bytes content, const RecordingCounts& counts);

/// The content of Seal. `last`: the hash of the record before it.
std::vector<std::byte> seal_bytes(const SignKeyPair& keys, std::string_view name,
                                  std::int64_t time_us, const Hash& last);
/// Empty: it is no seal, or not of this.
std::optional<RecordingSeal> parse_seal(Bytes content, const Hash& last);

}  // namespace vigie::client::recording
