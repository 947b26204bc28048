#include "schemas/keys/sign.h"

#include <sodium.h>

#include "schemas/keys/hash.h"

namespace vigie {
namespace {

static_assert(crypto_kdf_KEYBYTES == 32 && crypto_sign_SEEDBYTES == 32);
static_assert(crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_BYTES == 64);

constexpr char kContext[crypto_kdf_CONTEXTBYTES + 1] = "vigiesgn";
constexpr std::uint64_t kSubkey = 1;

/// libsodium's form of the secret key, wiped when it goes.
struct Expanded {
  explicit Expanded(const Secret<32>& seed) {
    crypto_sign_seed_keypair(key.data(), secret.data(), seed.bytes().data());
  }
  ~Expanded() { sodium_memzero(secret.data(), secret.size()); }
  Expanded(const Expanded&) = delete;
  Expanded& operator=(const Expanded&) = delete;

  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> key{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
};

}  // namespace

SignKeyPair sign_key_pair(const Secret<32>& secret) {
  ready_sodium();
  std::array<unsigned char, 32> derived{};
  crypto_kdf_derive_from_key(derived.data(), derived.size(), kSubkey, kContext,
                             secret.bytes().data());
  const Secret<32> seed{derived};
  sodium_memzero(derived.data(), derived.size());
  return {.key = key_text(Expanded(seed).key), .seed = seed};
}

Signature sign(std::span<const unsigned char> message, const SignKeyPair& pair) {
  ready_sodium();
  const Expanded expanded(pair.seed);
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                       expanded.secret.data());
  return signature;
}

bool is_signed_by(std::string_view key, std::span<const unsigned char> message,
                  const Signature& signature) {
  ready_sodium();
  const auto bytes = key_bytes(key);
  return bytes && crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                              bytes->data()) == 0;
}

}  // namespace vigie
