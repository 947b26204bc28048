#include "clients/cpp/core/outbox.h"

#include <algorithm>
#include <optional>

namespace vigie::client {
namespace {

std::size_t index_of(MessageKind kind) {
  return static_cast<std::size_t>(kind);
}

}  // namespace

std::vector<IntervalSet::Interval> intersection(const IntervalSet& set, std::uint64_t first,
                                                std::uint64_t last) {
  std::vector<IntervalSet::Interval> found;
  const auto all = set.intervals();
  auto at = std::lower_bound(all.begin(), all.end(), first,
                             [](const IntervalSet::Interval& interval, std::uint64_t value) {
                               return interval.last < value;
                             });
  for (; at != all.end() && at->first <= last; ++at) {
    found.push_back({std::max(first, at->first), std::min(last, at->last)});
  }
  return found;
}

void Outbox::add(MessageKind kind, std::uint64_t first, std::uint64_t last) {
  unsettled_[index_of(kind)].add(first, last);
  waiting_[index_of(kind)].add(first, last);
  highest_ = std::max(highest_, last);
}

std::vector<IntervalSet::Interval> Outbox::settle(std::uint64_t first, std::uint64_t last) {
  std::vector<Interval> settled;
  for (std::size_t kind = 0; kind < kMessageKinds; ++kind) {
    const auto found = intersection(unsettled_[kind], first, last);
    if (found.empty()) continue;
    settled.insert(settled.end(), found.begin(), found.end());
    unsettled_[kind].remove(first, last);
    if (waiting_[kind].overlaps(first, last)) waiting_[kind].remove(first, last);
  }
  if (on_the_way_.overlaps(first, last)) on_the_way_.remove(first, last);
  std::sort(settled.begin(), settled.end(),
            [](const Interval& a, const Interval& b) { return a.first < b.first; });
  return settled;
}

void Outbox::nothing_on_the_way() {
  on_the_way_.clear();
  for (std::size_t kind = 0; kind < kMessageKinds; ++kind) waiting_[kind] = unsettled_[kind];
}

void Outbox::sent(MessageKind kind, std::uint64_t first, std::uint64_t last) {
  waiting_[index_of(kind)].remove(first, last);
  on_the_way_.add(first, last);
}

std::uint64_t Outbox::unsettled() const {
  std::uint64_t sum = 0;
  for (const IntervalSet& set : unsettled_) sum += set.count();
  return sum;
}

std::vector<IntervalSet::Interval> Outbox::next(MessageKind kind, std::uint64_t count,
                                                const IntervalSet& but) const {
  const IntervalSet& waiting = waiting_[index_of(kind)];
  std::vector<Interval> chosen;
  const auto take = [&](Interval range, bool from_end) {
    auto free = but.missing(range.first, range.last);
    if (from_end) std::reverse(free.begin(), free.end());
    for (Interval part : free) {
      if (count == 0) return;
      if (part.last - part.first >= count) {
        if (from_end) {
          part.first = part.last - count + 1;
        } else {
          part.last = part.first + count - 1;
        }
      }
      count -= part.last - part.first + 1;
      chosen.push_back(part);
    }
  };
  const auto all = waiting.intervals();
  const std::uint64_t past = kind == MessageKind::Fix ? past_ : 0;
  for (const Interval& range : all) {
    if (count == 0) break;
    if (range.last > past) take({std::max(range.first, past + 1), range.last}, false);
  }
  for (auto range = all.rbegin(); range != all.rend() && count != 0; ++range) {
    if (range->first <= past) take({range->first, std::min(range->last, past)}, true);
  }
  return chosen;
}

std::vector<std::pair<MessageKind, Outbox::Interval>> Outbox::lowest(std::uint64_t count) const {
  std::vector<std::pair<MessageKind, Interval>> chosen;
  std::size_t at[kMessageKinds] = {};
  while (count != 0) {
    std::optional<std::pair<MessageKind, Interval>> least;
    for (std::size_t kind = 0; kind < kMessageKinds; ++kind) {
      const auto all = waiting_[kind].intervals();
      if (at[kind] == all.size()) continue;
      if (!least || all[at[kind]].first < least->second.first) {
        least = {static_cast<MessageKind>(kind), all[at[kind]]};
      }
    }
    if (!least) break;
    ++at[index_of(least->first)];
    Interval& range = least->second;
    range.last = std::min(range.last, range.first + (count - 1));
    count -= range.last - range.first + 1;
    chosen.push_back(*least);
  }
  return chosen;
}

}  // namespace vigie::client
