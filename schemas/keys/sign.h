#pragma once
// Signatures (Ed25519, RFC 8032) by the key that goes with an identity's CURVE key. It is derived
// from the secret one (libsodium's crypto_kdf: BLAKE2b with the context "vigiesgn" and subkey 1),
// so that there is nothing more to keep, and who has the one has the other. Its public half is
// Identity.sign_key. Pure.

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "schemas/keys/key_pair.h"

namespace vigie {

/// `key` is the public key as identities write it: 64 lower-case hexadecimal digits.
struct SignKeyPair {
  std::string key = {};
  Secret<32> seed = {};  // of the secret key
};

SignKeyPair sign_key_pair(const Secret<32>& secret);

using Signature = std::array<unsigned char, 64>;
Signature sign(std::span<const unsigned char> message, const SignKeyPair& pair);
/// False for what is no key, too.
bool is_signed_by(std::string_view key, std::span<const unsigned char> message,
                  const Signature& signature);

}  // namespace vigie
