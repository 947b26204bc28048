#include "schemas/words/interval_set.h"

#include <algorithm>
#include <limits>

namespace vigie {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

/// The first interval that ends at or after `value`.
auto ending_from(auto& intervals, std::uint64_t value) {
  return std::lower_bound(intervals.begin(), intervals.end(), value,
                          [](const auto& interval, std::uint64_t v) { return interval.last < v; });
}

}  // namespace

void IntervalSet::add(std::uint64_t first, std::uint64_t last) {
  if (!intervals_.empty() && first > intervals_.back().first) {
    Interval& back = intervals_.back();
    if (first <= back.last || first == back.last + 1) {
      back.last = std::max(back.last, last);
      return;
    }
    intervals_.push_back({first, last});
    return;
  }
  auto begin = ending_from(intervals_, first == 0 ? 0 : first - 1);
  auto end = begin;
  while (end != intervals_.end() && (last == kMax || end->first <= last + 1)) {
    first = std::min(first, end->first);
    last = std::max(last, end->last);
    ++end;
  }
  if (begin == end) {
    intervals_.insert(begin, {first, last});
  } else {
    *begin = {first, last};
    intervals_.erase(begin + 1, end);
  }
}

void IntervalSet::remove(std::uint64_t first, std::uint64_t last) {
  std::vector<Interval> kept;
  for (const Interval& interval : intervals_) {
    if (interval.last < first || interval.first > last) {
      kept.push_back(interval);
      continue;
    }
    if (interval.first < first) kept.push_back({interval.first, first - 1});
    if (interval.last > last) kept.push_back({last + 1, interval.last});
  }
  intervals_ = std::move(kept);
}

bool IntervalSet::contains(std::uint64_t value) const {
  return contains(value, value);
}

bool IntervalSet::contains(std::uint64_t first, std::uint64_t last) const {
  const auto found = ending_from(intervals_, first);
  return found != intervals_.end() && found->first <= first && last <= found->last;
}

bool IntervalSet::overlaps(std::uint64_t first, std::uint64_t last) const {
  const auto found = ending_from(intervals_, first);
  return found != intervals_.end() && found->first <= last;
}

std::vector<IntervalSet::Interval> IntervalSet::missing(std::uint64_t first,
                                                        std::uint64_t last) const {
  std::vector<Interval> holes;
  for (auto found = ending_from(intervals_, first); found != intervals_.end(); ++found) {
    if (found->first > last) break;
    if (found->first > first) holes.push_back({first, found->first - 1});
    if (found->last >= last) return holes;
    first = found->last + 1;
  }
  holes.push_back({first, last});
  return holes;
}

std::uint64_t IntervalSet::count() const {
  std::uint64_t sum = 0;
  for (const Interval& interval : intervals_) {
    const std::uint64_t width = interval.last - interval.first;
    if (width == kMax || sum > kMax - width - 1) return kMax;
    sum += width + 1;
  }
  return sum;
}

}  // namespace vigie
