#include "clients/web/server/accounts/secrets.h"

#include <sodium.h>

#include <cstdint>

#include "schemas/keys/hash.h"

namespace vigie::web::people {
namespace {

std::string hex(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), octets(bytes).data(), bytes.size());
  text.pop_back();
  return text;
}

std::string tagged_digest(std::string_view tag, std::string_view token) {
  const Hash hash = blake2b({octets(tag), octets(token)});
  return hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

}  // namespace

std::string random_bytes(std::size_t count) {
  ready_sodium();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

std::string make_token(std::string_view prefix) {
  constexpr std::size_t kBytes = 32;
  std::string bytes = random_bytes(kBytes);
  std::string text(sodium_base64_ENCODED_LEN(kBytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                   '\0');
  sodium_bin2base64(text.data(), text.size(), octets(bytes).data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.resize(text.find('\0'));
  sodium_memzero(bytes.data(), bytes.size());
  return std::string(prefix) + text;
}

std::string digest_of(std::string_view token) {
  return tagged_digest("vigie-web token ", token);
}

std::string csrf_of(std::string_view token) {
  return tagged_digest("vigie-web csrf ", token);
}

std::string make_id() {
  return hex(random_bytes(8));
}

std::string base32(std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const unsigned char byte : octets(bytes)) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += kDigits[(held >> (bits - 5)) & 31];
    held &= (1U << bits) - 1;
  }
  if (bits > 0) text += kDigits[(held << (5 - bits)) & 31];
  return text;
}

bool same_secret(std::string_view one, std::string_view other) {
  return one.size() == other.size() && sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace vigie::web::people
