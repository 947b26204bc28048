#include "hub/security/gate.h"

#include <gtest/gtest.h>

namespace vigie::security {
namespace {

const std::string kKey(64, 'a');
const std::string kOther(64, 'b');

ops::ZapReply decide(Gate& gate, const std::string& key) {
  return gate.decide(
      {.address = "10.0.0.1", .mechanism = key.empty() ? "NULL" : "CURVE", .key = key});
}

TEST(Gate, lets_nobody_in_before_it_is_told_whom) {
  Gate gate;
  EXPECT_FALSE(decide(gate, kKey).allowed);
}

TEST(Gate, lets_in_whose_keys_it_was_told_and_names_them_by_their_keys) {
  Gate gate;
  gate.allow({kKey});
  EXPECT_TRUE(decide(gate, kKey).allowed);
  EXPECT_EQ(decide(gate, kKey).user, kKey);
  EXPECT_FALSE(decide(gate, kOther).allowed);
  EXPECT_EQ(decide(gate, kOther).user, "");
}

TEST(Gate, forgets_whom_it_is_not_told_again) {
  Gate gate;
  gate.allow({kKey, kOther});
  gate.allow({kOther});
  EXPECT_FALSE(decide(gate, kKey).allowed);
  EXPECT_TRUE(decide(gate, kOther).allowed);
}

TEST(Gate, lets_nobody_in_without_a_key) {
  Gate gate;
  gate.allow({""});
  EXPECT_FALSE(decide(gate, "").allowed);
}

TEST(Gate, counts_both) {
  Gate gate;
  gate.allow({kKey});
  decide(gate, kKey);
  decide(gate, kOther);
  decide(gate, "");
  EXPECT_EQ(gate.let_in(), 1u);
  EXPECT_EQ(gate.turned_away(), 2u);
}

}  // namespace
}  // namespace vigie::security
