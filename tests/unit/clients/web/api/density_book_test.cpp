#include "clients/web/server/api/density_book.h"

#include <gtest/gtest.h>

#include <numeric>

namespace vigie::web::api {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kHour = 3600 * kSecond;
/// A round hour of 2026.
constexpr std::int64_t kNoon = 1'780'000'000 / 3600 * 3600 * kSecond;

DensityCount counted(const DensityWindow& window, std::int64_t at_us, std::uint32_t each) {
  DensityCount count{window, at_us, false, {}};
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
  EXPECT_TRUE(by_true.answer(later(700 * kSecond)).complete) << "what was counted is shown";
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

TEST(DensityRunsTest, JoinsHoursThatTouchAndKeepsTheNewestFirst) {
  const std::vector<DensityWindow> windows = {{kNoon, kNoon + kHour},
                                              {kNoon - kHour, kNoon},
                                              {kNoon - 2 * kHour, kNoon - kHour},
                                              {kNoon - 9 * kHour, kNoon - 8 * kHour}};
  const auto runs = density_runs(windows, 2, 10);
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].size(), 2u);
  EXPECT_EQ(runs[0].front(), windows[1]);
  EXPECT_EQ(runs[1].front(), windows[2]);
  EXPECT_EQ(runs[2].front(), windows[3]);
  EXPECT_EQ(density_runs(windows, 2, 1).size(), 1u);
}

TEST(DensityCounterTest, CountsEachFixInItsTenSeconds) {
  DensityCounter counter({{kNoon, kNoon + kHour}, {kNoon + kHour, kNoon + 2 * kHour}});
  counter.add(kNoon - 1);
  counter.add(kNoon);
  counter.add(kNoon + 9 * kSecond);
  counter.add(kNoon + kHour);
  counter.add(kNoon + 2 * kHour);
  const auto counts = counter.take(true, true, kNoon + 3 * kHour);
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].slots[0], 2u);
  EXPECT_EQ(counts[1].slots[0], 1u);
  EXPECT_EQ(std::accumulate(counts[1].slots.begin(), counts[1].slots.end(), 0u), 1u);
}

TEST(DensityCounterTest, KeepsTheHoursThatWerePassedWhenItIsCut) {
  DensityCounter counter({{kNoon, kNoon + kHour}, {kNoon + kHour, kNoon + 2 * kHour}});
  counter.add(kNoon + 5);
  counter.add(kNoon + kHour + 100 * kSecond);
  const auto counts = counter.take(false, true, kNoon + 3 * kHour);
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_FALSE(counts[0].estimated);
}

TEST(DensityCounterTest, EstimatesAnHourThatIsTooFullByWhatItSaw) {
  DensityCounter counter({{kNoon, kNoon + kHour}});
  for (int second = 0; second < 25; ++second) {
    for (int i = 0; i < 100; ++i) counter.add(kNoon + second * kSecond);
  }
  EXPECT_TRUE(counter.take(false, false, kNoon).empty());
  const auto counts = counter.take(false, true, kNoon);
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_TRUE(counts[0].estimated);
  EXPECT_EQ(counts[0].slots[0], 1000u);
  EXPECT_EQ(counts[0].slots[200], 1000u);
}

TEST(DensityCounterTest, SaysNothingOfAnHourOfWhichItSawNothing) {
  DensityCounter counter({{kNoon, kNoon + kHour}});
  EXPECT_TRUE(counter.take(false, true, kNoon).empty());
  EXPECT_EQ(counter.take(true, true, kNoon).size(), 1u);
}

}  // namespace
}  // namespace vigie::web::api
