// Whatever turns cut, and whatever comes meanwhile: what the density book calls complete is so.

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/clients/web/api/density_log.h"

namespace vigie::web::api {
namespace {

/// Rooms and turns as they come; every seed is another.
class DensityProperty : public ::testing::TestWithParam<unsigned> {
 protected:
  std::int64_t any(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }
  std::size_t most() { return static_cast<std::size_t>(any(20, 900)); }

  std::mt19937 random_{GetParam()};
};

TEST_P(DensityProperty, WhereverTurnsAreCutTheSumEndsExact) {
  DensityBook book(any(0, 1) == 1);
  Log log;
  const std::int64_t fixes = any(0, 6000);
  for (std::int64_t i = 0; i < fixes; ++i) {
    const std::int64_t at = kNoon - any(0, 7 * kHour - 1) - 1;
    const std::int64_t same = any(0, 9) == 0 ? 15 : 1;  // of one instant
    for (std::int64_t n = 0; n < same; ++n) log.insert(at);
  }
  const DensityPlan plan(kNoon - 7 * kHour, kNoon, 211, kNoon + 600 * kSecond);
  std::size_t turns = 0;
  for (; !book.wanted(plan).empty() && turns < 5000; ++turns) {
    read_turn(book, plan, log, most(), any(0, 1) == 1);
    const DensityAnswer answer = book.answer(plan);
    if (answer.complete) expect_exact(answer, plan, log, plan.now_us());
  }
  // A turn counts 20 at least, of which what is of the last instant is read again.
  EXPECT_LE(turns, log.size() / 5 + 8);
  EXPECT_TRUE(book.answer(plan).complete);
  EXPECT_FALSE(book.answer(plan).sampled);
  expect_exact(book.answer(plan), plan, log, plan.now_us());
}

TEST_P(DensityProperty, ByKnownTimeWhatIsCompleteIsExactUpToTheNewestReading) {
  DensityBook book(true);
  Log log;
  std::int64_t now = kNoon + any(0, kHour);
  std::int64_t logged = now - kHour;
  const auto plan = [&] { return DensityPlan(kNoon - kHour, kNoon + 4 * kHour, 301, now); };
  int compared = 0;
  for (int step = 0; step < 400; ++step) {
    now += any(0, 40) * kSecond;
    // The hub's clock is behind what is thought of it: of the newest seconds there is not all yet.
    const std::int64_t until = now - any(0, 5) * kSecond;
    for (; logged < until; logged += any(1, 2 * kSecond)) log.insert(logged);
    read_turn(book, plan(), log, most(), any(0, 1) == 1);
    const DensityAnswer answer = book.answer(plan());
    if (!answer.complete) continue;
    ++compared;
    // It is read anew after half a minute, from a slot before what was read.
    ASSERT_NO_FATAL_FAILURE(expect_exact(answer, plan(), log, now - 40 * kSecond));
  }
  EXPECT_GT(compared, 10);
}

TEST_P(DensityProperty, ByTrueTimeLateFixesAreCountedInTheEnd) {
  DensityBook book(false);
  Log log;
  std::int64_t now = kNoon + any(0, kHour);
  const auto plan = [&] { return DensityPlan(kNoon - kHour, kNoon + 2 * kHour, 181, now); };
  for (int step = 0; step < 200; ++step) {
    now += any(0, 30) * kSecond;
    for (std::int64_t i = any(0, 60); i > 0; --i) log.insert(now - any(0, any(0, 3600)) * kSecond);
    read_turn(book, plan(), log, most(), any(0, 1) == 1);
  }
  for (int step = 0; step < 150; ++step) {  // nothing comes any more
    now += 40 * kSecond;
    read_turn(book, plan(), log, most(), any(0, 1) == 1);
  }
  EXPECT_TRUE(book.answer(plan()).complete);
  expect_exact(book.answer(plan()), plan(), log, now);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DensityProperty, ::testing::Range(1u, 61u));

}  // namespace
}  // namespace vigie::web::api
