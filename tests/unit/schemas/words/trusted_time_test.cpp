// What may be thrown away by its age is judged by a time that does not leap.

#include "schemas/words/trusted_time.h"

#include <gtest/gtest.h>

namespace vigie {
namespace {

constexpr std::int64_t kHourUs = 3600 * kMicrosecondsPerSecond;
constexpr std::int64_t kYearUs = 365 * 24 * kHourUs;

class SetClock final : public Clock {
 public:
  std::int64_t utc_us() const override { return steady + offset; }
  std::int64_t monotonic_us() const override { return steady; }
  std::int64_t steady = 5 * kMicrosecondsPerSecond;
  std::int64_t offset = 1'790'000'000 * kMicrosecondsPerSecond;
};

TEST(TrustedTime, follows_a_clock_that_goes_right) {
  SetClock clock;
  TrustedTime time(clock, {.time_us = clock.utc_us() - kHourUs});
  for (int i = 0; i < 100; ++i) {
    clock.steady += kHourUs;
    clock.offset += i % 2 == 0 ? kMicrosecondsPerSecond : -kMicrosecondsPerSecond;
    EXPECT_EQ(time.now_us(), clock.utc_us());
  }
  EXPECT_EQ(time.ahead_us(), 0);
}

TEST(TrustedTime, a_leap_that_is_mended_within_the_hour_never_counts) {
  SetClock clock;
  TrustedTime time(clock, {});
  const std::int64_t right_us = clock.offset;
  clock.offset += kYearUs;
  for (int minute = 0; minute < 59; ++minute) {
    EXPECT_EQ(time.now_us(), clock.steady + right_us);
    EXPECT_EQ(time.ahead_us(), kYearUs);
    clock.steady += kHourUs / 60;
  }
  clock.offset = right_us;
  EXPECT_EQ(time.now_us(), clock.utc_us());
  EXPECT_EQ(time.ahead_us(), 0);
}

TEST(TrustedTime, a_leap_that_stays_counts_after_an_hour) {
  SetClock clock;
  TrustedTime time(clock, {});
  clock.offset += kYearUs;
  time.now_us();
  clock.steady += kHourUs;
  EXPECT_EQ(time.now_us(), clock.utc_us());
}

TEST(TrustedTime, a_clock_far_ahead_of_what_was_last_known_has_to_wait_at_the_start) {
  SetClock clock;
  const std::int64_t last_us = clock.utc_us() - kYearUs;
  TrustedTime time(clock, {.time_us = last_us});
  EXPECT_EQ(time.now_us(), last_us);
  clock.steady += kHourUs / 2;
  EXPECT_EQ(time.now_us(), last_us + kHourUs / 2);
  clock.steady += kHourUs / 2;
  EXPECT_EQ(time.now_us(), clock.utc_us());
}

TEST(TrustedTime, the_wait_adds_up_over_short_uses_with_long_breaks) {
  SetClock clock;
  Trust last{.time_us = clock.utc_us() - kYearUs};
  for (int used = 0; used < 5; ++used) {
    TrustedTime time(clock, last);
    EXPECT_LT(time.now_us(), clock.utc_us() - kYearUs / 2);
    clock.steady += kHourUs / 5;
    EXPECT_EQ(time.now_us() == clock.utc_us(), used == 4) << "use " << used;
    last = time.trust();
    clock.offset += 7 * 24 * kHourUs;
  }
}

TEST(TrustedTime, a_clock_that_went_back_between_two_starts_waits_anew) {
  SetClock clock;
  Trust last{.time_us = clock.utc_us() - 2 * kYearUs};
  {
    TrustedTime time(clock, last);
    time.now_us();
    clock.steady += kHourUs - 1;
    time.now_us();
    last = time.trust();
  }
  clock.offset -= kYearUs;
  TrustedTime time(clock, last);
  EXPECT_LT(time.now_us(), clock.utc_us() - kYearUs / 2);
  clock.steady += kHourUs / 2;
  EXPECT_LT(time.now_us(), clock.utc_us() - kYearUs / 2);
  clock.steady += kHourUs / 2;
  EXPECT_EQ(time.now_us(), clock.utc_us());
}

TEST(TrustedTime, a_step_back_counts_at_once) {
  SetClock clock;
  TrustedTime time(clock, {});
  clock.offset -= kYearUs;
  EXPECT_EQ(time.now_us(), clock.utc_us());
}

}  // namespace
}  // namespace vigie
