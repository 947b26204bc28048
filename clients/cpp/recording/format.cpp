#include "clients/cpp/recording/format.h"

#include <algorithm>

#include "schemas/messages/names.h"

namespace vigie::client::recording {
namespace {

/// Little-endian.
template <typename Integer>
void put(std::vector<std::byte>& bytes, Integer value) {
  auto rest = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < sizeof(Integer); ++i, rest >>= 8) {
    bytes.push_back(static_cast<std::byte>(rest & 0xff));
  }
}

template <typename Integer>
Integer get(Bytes bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = sizeof(Integer); i-- > 0;) {
    value = value << 8 | static_cast<std::uint64_t>(bytes[i]);
  }
  return static_cast<Integer>(value);
}

void append(std::vector<std::byte>& bytes, std::span<const unsigned char> part) {
  const auto some = std::as_bytes(part);
  bytes.insert(bytes.end(), some.begin(), some.end());
}

// In the content of Seal.
constexpr std::size_t kSignatureAt = 32;
constexpr std::size_t kTimeAt = 96;
constexpr std::size_t kNameAt = 104;
constexpr std::size_t kNameBytesMax = 2 * limits::kNameBytesMax + 1;

/// What is signed: these words (and the zero behind them, so that nothing else of ours begins so),
/// the hash of the record before the seal, time and name.
std::vector<unsigned char> signed_text(const Hash& last, Bytes time_and_name) {
  constexpr std::string_view kWords("vigie recording seal 1\0", 23);
  const auto rest = octets(time_and_name);
  std::vector<unsigned char> text(kWords.size() + last.size() + rest.size());
  auto end = std::copy(kWords.begin(), kWords.end(), text.begin());
  end = std::copy(last.begin(), last.end(), end);
  std::copy(rest.begin(), rest.end(), end);
  return text;
}

}  // namespace

std::vector<std::byte> header_bytes() {
  std::vector<std::byte> bytes;
  append(bytes, kMagic);
  put(bytes, kVersion);
  put(bytes, std::uint32_t{0});
  return bytes;
}

std::array<std::byte, kRecordHeadBytes> head_bytes(const RecordHead& head) {
  std::vector<std::byte> bytes;
  put(bytes, static_cast<std::uint32_t>(head.kind));
  put(bytes, head.bytes);
  std::array<std::byte, kRecordHeadBytes> all{};
  std::copy(bytes.begin(), bytes.end(), all.begin());
  return all;
}

RecordHead parse_head(std::span<const std::byte, kRecordHeadBytes> bytes) {
  return {static_cast<RecordKind>(get<std::uint32_t>(bytes)),
          get<std::uint32_t>(bytes.subspan<4>())};
}

Chain::Chain() : last_(blake2b({octets(header_bytes())})) {}

const Hash& Chain::add(Bytes head, Bytes content) {
  last_ = blake2b({last_, octets(head), octets(content)});
  return last_;
}

std::vector<std::byte> end_bytes(const RecordingCounts& counts) {
  std::vector<std::byte> bytes;
  put(bytes, counts.messages);
  put(bytes, counts.entries);
  put(bytes, counts.first_seq);
  put(bytes, counts.last_seq);
  put(bytes, std::uint64_t{counts.complete});
  return bytes;
}

bool is_end_of(Bytes content, const RecordingCounts& counts) {
  const std::vector<std::byte> expected = end_bytes(counts);
  return std::equal(content.begin(), content.end(), expected.begin(), expected.end());
}

std::vector<std::byte> seal_bytes(const SignKeyPair& keys, std::string_view name,
                                  std::int64_t time_us, const Hash& last) {
  std::vector<std::byte> time_and_name;
  put(time_and_name, time_us);
  append(time_and_name, octets(name));
  std::vector<std::byte> bytes;
  append(bytes, key_bytes(keys.key).value());
  append(bytes, sign(signed_text(last, time_and_name), keys));
  bytes.insert(bytes.end(), time_and_name.begin(), time_and_name.end());
  return bytes;
}

std::optional<RecordingSeal> parse_seal(Bytes content, const Hash& last) {
  if (content.size() <= kNameAt || content.size() > kNameAt + kNameBytesMax) return std::nullopt;
  const auto all = octets(content);
  const auto name = all.subspan(kNameAt);
  RecordingSeal seal{.name = std::string(name.begin(), name.end()),
                     .key = key_text(all.first<kSignatureAt>()),
                     .time_us = get<std::int64_t>(content.subspan(kTimeAt))};
  Signature signature{};
  std::copy_n(all.begin() + kSignatureAt, signature.size(), signature.begin());
  const auto text = signed_text(last, content.subspan(kTimeAt));
  if (!is_unit_name(seal.name) || !is_signed_by(seal.key, text, signature)) return std::nullopt;
  return seal;
}

}  // namespace vigie::client::recording
