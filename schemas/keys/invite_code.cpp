#include "schemas/keys/invite_code.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace vigie {
namespace {

constexpr std::string_view kPrefix = "VIGIE-";
constexpr unsigned char kVersion = 1;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSecretBytes = 16;
constexpr std::size_t kSumBytes = 4;
constexpr std::size_t kHubBytesMax = 255;
constexpr std::size_t kFixedBytes = 1 + kKeyBytes + kSecretBytes + kSumBytes;
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::array<unsigned char, kSumBytes> sum_of(std::span<const unsigned char> bytes) {
  std::array<unsigned char, 32> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
  std::array<unsigned char, kSumBytes> sum{};
  std::copy_n(hash.begin(), sum.size(), sum.begin());
  return sum;
}

Fault wrong(const char* what) {
  return {FaultCode::Invalid, fmt::format("the code is not an invitation's: {}", what)};
}

/// Of base64url.
bool is_digit64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

/// Printable ASCII without blanks, so that it can be shown and dialled.
bool is_address(std::string_view hub) {
  return !hub.empty() &&
         std::all_of(hub.begin(), hub.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::string format_invite_code(const InviteCode& code) {
  const auto key = key_bytes(code.hub_key);
  std::vector<unsigned char> bytes{kVersion};
  bytes.insert(bytes.end(), key.value().begin(), key.value().end());
  bytes.insert(bytes.end(), code.secret.bytes().begin(), code.secret.bytes().end());
  bytes.insert(bytes.end(), code.hub.begin(), code.hub.end());
  const auto sum = sum_of(bytes);
  bytes.insert(bytes.end(), sum.begin(), sum.end());
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();
  sodium_memzero(bytes.data(), bytes.size());
  return std::string(kPrefix) + text;
}

Result<InviteCode> parse_invite_code(std::string_view text) {
  std::string packed;
  std::copy_if(text.begin(), text.end(), std::back_inserter(packed),
               [](char c) { return c != ' ' && c != '\t' && c != '\r' && c != '\n'; });
  if (!packed.starts_with(kPrefix)) return wrong("it does not begin with VIGIE-");
  packed.erase(0, kPrefix.size());
  if (packed.size() > 2 * (kFixedBytes + kHubBytesMax)) return wrong("it is too long");
  // libsodium 1.0.18 takes some characters beyond ASCII for letters.
  if (!std::all_of(packed.begin(), packed.end(), is_digit64)) {
    return wrong("it holds a character that no code has");
  }
  std::vector<unsigned char> bytes(packed.size() + 1);
  std::size_t size = 0;
  const char* end = nullptr;
  const int read = sodium_base642bin(bytes.data(), bytes.size(), packed.data(), packed.size(),
                                     nullptr, &size, &end, kVariant);
  if (read != 0 || end != packed.data() + packed.size()) {
    return wrong("it is cut short");
  }
  bytes.resize(size);
  if (size <= kFixedBytes || size > kFixedBytes + kHubBytesMax) {
    return wrong("it is cut short, or too long");
  }
  const std::span<const unsigned char> all(bytes);
  const auto sum = sum_of(all.first(size - kSumBytes));
  if (!std::equal(sum.begin(), sum.end(), bytes.end() - static_cast<std::ptrdiff_t>(kSumBytes))) {
    return wrong("something in it is mistyped");
  }
  if (bytes[0] != kVersion) return wrong("it is of a newer version of this program");
  InviteCode code;
  code.hub_key = key_text(all.subspan<1, kKeyBytes>());
  code.secret = InviteSecret(all.subspan<1 + kKeyBytes, kSecretBytes>());
  const auto hub = all.subspan(1 + kKeyBytes + kSecretBytes, size - kFixedBytes);
  code.hub.assign(hub.begin(), hub.end());
  sodium_memzero(bytes.data(), bytes.size());
  if (!is_address(code.hub)) return wrong("the hub's address in it is not one");
  return code;
}

}  // namespace vigie
