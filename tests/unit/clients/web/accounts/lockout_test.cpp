#include "clients/web/server/accounts/lockout.h"

#include <gtest/gtest.h>

#include "schemas/words/times.h"

namespace vigie::web::people {
namespace {

constexpr std::int64_t kSecond = kMicrosecondsPerSecond;

TEST(Lockout, EachFailureOfAnAccountDoublesTheWaitUpToFiveMinutes) {
  Lockout lockout;
  std::int64_t now = 1000 * kSecond;
  for (const std::int64_t seconds : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
    // From another address each time: the account alone counts.
    const std::string address = "10.0.0." + std::to_string(seconds % 250);
    ASSERT_EQ(lockout.begin("anna", address, now).wait_seconds, 0);
    EXPECT_EQ(lockout.begin("anna", "10.9.9.9", now).wait_seconds, seconds);
    EXPECT_EQ(lockout.begin("anna", "10.9.9.9", now + seconds * kSecond - 1).wait_seconds, 1);
    now += seconds * kSecond;
  }
}

TEST(Lockout, AnAttemptThatMustWaitIsNotCounted) {
  Lockout lockout;
  static_cast<void>(lockout.begin("anna", "10.0.0.1", 0));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(lockout.begin("anna", "10.0.0.2", 0).wait_seconds, 1);
  EXPECT_EQ(lockout.begin("anna", "10.0.0.2", kSecond).wait_seconds, 0);
}

TEST(Lockout, ManyAttemptsAtOnceGainNothing) {
  Lockout lockout;
  int made = 0;
  for (int i = 0; i < 100; ++i) made += lockout.begin("anna", "10.0.0.1", 0).wait_seconds == 0;
  EXPECT_EQ(made, 1);
}

TEST(Lockout, AnAddressIsHeldOffWhateverNamesItTries) {
  Lockout lockout;
  for (unsigned i = 0; i < Lockout::kAddressFree; ++i) {
    ASSERT_EQ(lockout.begin("name" + std::to_string(i), "10.0.0.1", 0).wait_seconds, 0);
  }
  ASSERT_EQ(lockout.begin("another", "10.0.0.1", 0).wait_seconds, 0);
  EXPECT_EQ(lockout.begin("yet-another", "10.0.0.1", 0).wait_seconds, 1);
  EXPECT_EQ(lockout.begin("yet-another", "10.0.0.2", 0).wait_seconds, 0);
}

TEST(Lockout, SuccessEndsTheWaitAndForgetsTheFailures) {
  Lockout lockout;
  static_cast<void>(lockout.begin("anna", "10.0.0.1", 0));
  const auto attempt = lockout.begin("anna", "10.0.0.1", kSecond);
  ASSERT_EQ(attempt.wait_seconds, 0);
  lockout.succeeded(attempt, kSecond);
  EXPECT_EQ(lockout.begin("anna", "10.0.0.2", kSecond).wait_seconds, 0);
  EXPECT_EQ(lockout.begin("anna", "10.0.0.3", kSecond).wait_seconds, 1) << "counts from one again";
}

TEST(Lockout, WhoSignedInFromAnAddressIsNotShutOutByOthers) {
  Lockout lockout;
  const auto own = lockout.begin("anna", "10.0.0.1", 0);
  lockout.succeeded(own, 0);
  for (int i = 0; i < 12; ++i) {
    static_cast<void>(lockout.begin("anna", "10.6.6." + std::to_string(i), i * 301 * kSecond));
  }
  const std::int64_t now = 11 * 301 * kSecond;
  ASSERT_GT(lockout.begin("anna", "10.6.7.1", now).wait_seconds, 100);
  EXPECT_EQ(lockout.begin("anna", "10.0.0.1", now).wait_seconds, 0);
}

TEST(Lockout, SoManyFailuresInAMinuteHoldOffEverybodyUntilItIsOver) {
  Lockout lockout;
  for (unsigned i = 0; i < Lockout::kAllInMinute; ++i) {
    const std::string n = std::to_string(i);
    ASSERT_EQ(lockout.begin("name" + n, "10.1." + n + ".1", 100 * kSecond).wait_seconds, 0);
  }
  EXPECT_EQ(lockout.begin("anna", "10.0.0.1", 130 * kSecond).wait_seconds, 30);
  EXPECT_EQ(lockout.begin("anna", "10.0.0.1", 160 * kSecond).wait_seconds, 0);
}

TEST(Lockout, AStepThatIsMissingIsNoFailureButDoesNotHealOne) {
  Lockout lockout;
  static_cast<void>(lockout.begin("anna", "10.0.0.1", 0));
  const auto missing = lockout.begin("anna", "10.0.0.1", kSecond);
  lockout.undo(missing);
  ASSERT_EQ(lockout.begin("anna", "10.0.0.1", kSecond).wait_seconds, 0);
  EXPECT_EQ(lockout.begin("anna", "10.0.0.1", kSecond).wait_seconds, 2);
}

TEST(Lockout, QuietForAWhileFailuresAreForgotten) {
  Lockout lockout;
  std::int64_t now = 0;
  for (int i = 0; i < 5; ++i, now += 20 * kSecond) {
    static_cast<void>(lockout.begin("anna", "10.0.0.1", now));
  }
  now += 3600 * kSecond;
  ASSERT_EQ(lockout.begin("anna", "10.0.0.1", now).wait_seconds, 0);
  EXPECT_EQ(lockout.begin("anna", "10.0.0.1", now).wait_seconds, 1);
}

TEST(Lockout, MemoryIsBoundedWhateverNamesComeFromWherever) {
  Lockout lockout;
  for (int i = 0; i < 9000; ++i) {
    const std::string n = std::to_string(i);
    static_cast<void>(lockout.begin("n" + n, "a" + n, i * kSecond));
  }
  EXPECT_LE(lockout.keys(), 2 * Lockout::kKeysMax);
}

TEST(LockoutAddress, OfIpV6TheSixtyFourBitsOfOneSiteAreOneAddress) {
  EXPECT_EQ(lockout_address("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(lockout_address("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(lockout_address("2001:db8:1:2:3:4:5:6"), lockout_address("2001:db8:1:2::9"));
  EXPECT_NE(lockout_address("2001:db8:1:2::9"), lockout_address("2001:db8:1:3::9"));
}

}  // namespace
}  // namespace vigie::web::people
