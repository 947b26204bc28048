// How far a device's clock is off, from when batches were sent and came in.

#include "hub/ingest/clock_offset.h"

#include <gtest/gtest.h>

namespace vigie::ingest {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kHourUs = 3600 * kSecondUs;
constexpr std::int64_t kNowUs = 1'772'366'400 * kSecondUs;

TEST(ClockOffset, the_least_delay_is_nearest_to_the_truth) {
  ClockOffset offset;
  offset.note(kNowUs, kNowUs - kHourUs - 30 * kSecondUs);
  EXPECT_EQ(offset.correction_us(), kHourUs + 30 * kSecondUs);
  offset.note(kNowUs + kSecondUs, kNowUs + kSecondUs - kHourUs);
  EXPECT_EQ(offset.correction_us(), kHourUs);
}

TEST(ClockOffset, link_delay_is_not_a_wrong_clock) {
  ClockOffset offset;
  offset.note(kNowUs, kNowUs - kSecondUs);
  EXPECT_EQ(offset.correction_us(), 0);
}

TEST(ClockOffset, a_clock_that_was_ahead_and_is_set_right_is_believed_at_once) {
  ClockOffset offset;
  offset.note(kNowUs, kNowUs + kHourUs);
  EXPECT_EQ(offset.correction_us(), -kHourUs);
  offset.note(kNowUs + 10 * kSecondUs, kNowUs + 10 * kSecondUs);
  EXPECT_EQ(offset.correction_us(), 0);
}

TEST(ClockOffset, a_clock_that_was_behind_and_is_set_right_is_believed_at_once) {
  ClockOffset offset;
  offset.note(kNowUs, kNowUs - kHourUs);
  offset.note(kNowUs + 10 * kSecondUs, kNowUs + 10 * kSecondUs);
  EXPECT_EQ(offset.correction_us(), 0);
}

TEST(ClockOffset, what_was_heard_before_a_long_silence_says_nothing) {
  ClockOffset offset;
  offset.note(kNowUs, kNowUs + kHourUs);
  const std::int64_t later_us = kNowUs + 3 * kHourUs;
  offset.note(later_us, later_us);
  EXPECT_EQ(offset.correction_us(), 0);
}

TEST(ClockOffset, a_slow_stretch_of_the_link_does_not_spoil_what_is_known) {
  ClockOffset offset;
  for (int i = 0; i < 200; ++i) {
    const std::int64_t sent_us = kNowUs + i * kSecondUs;
    const std::int64_t delay_us = i % 3 == 0 ? 0 : 5 * kSecondUs;
    offset.note(sent_us + delay_us, sent_us);
    EXPECT_EQ(offset.correction_us(), 0);
  }
}

}  // namespace
}  // namespace vigie::ingest
