#pragma once
// Random secrets and what is kept of them. Chance is the system's (libsodium). Any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace vigie::web::people {

/// `prefix` and 256 random bits in base64url.
std::string make_token(std::string_view prefix);
/// What is kept of a token: BLAKE2b-256 in hexadecimal digits. A token is random, so that no slow
/// hash is needed.
std::string digest_of(std::string_view token);
/// The token that a page shows with each change, so that another site's page can't make one: made
/// of the session's secret, and tells nothing of it.
std::string csrf_of(std::string_view token);
/// 16 hexadecimal digits, random.
std::string make_id();
std::string random_bytes(std::size_t count);
/// RFC 4648, upper case, without padding.
std::string base32(std::string_view bytes);
/// In a time that tells nothing but the lengths.
bool same_secret(std::string_view one, std::string_view other);

}  // namespace vigie::web::people
