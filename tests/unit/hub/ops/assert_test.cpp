// VIGIE_ASSERT stays on in release builds and says what it saw.

#include "hub/ops/assert.h"

#include <gtest/gtest.h>

namespace vigie::ops {
namespace {

enum class Colour { Red, Green };

TEST(Assert, a_true_condition_costs_nothing_and_evaluates_once) {
  int calls = 0;
  VIGIE_ASSERT(++calls == 1, calls);
  EXPECT_EQ(calls, 1);
}

TEST(AssertDeathTest, a_false_one_prints_place_condition_and_values) {
  const int seq = 3;
  const std::string name = "A/B";
  EXPECT_DEATH(VIGIE_ASSERT(seq > 4, seq, name, Colour::Green, true),
               "assert_test.cpp:[0-9]+: seq > 4 with .seq, name, Colour::Green, true. = "
               ".3, A/B, 1, true.");
  EXPECT_DEATH(VIGIE_ASSERT(seq > 5), "assertion failed at .*: seq > 5\n");
}

}  // namespace
}  // namespace vigie::ops
