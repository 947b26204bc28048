#include "hub/security/gate.h"

#include <gmock/gmock.h>

namespace vigie::security {
namespace {

const std::string kKey(64, 'a');
const std::string kOther(64, 'b');

struct HandClock final : Clock {
  std::int64_t now_us = 1'000'000;
  std::int64_t utc_us() const override { return now_us; }
  std::int64_t monotonic_us() const override { return now_us; }
};

ops::ZapReply decide(Gate& gate, const std::string& key) {
  return gate.decide(
      {.address = "10.0.0.1", .mechanism = key.empty() ? "NULL" : "CURVE", .key = key});
}

TEST(Gate, lets_nobody_in_before_it_is_told_whom) {
  const HandClock clock;
  Gate gate(clock, 1000);
  EXPECT_FALSE(decide(gate, kKey).allowed);
}

TEST(Gate, lets_in_whose_keys_it_was_told_and_names_them_by_their_keys) {
  const HandClock clock;
  Gate gate(clock, 1000);
  gate.allow({kKey});
  EXPECT_TRUE(decide(gate, kKey).allowed);
  EXPECT_EQ(decide(gate, kKey).user, kKey);
  EXPECT_FALSE(decide(gate, kOther).allowed);
  EXPECT_EQ(decide(gate, kOther).user, "");
}

TEST(Gate, forgets_whom_it_is_not_told_again) {
  const HandClock clock;
  Gate gate(clock, 1000);
  gate.allow({kKey, kOther});
  gate.allow({kOther});
  EXPECT_FALSE(decide(gate, kKey).allowed);
  EXPECT_TRUE(decide(gate, kOther).allowed);
}

TEST(Gate, lets_nobody_in_without_a_key) {
  const HandClock clock;
  Gate gate(clock, 1000);
  gate.allow({""});
  EXPECT_FALSE(decide(gate, "").allowed);
}

TEST(Gate, puts_off_a_key_that_comes_too_often_and_no_other) {
  HandClock clock;
  Gate gate(clock, 2);
  gate.allow({kKey, kOther});
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(decide(gate, kKey).allowed);
  EXPECT_FALSE(decide(gate, kKey).allowed);
  EXPECT_TRUE(decide(gate, kKey).later);
  EXPECT_TRUE(decide(gate, kOther).allowed);
  EXPECT_EQ(gate.put_off(), 2u);
  clock.now_us += 500'000;
  EXPECT_TRUE(decide(gate, kKey).allowed);
  EXPECT_FALSE(decide(gate, kKey).allowed);
}

TEST(Gate, an_unknown_key_is_not_told_to_come_later) {
  const HandClock clock;
  Gate gate(clock, 1);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(decide(gate, kKey).later);
}

TEST(Gate, counts_both) {
  const HandClock clock;
  Gate gate(clock, 1000);
  gate.allow({kKey});
  decide(gate, kKey);
  decide(gate, kOther);
  decide(gate, "");
  EXPECT_EQ(gate.let_in(), 1u);
  EXPECT_EQ(gate.turned_away(), 2u);
}

TEST(Gate, tells_of_keys_that_it_watches_for_and_counts_more_than_are_taken_as_strangers) {
  const HandClock clock;
  Gate gate(clock, 1000);
  gate.allow({kKey});
  gate.watch_for({kOther});
  EXPECT_FALSE(decide(gate, kOther).allowed);
  EXPECT_FALSE(decide(gate, kOther).later);
  decide(gate, "");
  EXPECT_THAT(gate.take_watched(), testing::ElementsAre(kOther, kOther));
  EXPECT_EQ(gate.turned_away(), 3u);
  EXPECT_EQ(gate.strangers(), 1u);
  for (int i = 0; i < 1000; ++i) decide(gate, kOther);
  const std::size_t told = gate.take_watched().size();
  EXPECT_LT(told, 100u);
  EXPECT_EQ(gate.strangers(), 1u + 1000u - told);
}

}  // namespace
}  // namespace vigie::security
