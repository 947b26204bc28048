#include "schemas/keys/key_pair.h"

#include <sodium.h>

#include <algorithm>

#include "schemas/keys/hash.h"

namespace vigie {
namespace {

static_assert(crypto_box_PUBLICKEYBYTES == 32 && crypto_box_SECRETKEYBYTES == 32);

constexpr std::size_t kKeyDigits = 64;

}  // namespace

template <std::size_t N>
Secret<N>::Secret(std::span<const unsigned char, N> bytes) {
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

template <std::size_t N>
Secret<N>::~Secret() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

template class Secret<16>;
template class Secret<32>;

KeyPair make_key_pair() {
  ready_sodium();
  std::array<unsigned char, 32> key{};
  std::array<unsigned char, 32> secret{};
  crypto_box_keypair(key.data(), secret.data());
  KeyPair pair{.key = key_text(key), .secret = Secret<32>(secret)};
  sodium_memzero(secret.data(), secret.size());
  return pair;
}

KeyPair key_pair_of(const Secret<32>& secret) {
  ready_sodium();
  std::array<unsigned char, 32> key{};
  crypto_scalarmult_base(key.data(), secret.bytes().data());
  return {.key = key_text(key), .secret = secret};
}

InviteSecret make_invite_secret() {
  ready_sodium();
  std::array<unsigned char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  InviteSecret secret{bytes};
  sodium_memzero(bytes.data(), bytes.size());
  return secret;
}

KeyPair invite_key_pair(const InviteSecret& secret) {
  std::array<unsigned char, 32> derived = blake2b({octets("vigie invite"), secret.bytes()});
  const Secret<32> own{derived};
  sodium_memzero(derived.data(), derived.size());
  return key_pair_of(own);
}

std::string key_text(std::span<const unsigned char, 32> key) {
  std::string text(kKeyDigits + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), key.data(), key.size());
  text.pop_back();
  return text;
}

Result<std::array<unsigned char, 32>> key_bytes(std::string_view text) {
  std::array<unsigned char, 32> key{};
  std::size_t bytes = 0;
  const char* end = nullptr;
  const bool read =
      text.size() == kKeyDigits &&
      sodium_hex2bin(key.data(), key.size(), text.data(), text.size(), nullptr, &bytes, &end) ==
          0 &&
      bytes == key.size() && end == text.data() + text.size() &&
      std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'F'; });
  if (read) return key;
  sodium_memzero(key.data(), key.size());
  return Fault{FaultCode::Invalid, "a key is 64 lower-case hexadecimal digits"};
}

std::uint64_t spool_owner(std::string_view name) {
  const std::array<unsigned char, 32> hash = blake2b({octets(name)});
  std::uint64_t owner = 0;
  for (int i = 7; i >= 0; --i) owner = owner << 8 | hash[static_cast<std::size_t>(i)];
  return owner == 0 ? 1 : owner;
}

}  // namespace vigie
