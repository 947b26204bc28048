#include "clients/web/server/accounts/totp.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "clients/web/server/accounts/secrets.h"
#include "schemas/keys/hash.h"
#include "schemas/words/times.h"

namespace vigie::web::people {
namespace {

constexpr std::int64_t kStepUs = 30 * kMicrosecondsPerSecond;

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const unsigned char c : octets(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    encoded += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return encoded;
}

}  // namespace

std::int64_t totp_step_at(std::int64_t utc_us) {
  return utc_us / kStepUs;
}

std::string totp_code(std::string_view secret, std::int64_t step, int digits) {
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (8 * (7 - i)));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(), counter.size(),
       mac.data(), &size);
  if (size != 20) return {};  // OpenSSL has no SHA-1: no code is right
  const std::size_t at = mac[size - 1] & 0x0FU;
  const std::uint32_t number = (static_cast<std::uint32_t>(mac[at] & 0x7F) << 24) |
                               (static_cast<std::uint32_t>(mac[at + 1]) << 16) |
                               (static_cast<std::uint32_t>(mac[at + 2]) << 8) | mac[at + 3];
  std::uint32_t modulus = 1;
  for (int i = 0; i < digits; ++i) modulus *= 10;
  return fmt::format("{:0{}}", number % modulus, digits);
}

std::optional<std::int64_t> totp_step_of(std::string_view secret, std::string_view code,
                                         std::int64_t utc_us, std::int64_t used) {
  std::string typed;
  for (const char c : code) {
    if (c != ' ') typed += c;
  }
  if (typed.size() != 6 || secret.empty()) return {};
  const std::int64_t now = totp_step_at(utc_us);
  for (const std::int64_t step : {now, now - 1, now + 1}) {
    if (step > used && same_secret(totp_code(secret, step), typed)) return step;
  }
  return {};
}

std::string totp_uri(std::string_view secret, std::string_view account, std::string_view issuer) {
  return fmt::format(
      "otpauth://totp/{0}:{1}?secret={2}&issuer={0}&algorithm=SHA1&digits=6&period=30",
      percent_encoded(issuer), percent_encoded(account), base32(secret));
}

}  // namespace vigie::web::people
