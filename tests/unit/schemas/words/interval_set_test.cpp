#include "schemas/words/interval_set.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/schemas/seed.h"

namespace vigie {
namespace {

constexpr std::uint64_t kMax = UINT64_MAX;
using Interval = IntervalSet::Interval;

std::vector<Interval> list(const IntervalSet& set) {
  return {set.intervals().begin(), set.intervals().end()};
}

/// The obvious set that the intervals stand for.
class Model {
 public:
  void add(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t value = first; value <= last; ++value) values_.insert(value);
  }
  void remove(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t value = first; value <= last; ++value) values_.erase(value);
  }
  std::vector<Interval> intervals() const {
    std::vector<Interval> out;
    for (const std::uint64_t value : values_) {
      if (!out.empty() && out.back().last + 1 == value) {
        out.back().last = value;
      } else {
        out.push_back({value, value});
      }
    }
    return out;
  }
  std::vector<Interval> missing(std::uint64_t first, std::uint64_t last) const {
    Model holes;
    for (std::uint64_t value = first; value <= last; ++value) {
      if (!values_.contains(value)) holes.values_.insert(value);
    }
    return holes.intervals();
  }
  std::uint64_t inside(std::uint64_t first, std::uint64_t last) const {
    std::uint64_t count = 0;
    for (std::uint64_t value = first; value <= last; ++value) count += values_.contains(value);
    return count;
  }
  std::size_t size() const { return values_.size(); }

 private:
  std::set<std::uint64_t> values_;
};

void expect_same(const IntervalSet& set, const Model& model, std::uint64_t first,
                 std::uint64_t last) {
  ASSERT_EQ(list(set), model.intervals());
  ASSERT_EQ(set.count(), model.size());
  const std::uint64_t width = last - first + 1;
  ASSERT_EQ(set.contains(first), model.inside(first, first) == 1);
  ASSERT_EQ(set.contains(first, last), model.inside(first, last) == width);
  ASSERT_EQ(set.overlaps(first, last), model.inside(first, last) != 0);
  ASSERT_EQ(set.missing(first, last), model.missing(first, last));
}

TEST(IntervalSetTest, agrees_with_a_plain_set_after_any_adds_and_removes) {
  test::Chance chance(test::seed());
  for (int round = 0; round < 200; ++round) {
    IntervalSet set;
    Model model;
    const std::uint64_t span = chance.pick<std::uint64_t>(1, 120);
    for (int step = 0; step < 60; ++step) {
      const auto first = chance.pick<std::uint64_t>(0, span);
      const auto last = first + chance.pick<std::uint64_t>(0, chance.once_in(3) ? span : 3);
      if (chance.once_in(3)) {
        set.remove(first, last);
        model.remove(first, last);
      } else {
        set.add(first, last);
        model.add(first, last);
      }
      const auto from = chance.pick<std::uint64_t>(0, span + 5);
      expect_same(set, model, from, from + chance.pick<std::uint64_t>(0, 20));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(IntervalSetTest, neighbours_become_one_interval) {
  IntervalSet set;
  set.add(1, 3);
  set.add(7, 9);
  set.add(4, 6);
  EXPECT_EQ(list(set), (std::vector<Interval>{{1, 9}}));
}

TEST(IntervalSetTest, the_greatest_number_is_held_without_wrapping) {
  IntervalSet set;
  set.add(kMax, kMax);
  set.add(kMax - 1, kMax - 1);
  EXPECT_EQ(list(set), (std::vector<Interval>{{kMax - 1, kMax}}));
  EXPECT_FALSE(set.contains(0));
  EXPECT_EQ(set.missing(kMax - 2, kMax), (std::vector<Interval>{{kMax - 2, kMax - 2}}));
  set.add(0, kMax);
  EXPECT_EQ(list(set), (std::vector<Interval>{{0, kMax}}));
  EXPECT_EQ(set.count(), kMax);
  EXPECT_TRUE(set.missing(0, kMax).empty());
  set.add(kMax, kMax);
  set.add(5, kMax);
  EXPECT_EQ(list(set), (std::vector<Interval>{{0, kMax}}));
  set.remove(0, kMax - 1);
  EXPECT_EQ(list(set), (std::vector<Interval>{{kMax, kMax}}));
}

TEST(IntervalSetTest, the_count_stops_at_its_greatest_value) {
  IntervalSet set;
  set.add(1, kMax);
  EXPECT_EQ(set.count(), kMax);
  set.remove(5, 5);
  EXPECT_EQ(set.count(), kMax - 1);
}

TEST(IntervalSetTest, clearing_leaves_nothing) {
  IntervalSet set;
  set.add(1, 3);
  set.clear();
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set, IntervalSet());
}

}  // namespace
}  // namespace vigie
