// Keys sort as their numbers do, rows of tracks give back what was put in, marks in the log are
// found.

#include <random>

#include "hub/store/keys.h"
#include "hub/store/track_rows.h"
#include "schemas/words/crc32c.h"
#include "tests/unit/hub/store/world.h"

namespace vigie::store::test {
namespace {

TEST(KeysTest, keys_sort_as_their_numbers_do) {
  EXPECT_LT(view(seq_key(255)), view(seq_key(256)));
  EXPECT_LT(view(event_time_key(-5, 9)), view(event_time_key(3, 1)));
  EXPECT_LT(view(known_key(-1)), view(known_key(0)));
  EXPECT_LT(view(page_key(4, kEndPage)), view(page_key(5, 0)));
  EXPECT_LT(track_key(-2, "b/b", 1), track_key(1, "a/a", 1));
  EXPECT_LT(track_key(1, "a/a", UINT64_MAX), track_key(1, "a/a-b", 1));
}

TEST(KeysTest, track_key_is_read_as_it_was_written) {
  const std::string key = track_key(-77, "red/first section", 12345678901ull);
  TrackKey parsed;
  ASSERT_TRUE(parse_track_key(key, parsed));
  EXPECT_EQ(parsed.hour, -77);
  EXPECT_EQ(parsed.unit, "red/first section");
  EXPECT_EQ(parsed.first_seq, 12345678901ull);
  EXPECT_FALSE(parse_track_key("short", parsed));
}

TEST(TrackRowsTest, row_gives_back_its_fixes) {
  const std::uint64_t seed = test_seed();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    const std::int64_t base_us = 1'790'000'000'000'000 + static_cast<std::int64_t>(random() % 1000);
    const std::int32_t hour = hour_of(base_us);
    std::vector<std::pair<std::uint64_t, std::int64_t>> fixes;
    std::uint64_t seq = 1 + random() % 1'000'000'000;
    for (std::size_t i = 0; i < 1 + random() % 50; ++i) {
      fixes.emplace_back(seq, hour * kHourUs + static_cast<std::int64_t>(
                                                   random() % static_cast<std::uint64_t>(kHourUs)));
      seq += 1 + random() % 5000;
    }
    TrackRowWriter row(hour, fixes[0].first, fixes[0].second);
    for (std::size_t i = 1; i < fixes.size(); ++i) row.add(fixes[i].first, fixes[i].second);
    std::vector<std::pair<std::uint64_t, std::int64_t>> got;
    ASSERT_TRUE(read_track_row(hour, fixes[0].first, row.value(),
                               [&](std::uint64_t at, std::int64_t time_us) {
                                 got.emplace_back(at, time_us);
                                 return true;
                               }));
    EXPECT_EQ(got, fixes) << "seed " << seed;
    EXPECT_EQ(track_row_last_seq(fixes[0].first, row.value()), fixes.back().first);
  }
}

TEST(TrackRowsTest, unit_that_reports_evenly_costs_at_most_three_bytes_a_fix) {
  const std::int32_t hour = 497'222;
  TrackRowWriter row(hour, 1, hour * kHourUs);
  for (std::uint64_t i = 1; i < 1000; ++i) {
    row.add(1 + i * 1000, hour * kHourUs + static_cast<std::int64_t>(i) * 1'000'000);
  }
  EXPECT_LE(row.value().size(), 8 + 3 * 1000u);  // the first time takes some bytes more
}

TEST(TrackRowsTest, malformed_row_is_refused) {
  const auto any = [](std::uint64_t, std::int64_t) { return true; };
  EXPECT_FALSE(read_track_row(1, 1, "", any));
  EXPECT_FALSE(read_track_row(1, 1, std::string_view("\x80\x80", 2), any));
  EXPECT_FALSE(read_track_row(1, 1, std::string_view("\x01\x01\x05", 3), any));
}

TEST(Crc32cTest, checksum_is_castagnolis) {
  EXPECT_EQ(crc32c("123456789", 9), 0xe3069283u);  // the check value of RFC 3720's polynomial
  EXPECT_EQ(crc32c("", 0), 0u);
}

}  // namespace
}  // namespace vigie::store::test
