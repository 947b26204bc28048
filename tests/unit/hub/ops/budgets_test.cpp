// So many a second of each.

#include "hub/ops/budgets.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace vigie::ops {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST(Budgets, who_took_all_waits_until_there_is_enough_again_and_others_do_not) {
  Budgets budgets({.per_second = 2, .at_once = 8});
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(budgets.wait_ms("a", 1, 0), 0u);
    budgets.take("a", 1);
  }
  EXPECT_EQ(budgets.wait_ms("a", 1, 0), 501u);
  EXPECT_EQ(budgets.wait_ms("b", 1, 0), 0u);
  EXPECT_EQ(budgets.wait_ms("a", 1, 501'000), 0u);
}

TEST(Budgets, nobody_and_everybody_without_a_limit_never_wait) {
  Budgets any({});
  Budgets one({.per_second = 1, .at_once = 1});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(any.wait_ms("a", 10, 0), 0u);
    any.take("a", 10);
    EXPECT_EQ(one.wait_ms("", 10, 0), 0u);
    one.take("", 10);
  }
}

/// However many ask, and are forgotten meanwhile: nobody has more than its own.
TEST(Budgets, what_anybody_takes_is_bounded_by_its_pace_alone) {
  std::mt19937 random(7);
  Budgets budgets({.per_second = 5, .at_once = 10});
  std::map<std::string, double> took;
  std::int64_t now = 0;
  for (int step = 0; step < 100'000; ++step, now += random() % 1000) {
    const std::string who = std::to_string(random() % 3 == 0 ? random() % 3 : random() % 2000);
    if (budgets.wait_ms(who, 1, now) != 0) continue;
    budgets.take(who, 1);
    took[who] += 1;
  }
  const double most = 10 + 5 * static_cast<double>(now) / kSecond;
  for (const auto& [who, count] : took) EXPECT_LE(count, most) << who;
  EXPECT_GE(took["0"], most - 2) << "and it has that";
}

}  // namespace
}  // namespace vigie::ops
