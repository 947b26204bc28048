#pragma once
// CURVE key pairs (RFC 26, CurveZMQ: Curve25519), and what is derived from names and secrets. Pure
// but for make_key_pair() and make_invite_secret(), which ask the system for chance. Secrets are
// wiped from memory when they go, and have no way into a text: no operator, no formatter.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "schemas/words/result.h"

namespace vigie {

/// Secret bytes that are wiped when they go.
template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::span<const unsigned char, N> bytes);
  ~Secret();
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  /// The one way out: to a library that needs them, or into a key file.
  std::span<const unsigned char, N> bytes() const { return bytes_; }

 private:
  std::array<unsigned char, N> bytes_{};
};

/// `key` is the public key as identities write it: 64 lower-case hexadecimal digits.
struct KeyPair {
  std::string key = {};
  Secret<32> secret = {};
};

/// A new one, from the system's chance.
KeyPair make_key_pair();
/// The pair that belongs to a secret key.
KeyPair key_pair_of(const Secret<32>& secret);

/// What an invitation's code holds; its key pair is derived from it (BLAKE2b-256 of "vigie invite"
/// and the secret), so that the code is short.
using InviteSecret = Secret<16>;
InviteSecret make_invite_secret();
KeyPair invite_key_pair(const InviteSecret& secret);

/// "64 hexadecimal digits" of 32 bytes and back; Invalid, without the text, when it is no key.
std::string key_text(std::span<const unsigned char, 32> key);
Result<std::array<unsigned char, 32>> key_bytes(std::string_view text);

/// Spool.high of every spool of an identity: the first eight bytes, little-endian, of BLAKE2b-256
/// of its name (OWNER/NAME; for whoever holds an invitation "invite/" and its key). The hub takes
/// from an identity no other spool, so that nobody settles another's numbers. Never 0.
std::uint64_t spool_owner(std::string_view name);

}  // namespace vigie
