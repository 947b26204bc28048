#include "clients/web/server/accounts/secrets.h"

#include <gtest/gtest.h>

#include <set>

#include "clients/web/server/accounts/cookies.h"
#include "clients/web/server/accounts/passwords.h"
#include "clients/web/server/accounts/qr_path.h"
#include "clients/web/server/accounts/totp.h"
#include "clients/web/server/accounts/words.h"
#include "schemas/words/times.h"

namespace vigie::web::people {
namespace {

constexpr std::int64_t kSecond = kMicrosecondsPerSecond;
const std::string kRfcSecret = "12345678901234567890";

struct Vector {
  std::int64_t seconds;
  const char* code;
};

class Rfc6238 : public testing::TestWithParam<Vector> {};

TEST_P(Rfc6238, TheStandardsOwnValuesWithEightDigits) {
  EXPECT_EQ(totp_code(kRfcSecret, totp_step_at(GetParam().seconds * kSecond), 8), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(AppendixB, Rfc6238,
                         testing::Values(Vector{59, "94287082"}, Vector{1111111109, "07081804"},
                                         Vector{1111111111, "14050471"},
                                         Vector{1234567890, "89005924"},
                                         Vector{2000000000, "69279037"},
                                         Vector{20000000000, "65353130"}));

TEST(Totp, TheStepsBesideAreTakenAndNoOthers) {
  const std::int64_t now = 2'000'000'000 * kSecond;
  const std::int64_t step = totp_step_at(now);
  for (const std::int64_t beside : {-1, 0, 1}) {
    EXPECT_EQ(totp_step_of(kRfcSecret, totp_code(kRfcSecret, step + beside), now, 0),
              step + beside);
  }
  EXPECT_FALSE(totp_step_of(kRfcSecret, totp_code(kRfcSecret, step - 2), now, 0));
  EXPECT_FALSE(totp_step_of(kRfcSecret, totp_code(kRfcSecret, step + 2), now, 0));
}

TEST(Totp, AStepThatWasUsedOrOneBeforeItIsNotTakenAgain) {
  const std::int64_t now = 2'000'000'000 * kSecond;
  const std::int64_t step = totp_step_at(now);
  EXPECT_FALSE(totp_step_of(kRfcSecret, totp_code(kRfcSecret, step), now, step));
  EXPECT_FALSE(totp_step_of(kRfcSecret, totp_code(kRfcSecret, step - 1), now, step));
  EXPECT_TRUE(totp_step_of(kRfcSecret, totp_code(kRfcSecret, step + 1), now, step));
}

TEST(Totp, BlanksAreSkippedAndWhatIsNoCodeIsRefused) {
  const std::int64_t now = 59 * kSecond;
  EXPECT_TRUE(totp_step_of(kRfcSecret, "287 082", now, 0));
  for (const char* wrong : {"", "28708", "2870822", "abcdef", "-28708"}) {
    EXPECT_FALSE(totp_step_of(kRfcSecret, wrong, now, 0)) << wrong;
  }
  EXPECT_FALSE(totp_step_of("", totp_code("", 1), now, 0)) << "no secret has a code";
}

TEST(Totp, TheAddressForAnAppNamesSecretAndIssuer) {
  EXPECT_EQ(totp_uri(kRfcSecret, "anna", "Vigie room"),
            "otpauth://totp/Vigie%20room:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer="
            "Vigie%20room&algorithm=SHA1&digits=6&period=30");
}

TEST(Base32, TheStandardsOwnValues) {
  EXPECT_EQ(base32(""), "");
  EXPECT_EQ(base32("f"), "MY");
  EXPECT_EQ(base32("foob"), "MZXW6YQ");
  EXPECT_EQ(base32("foobar"), "MZXW6YTBOI");
}

TEST(QrPath, IsAPathInsideTheBoxWithItsQuietZone) {
  const auto code = qr_path("otpauth://totp/x");
  ASSERT_TRUE(code.ok());
  EXPECT_GE(code->side, 29U);
  EXPECT_TRUE(code->path.starts_with("M4 4h7v1h-7z")) << "the corner's mark";
  EXPECT_EQ(code->path.find_first_not_of("Mhvz0123456789 -"), std::string::npos);
  EXPECT_FALSE(qr_path(std::string(8000, 'x')).ok());
}

TEST(Passwords, AHashIsOfArgon2idAndMatchesItsOwnAlone) {
  const auto hash = hash_password("correct horse battery");
  ASSERT_TRUE(hash.ok());
  EXPECT_TRUE(hash->starts_with("$argon2id$"));
  EXPECT_TRUE(password_matches(*hash, "correct horse battery"));
  EXPECT_FALSE(password_matches(*hash, "correct horse batterz"));
  EXPECT_FALSE(password_matches("", ""));
  EXPECT_FALSE(password_matches("$argon2id$nonsense", "x"));
  EXPECT_NE(*hash, *hash_password("correct horse battery")) << "each has a salt of its own";
}

TEST(Tokens, AreRandomAndKeptAsADigestThatIsNotTheCsrfToken) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(make_token("vigie_"));
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_EQ(seen.begin()->size(), 6U + 43U);
  EXPECT_EQ(digest_of("a").size(), 64U);
  EXPECT_NE(digest_of("a"), csrf_of("a"));
}

TEST(Words, AccountNames) {
  for (const char* good : {"a", "anna", "anna.b-c_2", "0x"}) {
    EXPECT_TRUE(check_account_name(good).ok()) << good;
  }
  const std::string long_name(33, 'a');
  for (const std::string_view bad :
       {"", "Anna", "-a", ".a", "a b", "a/b", "../a", "a'; DROP TABLE accounts;--", "\xC3\xA9va"}) {
    EXPECT_FALSE(check_account_name(bad).ok()) << bad;
  }
  EXPECT_FALSE(check_account_name(long_name).ok());
  EXPECT_FALSE(check_account_name(std::string_view("a\0b", 3)).ok());
  EXPECT_EQ(account_name_of("Anna.B"), "anna.b");
}

TEST(Words, PasswordsAreCountedInCharactersAndAreNotTheName) {
  EXPECT_FALSE(check_password("123456789", "anna").ok());
  EXPECT_TRUE(check_password("1234567890", "anna").ok());
  EXPECT_TRUE(check_password("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3"
                             "\xA9\xC3\xA9",
                             "anna")
                  .ok());
  EXPECT_TRUE(check_password(std::string(128, 'x'), "anna").ok());
  EXPECT_FALSE(check_password(std::string(129, 'x'), "anna").ok());
  EXPECT_FALSE(check_password("Anna-Maria-Bo", "anna-maria-bo").ok());
  EXPECT_FALSE(check_password("1234567890\xFF", "anna").ok());
  EXPECT_FALSE(check_password("12345\n67890", "anna").ok());
}

TEST(Words, AFaultNeverTellsThePassword) {
  EXPECT_EQ(check_password("hunter2", "anna").fault().sentence.find("hunter2"), std::string::npos);
}

TEST(Cookies, ByTlsTheCookieIsBoundToTheHostAndTheWay) {
  EXPECT_EQ(session_cookie(true, "T", 60),
            "__Host-vigie=T; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(session_cookie(false, "T", 60),
            "vigie=T; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
}

TEST(Cookies, InTheClearLoopbackAloneIsPrivate) {
  Request request;
  for (const char* address : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    request.remote = address;
    EXPECT_TRUE(is_private(request)) << address;
  }
  for (const char* address : {"10.0.0.1", "192.0.2.1", "::2", "", "127.example"}) {
    request.remote = address;
    EXPECT_FALSE(is_private(request)) << address;
  }
  request.secure = true;
  EXPECT_TRUE(is_private(request));
}

}  // namespace
}  // namespace vigie::web::people
