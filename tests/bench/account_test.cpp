// The figures are only as good as the account behind them: what is lost, doubled or swapped must
// spoil a round, and percentiles must be right.

#include "tests/bench/account.h"

#include <gmock/gmock.h>

#include <array>

namespace vigie::bench {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::array<std::byte, kMessageBytes> payload(std::uint32_t publisher, std::uint64_t index,
                                             std::int64_t intended_ns = 0) {
  std::array<std::byte, kMessageBytes> bytes;
  write_payload(bytes.data(), bytes.size(), publisher, {index, 1, intended_ns, 0}, 0);
  return bytes;
}

TEST(Account, messages_of_two_publishers_in_order_are_counted_for_each_console) {
  Account account;
  account.open(2, 2, false);
  for (const auto& [publisher, index] : {std::pair{0u, 0u}, {1u, 0u}, {0u, 1u}}) {
    account.delivered(0, payload(publisher, index).data(), 0);
  }
  account.delivered(1, payload(0, 0).data(), 0);
  EXPECT_EQ(account.delivered_to(0), 3u);
  EXPECT_EQ(account.slowest(), 1u);
  EXPECT_THAT(account.spoilt(), IsEmpty());
}

TEST(Account, a_message_lost_on_the_way_spoils_the_round) {
  Account account;
  account.open(1, 1, false);
  account.delivered(0, payload(0, 0).data(), 0);
  account.delivered(0, payload(0, 2).data(), 0);
  EXPECT_THAT(account.spoilt(), HasSubstr("got message 2 of publisher 0 where 1 was next"));
}

TEST(Account, a_message_delivered_twice_spoils_the_round) {
  Account account;
  account.open(1, 1, false);
  account.delivered(0, payload(0, 0).data(), 0);
  account.delivered(0, payload(0, 0).data(), 0);
  EXPECT_THAT(account.spoilt(), HasSubstr("got message 0"));
}

TEST(Account, bytes_that_nobody_sent_spoil_the_round) {
  Account account;
  account.open(1, 1, false);
  const std::array<std::byte, kMessageBytes> nothing{};
  account.delivered(0, nothing.data(), 0);
  EXPECT_THAT(account.spoilt(), HasSubstr("nobody sent"));
}

TEST(Account, latency_counts_from_the_time_a_message_was_meant_to_be_sent) {
  Account account;
  account.open(1, 1, true);
  account.handed_over(0, {0, 2, 1'000'000, 500'000});
  account.delivered(0, payload(0, 0, 1'000'000).data(), 3'000'000);
  EXPECT_NEAR(account.latency().percentile_us(0.5), 2000, 2000 * 0.016);
  account.acknowledged(0, 2, 2'500'000);
  EXPECT_EQ(account.ack_latency().samples(), 2u);
  EXPECT_NEAR(account.ack_latency().percentile_us(1), 1500, 1500 * 0.016);
  EXPECT_NEAR(account.ack_latency().percentile_us(0.5), 1000, 1000 * 0.016);
}

TEST(Histogram, percentiles_are_right_to_a_bucket_over_the_whole_range) {
  Histogram histogram;
  for (std::int64_t us = 1; us <= 100'000; ++us) histogram.add(us * 1000);
  for (const double share : {0.01, 0.5, 0.9, 0.99, 1.0}) {
    EXPECT_NEAR(histogram.percentile_us(share), share * 100'000, share * 100'000 * 0.016);
  }
  EXPECT_EQ(Histogram().percentile_us(0.5), 0);
}

TEST(Median, is_the_middle_of_odd_counts_and_the_mean_of_the_middle_two_of_even_ones) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
}

}  // namespace
}  // namespace vigie::bench
