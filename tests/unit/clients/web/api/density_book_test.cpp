#include "clients/web/server/api/density_book.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/unit/clients/web/api/density_log.h"

namespace vigie::web::api {
namespace {

DensityCount counted(const DensityWindow& window, std::int64_t at_us, std::uint32_t each) {
  DensityCount count{{window, window.from_us, 0}, window.until_us, at_us, {}};
  count.slots.assign(static_cast<std::size_t>((window.until_us - window.from_us) / kDensitySlotUs),
                     each);
  return count;
}

void count_all(DensityBook& book, const DensityPlan& plan, std::uint32_t each) {
  for (const DensityWindow& window : plan.windows()) {
    book.add(counted(window, plan.now_us(), each));
  }
}

TEST(DensityPlanTest, CountsWholeHoursTheNewestFirstForAShortRange) {
  const DensityPlan plan(kNoon - 3 * kHour, kNoon + kHour, 241, kNoon + kHour / 2);
  EXPECT_FALSE(plan.sampled());
  EXPECT_EQ(plan.bucket_us(), 60 * kSecond);
  EXPECT_EQ(plan.buckets(), 240u);
  ASSERT_EQ(plan.windows().size(), 4u);
  EXPECT_EQ(plan.windows().front(), (DensityWindow{kNoon, kNoon + kHour}));
  EXPECT_EQ(plan.windows().back(), (DensityWindow{kNoon - 3 * kHour, kNoon - 2 * kHour}));
}

TEST(DensityPlanTest, NeverHasMoreBucketsThanWereAskedForAndAlignsThem) {
  for (const std::size_t buckets : {2u, 3u, 7u, 240u, 500u}) {
    for (const std::int64_t range : {17 * kSecond, kHour, 50 * kHour, 3000 * kHour}) {
      const std::int64_t from = kNoon + 1'234'567;
      const DensityPlan plan(from, from + range, buckets, kNoon);
      EXPECT_LE(plan.buckets(), buckets);
      EXPECT_EQ(plan.first_us() % plan.bucket_us(), 0);
      EXPECT_EQ(plan.bucket_us() % kDensitySlotUs, 0);
      EXPECT_LE(plan.first_us(), from);
      const auto length = static_cast<std::int64_t>(plan.buckets()) * plan.bucket_us();
      EXPECT_GE(plan.first_us() + length, from + range);
    }
  }
}

TEST(DensityPlanTest, SamplesALongRangeByShortWindowsOfEachBucket) {
  const DensityPlan plan(kNoon - 240 * kHour, kNoon, 241, kNoon);
  EXPECT_TRUE(plan.sampled());
  EXPECT_GE(plan.windows().size(), 2 * 240u);
  std::int64_t all = 0;
  for (const DensityWindow& window : plan.windows()) all += window.until_us - window.from_us;
  EXPECT_LE(all, 41 * kHour);
}

TEST(DensityBookTest, TellsWhatIsCountedAndWhatIsNot) {
  DensityBook book(false);
  const DensityPlan plan(kNoon - 2 * kHour, kNoon, 13, kNoon);
  EXPECT_EQ(book.wanted(plan).size(), 2u);
  book.add(counted(plan.windows().front(), kNoon, 3));
  const DensityAnswer part = book.answer(plan);
  EXPECT_FALSE(part.complete);
  EXPECT_FALSE(part.sampled);
  EXPECT_FALSE(part.fixes[0]);
  EXPECT_EQ(part.fixes[11], 3u * 60);
  book.add(counted(plan.windows().back(), kNoon, 1));
  const DensityAnswer whole = book.answer(plan);
  EXPECT_TRUE(whole.complete);
  EXPECT_FALSE(whole.sampled);
  EXPECT_EQ(whole.fixes[0], 60u);
  EXPECT_EQ(whole.as_of_us, kNoon);
  EXPECT_TRUE(book.wanted(plan).empty());
}

TEST(DensityBookTest, LeavesOutWhatHasNotBegunAndCountsTheHourThatIsGoingOnUpToWhenItWasAsked) {
  DensityBook book(false);
  const std::int64_t now = kNoon + 600 * kSecond;
  const DensityPlan plan(kNoon, kNoon + kHour, 61, now);
  book.add(counted({kNoon, kNoon + kHour}, now, 1));
  const DensityAnswer answer = book.answer(plan);
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.fixes[9], 6u);
  EXPECT_FALSE(answer.fixes[10]);
}

TEST(DensityBookTest, CountsWhatIsGoingOnAgainSoonAndWhatIsPastSeldom) {
  DensityBook by_true(false);
  DensityBook by_known(true);
  const DensityPlan first(kNoon - kHour, kNoon + kHour, 60, kNoon + kHour / 2);
  for (DensityBook* book : {&by_true, &by_known}) count_all(*book, first, 1);
  const auto later = [&](std::int64_t us) {
    return DensityPlan(kNoon - kHour, kNoon + kHour, 60, kNoon + kHour / 2 + us);
  };
  EXPECT_TRUE(by_true.wanted(later(20 * kSecond)).empty());
  EXPECT_EQ(by_true.wanted(later(60 * kSecond)).size(), 1u);
  EXPECT_EQ(by_true.wanted(later(700 * kSecond)).size(), 2u);
  EXPECT_EQ(by_known.wanted(later(700 * kSecond)).size(), 1u) << "what is past stays as it is";
  EXPECT_EQ(by_true.answer(later(700 * kSecond)).fixes, by_true.answer(first).fixes)
      << "what was counted is shown meanwhile";
}

TEST(DensityBookTest, IsNotCompleteWhereAnHourWentOnSinceItWasCounted) {
  for (const bool known_clock : {true, false}) {
    DensityBook book(known_clock);
    const auto plan_at = [](std::int64_t now) { return DensityPlan(kNoon, kNoon + kHour, 7, now); };
    book.add(counted({kNoon, kNoon + kHour}, kNoon + 1000 * kSecond, 1));
    EXPECT_TRUE(book.answer(plan_at(kNoon + 1020 * kSecond)).complete);
    EXPECT_FALSE(book.answer(plan_at(kNoon + 1031 * kSecond)).complete);
    EXPECT_FALSE(book.answer(plan_at(kNoon + 5 * kHour)).complete) << "its end was never counted";
  }
}

TEST(DensityBookTest, IsCompleteWhereWhatIsAskedForIsOverThoughItsHourGoesOn) {
  DensityBook book(true);
  const auto plan_at = [](std::int64_t now) {
    return DensityPlan(kNoon, kNoon + 600 * kSecond, 7, now);
  };
  book.add(counted({kNoon, kNoon + kHour}, kNoon + 1000 * kSecond, 1));
  EXPECT_TRUE(book.answer(plan_at(kNoon + 5 * kHour)).complete);
  EXPECT_TRUE(book.wanted(plan_at(kNoon + 5 * kHour)).empty());
}

TEST(DensityBookTest, EstimatesABucketByItsWindows) {
  DensityBook book(false);
  const DensityPlan plan(kNoon - 240 * kHour, kNoon, 241, kNoon);
  count_all(book, plan, 5);
  const DensityAnswer answer = book.answer(plan);
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.sampled);
  EXPECT_EQ(answer.fixes[100], 5u * static_cast<std::uint64_t>(plan.bucket_us() / kDensitySlotUs));
}

TEST(DensityBookTest, KnowsHowMuchItHolds) {
  DensityBook book(false);
  const DensityPlan plan(kNoon - 10 * kHour, kNoon, 10, kNoon);
  count_all(book, plan, 1);
  const std::size_t bytes = book.bytes();
  EXPECT_GE(bytes, 10u * 360 * 4);
  count_all(book, plan, 2);
  EXPECT_EQ(book.bytes(), bytes);
  book.clear();
  EXPECT_EQ(book.bytes(), 0u);
}

TEST(DensityBookTest, GoesOnWhereATurnWasCutUntilTheHourIsExact) {
  DensityBook book(false);
  const DensityPlan plan(kNoon, kNoon + kHour, 7, kNoon + 2 * kHour);
  Log log;
  add_fixes(log, kNoon, kNoon + kHour / 2, 10);
  add_fixes(log, kNoon + kHour / 2, kNoon + kHour, 5);
  read_turn(book, plan, log, 6005);
  const DensityAnswer part = book.answer(plan);
  EXPECT_TRUE(part.sampled);
  EXPECT_FALSE(part.complete) << "ask again: it becomes exact";
  EXPECT_EQ(part.fixes[0], 6000u);
  EXPECT_EQ(part.fixes[5], 6000u) << "by the mean of what was counted";
  ASSERT_EQ(book.wanted(plan).size(), 1u);
  EXPECT_EQ(book.wanted(plan)[0].from_us, kNoon + 600 * kSecond + 4 * kSecond / 10);
  EXPECT_EQ(book.wanted(plan)[0].before, 4u);
  EXPECT_EQ(read_all(book, plan, log, 6005), 4u);
  const DensityAnswer whole = book.answer(plan);
  EXPECT_FALSE(whole.sampled);
  EXPECT_TRUE(whole.complete);
  expect_exact(whole, plan, log, plan.now_us());
}

TEST(DensityBookTest, ComesToAnEndWhereATurnReadsLessThanASlot) {
  DensityBook book(true);
  const DensityPlan plan(kNoon, kNoon + 60 * kSecond, 7, kNoon + 2 * kHour);
  Log log;
  add_fixes(log, kNoon, kNoon + 60 * kSecond, 100);
  read_turn(book, plan, log, 300);
  EXPECT_FALSE(book.answer(plan).fixes[0]) << "no slot is whole: nothing to go by";
  EXPECT_LE(read_all(book, plan, log, 300), 21u);
  expect_exact(book.answer(plan), plan, log, plan.now_us());
}

TEST(DensityBookTest, CountsAnHourOfWhichOnlyPartsWereReadBeforeThoseThatAreKnown) {
  DensityBook book(false);
  const DensityPlan plan(kNoon - 4 * kHour, kNoon + kHour, 51, kNoon + 1800 * kSecond);
  Log log;
  add_fixes(log, kNoon - 3 * kHour, kNoon - 2 * kHour, 1);
  const auto hour = [](std::int64_t i) {
    return DensityWindow{kNoon + i * kHour, kNoon + (i + 1) * kHour};
  };
  book.add(counted(hour(-1), kNoon - 1000 * kSecond, 1));  // was going on, and is stale
  book.add(counted(hour(-2), kNoon, 1));                   // stale
  DensityCounter counter({{hour(-3), hour(-3).from_us, 0}});
  for (const std::int64_t at : log) {
    if (at < hour(-3).from_us + 1000 * kSecond) counter.add(at);
  }
  for (const DensityCount& count : counter.take(false, plan.now_us())) book.add(count);
  std::vector<std::int64_t> order;
  for (const DensityPart& part : book.wanted(plan)) {
    order.push_back((part.window.from_us - kNoon) / kHour);
  }
  EXPECT_EQ(order, (std::vector<std::int64_t>{0, -4, -1, -3, -2}));
}

TEST(DensityBookTest, ByKnownTimeReadsOfTheHourThatIsGoingOnOnlyWhatIsNew) {
  DensityBook book(true);
  const auto at = [](std::int64_t s) {
    return DensityPlan(kNoon, kNoon + kHour, 361, kNoon + s * kSecond);
  };
  book.add(counted({kNoon, kNoon + kHour}, at(1005).now_us(), 3));
  EXPECT_TRUE(book.wanted(at(1030)).empty());
  const auto wanted = book.wanted(at(1040));
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].from_us, kNoon + 990 * kSecond) << "the hub's clock may be behind a little";
  Log log;
  add_fixes(log, kNoon + 990 * kSecond, kNoon + 1040 * kSecond, 1);
  read_turn(book, at(1040), log, 1000);
  const DensityAnswer answer = book.answer(at(1040));
  EXPECT_EQ(answer.fixes[98], 3u) << "what was counted stays";
  EXPECT_EQ(answer.fixes[99], 10u);
  EXPECT_EQ(answer.fixes[103], 10u);
  EXPECT_FALSE(answer.fixes[104]);
  EXPECT_EQ(answer.as_of_us, at(1040).now_us());
}

TEST(DensityBookTest, ByTrueTimePassesAnHourThatFitsIntoATurnWholeForLateFixesAreSeenSoon) {
  DensityBook book(false);
  const auto at = [](std::int64_t s) {
    return DensityPlan(kNoon, kNoon + kHour, 61, kNoon + s * kSecond);
  };
  count_all(book, at(1000), 1);
  ASSERT_EQ(book.wanted(at(1040)).size(), 1u);
  EXPECT_EQ(book.wanted(at(1040))[0].from_us, kNoon);
}

TEST(DensityBookTest, ByTrueTimePassesAFullerHourWholeAsSeldomAsItTookTurns) {
  DensityBook book(false);
  const auto at = [](std::int64_t s) {
    return DensityPlan(kNoon, kNoon + kHour, 61, kNoon + s * kSecond);
  };
  Log log;
  add_fixes(log, kNoon, kNoon + 1000 * kSecond, 1);
  EXPECT_EQ(read_all(book, at(1000), log, 251), 4u);
  add_fixes(log, kNoon + 1000 * kSecond, kNoon + 1040 * kSecond, 1);
  ASSERT_EQ(book.wanted(at(1040)).size(), 1u);
  EXPECT_EQ(book.wanted(at(1040))[0].from_us, kNoon + 940 * kSecond);
  read_turn(book, at(1040), log, 250);
  EXPECT_TRUE(book.wanted(at(1060)).empty());
  EXPECT_EQ(book.answer(at(1040)).as_of_us, at(1000).now_us()) << "most of it is of then";
  ASSERT_EQ(book.wanted(at(1121)).size(), 1u);
  EXPECT_EQ(book.wanted(at(1121))[0].from_us, kNoon) << "four turns: after two minutes";
}

TEST(DensityBookTest, ByTrueTimePassesAnHourWholeTenMinutesAfterItsEndHoweverLongThatTakes) {
  DensityBook book(false);
  const auto at = [](std::int64_t s) {
    return DensityPlan(kNoon, kNoon + kHour, 61, kNoon + s * kSecond);
  };
  Log log;
  add_fixes(log, kNoon, kNoon + kHour, 1);
  read_all(book, at(3500), log, 30);
  read_all(book, at(3700), log, 500);
  EXPECT_TRUE(book.wanted(at(4200)).empty());
  ASSERT_EQ(book.wanted(at(4201)).size(), 1u);
  EXPECT_EQ(book.wanted(at(4201))[0].from_us, kNoon);
}

TEST(DensityBookTest, ShowsWhatItHadWhileItCountsAnewInParts) {
  DensityBook book(false);
  const auto at = [](std::int64_t s) {
    return DensityPlan(kNoon, kNoon + kHour, 7, kNoon + kHour + s * kSecond);
  };
  count_all(book, at(100), 10);
  Log log;
  add_fixes(log, kNoon, kNoon + kHour, 2);
  read_turn(book, at(800), log, 2401);
  const DensityAnswer part = book.answer(at(800));
  EXPECT_TRUE(part.complete);
  EXPECT_FALSE(part.sampled);
  EXPECT_EQ(part.fixes[1], 1200u) << "anew";
  EXPECT_EQ(part.fixes[5], 600u) << "as it was";
  EXPECT_EQ(part.as_of_us, at(100).now_us());
  EXPECT_EQ(read_all(book, at(800), log, 2401), 2u);
  expect_exact(book.answer(at(800)), at(800), log, at(800).now_us());
  EXPECT_EQ(book.answer(at(800)).as_of_us, at(800).now_us());
}

TEST(DensityBookTest, LeavesOutTheRestOfWhatWasThrownAway) {
  DensityBook book(false);
  const DensityPlan plan(kNoon, kNoon + kHour, 7, kNoon + 2 * kHour);
  Log log;
  add_fixes(log, kNoon, kNoon + kHour, 1);
  read_turn(book, plan, log, 1000);
  DensityCounter counter(density_runs(book.wanted(plan), 6, 60).front());
  book.clear();
  for (const DensityCount& count : counter.take(true, plan.now_us())) book.add(count);
  EXPECT_EQ(book.bytes(), 0u);
  EXPECT_EQ(book.wanted(plan)[0].from_us, kNoon);
}

TEST(DensityRunsTest, JoinsHoursThatTouchAndKeepsTheNewestFirst) {
  const auto whole = [](std::int64_t hours_ago) {
    const DensityWindow window{kNoon - hours_ago * kHour, kNoon - (hours_ago - 1) * kHour};
    return DensityPart{window, window.from_us, 0};
  };
  const std::vector<DensityPart> parts = {whole(0), whole(1), whole(2), whole(9)};
  const auto runs = density_runs(parts, 2, 10);
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].size(), 2u);
  EXPECT_EQ(runs[0].front().window, parts[1].window);
  EXPECT_EQ(runs[1].front().window, parts[2].window);
  EXPECT_EQ(runs[2].front().window, parts[3].window);
  EXPECT_EQ(density_runs(parts, 2, 1).size(), 1u);
}

TEST(DensityRunsTest, BeginsARunAtTheRestOfAnHourAndEndsOneBeforeIt) {
  const DensityWindow hours[] = {
      {kNoon, kNoon + kHour}, {kNoon - kHour, kNoon}, {kNoon - 2 * kHour, kNoon - kHour}};
  const auto runs = density_runs({{hours[0], kNoon, 0},
                                  {hours[1], kNoon - kHour + 15 * kSecond, 4},
                                  {hours[2], kNoon - 2 * kHour, 0}},
                                 6, 10);
  ASSERT_EQ(runs.size(), 2u) << "what lies between was counted";
  EXPECT_EQ(runs[0].front().from_us, kNoon - kHour + 15 * kSecond);
  EXPECT_EQ(runs[0].size(), 2u);
  EXPECT_EQ(runs[1].size(), 1u);
}

/// Whole hours that follow each other.
std::vector<DensityPart> hours(std::int64_t count) {
  std::vector<DensityPart> parts;
  for (std::int64_t i = 0; i < count; ++i) {
    parts.push_back({{kNoon + i * kHour, kNoon + (i + 1) * kHour}, kNoon + i * kHour, 0});
  }
  return parts;
}

TEST(DensityCounterTest, CountsEachFixInItsTenSeconds) {
  DensityCounter counter(hours(2));
  counter.add(kNoon - 1);
  counter.add(kNoon);
  counter.add(kNoon + 9 * kSecond);
  counter.add(kNoon + kHour);
  counter.add(kNoon + 2 * kHour);
  const auto counts = counter.take(true, kNoon + 3 * kHour);
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].slots[0], 2u);
  EXPECT_EQ(counts[1].slots[0], 1u);
  EXPECT_EQ(counts[1].until_us, kNoon + 2 * kHour);
  EXPECT_EQ(std::accumulate(counts[1].slots.begin(), counts[1].slots.end(), 0u), 1u);
}

TEST(DensityCounterTest, KeepsTheHoursThatWerePassedAndTheRestUpToTheNewestFixWhenItIsCut) {
  DensityCounter counter(hours(3));
  counter.add(kNoon + 5);
  counter.add(kNoon + kHour + 25 * kSecond);
  counter.add(kNoon + kHour + 26 * kSecond);
  counter.add(kNoon + kHour + 26 * kSecond);
  const auto counts = counter.take(false, kNoon + 3 * kHour);
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].until_us, kNoon + kHour);
  EXPECT_EQ(counts[0].slots.size(), 360u);
  EXPECT_EQ(counts[1].until_us, kNoon + kHour + 26 * kSecond);
  EXPECT_EQ(counts[1].slots, (std::vector<std::uint32_t>{0, 0, 1}))
      << "of the newest instant there may be more";
}

TEST(DensityCounterTest, GoesOnInTheMiddleOfASlot) {
  DensityCounter counter({{{kNoon, kNoon + kHour}, kNoon + 26 * kSecond, 1}});
  counter.add(kNoon + 25 * kSecond);
  for (int i = 0; i < 3; ++i) counter.add(kNoon + 26 * kSecond);
  counter.add(kNoon + 31 * kSecond);
  const auto counts = counter.take(false, kNoon);
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].slots, (std::vector<std::uint32_t>{4, 0}));
}

TEST(DensityCounterTest, KeepsWhatWasReachedThoughThereWasNothingToSeeInIt) {
  DensityCounter counter(hours(3));
  counter.add(kNoon + 5);
  counter.reach(kNoon + kHour + 26 * kSecond);
  const auto counts = counter.take(false, kNoon + 3 * kHour);
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(std::accumulate(counts[0].slots.begin(), counts[0].slots.end(), 0u), 1u);
  EXPECT_EQ(counts[1].until_us, kNoon + kHour + 26 * kSecond);
  EXPECT_EQ(counts[1].slots, (std::vector<std::uint32_t>{0, 0, 0}));
  DensityCounter behind({{{kNoon, kNoon + kHour}, kNoon, 0}});
  behind.add(kNoon + 5);
  behind.reach(kNoon + 4);
  EXPECT_EQ(behind.take(false, kNoon)[0].until_us, kNoon + 5) << "what came says more";
  DensityCounter beyond(hours(1));
  beyond.reach(kNoon + 2 * kHour);
  EXPECT_EQ(beyond.take(false, kNoon)[0].until_us, kNoon + kHour);
}

TEST(DensityCounterTest, SaysNothingOfAnHourOfWhichItSawNothing) {
  DensityCounter cut(hours(1));
  cut.add(kNoon);
  EXPECT_TRUE(cut.take(false, kNoon).empty());
  DensityCounter whole(hours(1));
  EXPECT_EQ(whole.take(true, kNoon).size(), 1u);
}

}  // namespace
}  // namespace vigie::web::api
