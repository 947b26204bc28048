#pragma once
// For tests of the density book: a log of fixes, turns that read it, and its slow, plain count.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "clients/web/server/api/density_book.h"

namespace vigie::web::api {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kHour = 3600 * kSecond;
/// A round hour of 2026.
inline constexpr std::int64_t kNoon = 1'780'000'000 / 3600 * 3600 * kSecond;

/// Times of fixes, in order.
class Log {
 public:
  void insert(std::int64_t at_us) {
    times_.insert(std::upper_bound(times_.begin(), times_.end(), at_us), at_us);
  }
  auto begin() const { return times_.begin(); }
  auto end() const { return times_.end(); }
  std::size_t size() const { return times_.size(); }
  auto lower_bound(std::int64_t at_us) const {
    return std::lower_bound(times_.begin(), times_.end(), at_us);
  }

 private:
  std::vector<std::int64_t> times_;
};

/// One turn, which ends after `most` fixes; with `reaches` it says that it came up to the next one.
inline void read_turn(DensityBook& book, const DensityPlan& plan, const Log& log, std::size_t most,
                      bool reaches = false) {
  for (const auto& run : density_runs(book.wanted(plan), 6, 60)) {
    DensityCounter counter(run);
    bool complete = true;
    for (auto at = log.lower_bound(counter.from_us()); at != log.lower_bound(counter.until_us());
         ++at) {
      complete = most > 0;
      if (!complete && reaches) counter.reach(std::min(*at, plan.now_us()));
      if (!complete) break;
      --most;
      counter.add(*at);
    }
    for (const DensityCount& count : counter.take(complete, plan.now_us())) book.add(count);
    if (!complete) break;
  }
}

/// Turns until nothing is wanted; how many there were.
inline std::size_t read_all(DensityBook& book, const DensityPlan& plan, const Log& log,
                            std::size_t most) {
  std::size_t turns = 0;
  while (!book.wanted(plan).empty() && turns < 10'000) {
    read_turn(book, plan, log, most);
    ++turns;
  }
  return turns;
}

/// The slow, plain count of a bucket.
inline std::uint64_t count_of(const DensityPlan& plan, const Log& log, std::size_t bucket) {
  const std::int64_t begin = plan.first_us() + static_cast<std::int64_t>(bucket) * plan.bucket_us();
  return static_cast<std::uint64_t>(
      std::distance(log.lower_bound(begin), log.lower_bound(begin + plan.bucket_us())));
}

/// Every bucket that ends before has its exact count.
inline void expect_exact(const DensityAnswer& answer, const DensityPlan& plan, const Log& log,
                         std::int64_t before_us) {
  for (std::size_t i = 0; i < answer.fixes.size(); ++i) {
    const std::int64_t end = plan.first_us() + static_cast<std::int64_t>(i + 1) * plan.bucket_us();
    if (end > before_us) break;
    ASSERT_EQ(answer.fixes[i], count_of(plan, log, i)) << "bucket " << i;
  }
}

/// So many a second, evenly.
inline void add_fixes(Log& log, std::int64_t from_us, std::int64_t until_us,
                      std::int64_t per_second) {
  for (std::int64_t at = from_us; at < until_us; at += kSecond / per_second) log.insert(at);
}

}  // namespace vigie::web::api
