#pragma once
// Passwords as argon2id hashes (libsodium's crypto_pwhash, its limits for interactive use: 64 MiB,
// 2 passes). Slow on purpose, and so never called on the net thread.

#include <string>

#include "schemas/words/result.h"

namespace vigie::web::people {

/// Fails with Unavailable when there is no memory for it.
Result<std::string> hash_password(const std::string& password);
/// False, too, where `hash` is none or there is no memory.
bool password_matches(const std::string& hash, const std::string& password);

}  // namespace vigie::web::people
