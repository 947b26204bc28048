#include "schemas/words/times.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/schemas/seed.h"

namespace vigie {
namespace {

constexpr std::int64_t kSecond = kMicrosecondsPerSecond;
constexpr std::int64_t kDay = 86'400 * kSecond;

std::int64_t parsed(std::string_view text) {
  const Result<std::int64_t> result = parse_time(text);
  EXPECT_TRUE(result.ok()) << text << ": " << (result.ok() ? "" : result.fault().sentence);
  return result.ok() ? *result : INT64_MIN;
}

TEST(TimesTest, every_time_written_is_read_back_the_same) {
  test::Chance chance(test::seed());
  for (int i = 0; i < 20'000; ++i) {
    const auto us = chance.pick<std::int64_t>(-62'167'219'200'000'000, 253'402'300'799'999'999);
    const std::string text = format_time(us);
    ASSERT_EQ(text.size(), 27u) << text;
    ASSERT_EQ(parsed(text), us) << text;
  }
}

TEST(TimesTest, known_moments_have_their_known_text) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_time(kTrueTimeUsMin), "2000-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(kTrueTimeUsMax), "2100-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(1'772'344'800'000'001), "2026-03-01T06:00:00.000001Z");
}

TEST(TimesTest, moments_beyond_the_years_of_four_digits_are_plain_counts) {
  EXPECT_EQ(format_time(-62'167'219'200'000'001), "-62167219200000001 us");
  EXPECT_EQ(format_time(-62'167'219'200'000'000), "0000-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(253'402'300'799'999'999), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_time(253'402'300'800'000'000), "253402300800000000 us");
  EXPECT_EQ(format_time(INT64_MIN), "-9223372036854775808 us");
  EXPECT_EQ(format_time(INT64_MAX), "9223372036854775807 us");
}

TEST(TimesTest, leap_years_follow_the_gregorian_rule) {
  EXPECT_EQ(parsed("2024-02-29T00:00:00Z") + kDay, parsed("2024-03-01T00:00:00Z"));
  EXPECT_EQ(parsed("2000-02-29T00:00:00Z") + kDay, parsed("2000-03-01T00:00:00Z"));
  EXPECT_FALSE(parse_time("2100-02-29T00:00:00Z").ok());
  EXPECT_FALSE(parse_time("2023-02-29T00:00:00Z").ok());
  EXPECT_FALSE(parse_time("2026-04-31T00:00:00Z").ok());
}

TEST(TimesTest, offsets_are_taken_off) {
  const std::int64_t noon = parsed("2026-03-01T12:00:00Z");
  EXPECT_EQ(parsed("2026-03-01T14:00:00+02:00"), noon);
  EXPECT_EQ(parsed("2026-03-01T08:30:00-03:30"), noon);
  EXPECT_EQ(parsed("2026-03-01T08:30:00-0330"), noon);
  EXPECT_EQ(parsed("2026-03-01T14:00+02"), noon);
  EXPECT_EQ(parsed("2026-03-02T01:00:00+13:00"), noon);
  EXPECT_EQ(parsed("2026-03-01T12:00:00"), noon);
  EXPECT_EQ(parsed("2026-03-01 12:00:00z"), noon);
  EXPECT_EQ(parsed("2026-03-01t12:00Z"), noon);
  EXPECT_EQ(parsed("2026-03-01") + kDay / 2, noon);
}

TEST(TimesTest, decimals_beyond_the_sixth_are_cut_off) {
  const std::int64_t base = parsed("2026-03-01T12:00:00Z");
  EXPECT_EQ(parsed("2026-03-01T12:00:00.5Z"), base + 500'000);
  EXPECT_EQ(parsed("2026-03-01T12:00:00,25Z"), base + 250'000);
  EXPECT_EQ(parsed("2026-03-01T12:00:00.000001Z"), base + 1);
  EXPECT_EQ(parsed("2026-03-01T12:00:00.999999999Z"), base + 999'999);
}

TEST(TimesTest, second_60_is_the_next_minutes_first) {
  EXPECT_EQ(parsed("2016-12-31T23:59:60Z"), parsed("2017-01-01T00:00:00Z"));
}

TEST(TimesTest, what_is_no_time_is_refused_with_its_text) {
  for (const char* text : {"",
                           "now",
                           "2026",
                           "2026-3-1",
                           "2026-03-01T",
                           "2026-03-01Z",
                           "2026-03-01T6:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-03-01T24:00:00Z",
                           "2026-03-01T00:60:00Z",
                           "2026-03-01T00:00:61Z",
                           "2026-03-01T00:00:00.Z",
                           "2026-03-01T00:00:00.1234567890Z",
                           "2026-03-01T00:00.5Z",
                           "2026-03-01T00:00:00+2",
                           "2026-03-01T00:00:00+02:",
                           "2026-03-01T00:00:00+24:00",
                           "2026-03-01T00:00:00+00:60",
                           "2026-03-01T00:00:00Zjunk",
                           "2026-03-01T00:00:00 ",
                           "-026-03-01T00:00:00Z",
                           "2026-03-01T00:-1:00Z",
                           "2026-03-01T00:00:",
                           " 2026-03-01",
                           "2026/03/01",
                           "+026-03-01T00:00:00Z",
                           "2026-03-01T00:00:00*02:00"}) {
    const Result<std::int64_t> result = parse_time(text);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.fault().code, FaultCode::Invalid);
    EXPECT_NE(result.fault().sentence.find(text), std::string::npos);
  }
}

TEST(TimesTest, durations_are_read_as_people_write_them) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"90", 90 * kSecond},
      {"90s", 90 * kSecond},
      {"1.5h", 5400 * kSecond},
      {"500ms", kSecond / 2},
      {"7us", 7},
      {"15m", 900 * kSecond},
      {"2d", 2 * kDay},
      {"0", 0},
      {"0.25", kSecond / 4},
      {"1e3ms", kSecond},
  };
  for (const auto& [text, us] : cases) {
    const Result<std::int64_t> result = parse_duration(text);
    ASSERT_TRUE(result.ok()) << text;
    EXPECT_EQ(*result, us) << text;
  }
}

TEST(TimesTest, what_is_no_duration_is_refused) {
  for (const char* text : {"", "s", "-1", "-1s", "1x", "1 s", " 1s", "1s ", "nan", "inf", "1e300d",
                           "110000000d", "1hh", "+5s"}) {
    const Result<std::int64_t> result = parse_duration(text);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.fault().code, FaultCode::Invalid);
  }
}

TEST(TimesTest, the_machines_clocks_go_forward) {
  const SystemClock clock;
  const std::int64_t before = clock.monotonic_us();
  EXPECT_GE(clock.monotonic_us(), before);
  EXPECT_GT(clock.utc_us(), kTrueTimeUsMin);
}

}  // namespace
}  // namespace vigie
