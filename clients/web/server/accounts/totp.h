#pragma once
// Time-based one-time codes (RFC 6238): 30 s, HMAC-SHA-1, six digits, as every authenticator app
// has them. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::web::people {

/// Bytes of a new secret: what RFC 4226 recommends.
inline constexpr std::size_t kTotpSecretBytes = 20;

std::int64_t totp_step_at(std::int64_t utc_us);
/// `digits` is at most 9.
std::string totp_code(std::string_view secret, std::int64_t step, int digits = 6);
/// The step that `code` is of, now or one beside; empty: it is wrong, or of `used` or before.
/// Blanks in the code are skipped.
std::optional<std::int64_t> totp_step_of(std::string_view secret, std::string_view code,
                                         std::int64_t utc_us, std::int64_t used);
/// What an app scans: otpauth://totp/...; names are percent-encoded.
std::string totp_uri(std::string_view secret, std::string_view account, std::string_view issuer);

}  // namespace vigie::web::people
