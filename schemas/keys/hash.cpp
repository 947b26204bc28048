#include "schemas/keys/hash.h"

#include <sodium.h>

#include <stdexcept>

namespace vigie {

void ready_sodium() {
  static const bool kReady = sodium_init() >= 0;
  if (!kReady) throw std::runtime_error("libsodium does not start");
}

Hash blake2b(std::initializer_list<std::span<const unsigned char>> parts) {
  ready_sodium();
  crypto_generichash_state state;
  Hash hash{};
  crypto_generichash_init(&state, nullptr, 0, hash.size());
  for (const std::span<const unsigned char> part : parts) {
    crypto_generichash_update(&state, part.data(), part.size());
  }
  crypto_generichash_final(&state, hash.data(), hash.size());
  sodium_memzero(&state, sizeof state);
  return hash;
}

}  // namespace vigie
