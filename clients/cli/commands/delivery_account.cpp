#include "clients/cli/commands/delivery_account.h"

#include <algorithm>

namespace vigie::cli {
namespace {

std::uint64_t count_within(const IntervalSet& numbers, std::uint64_t first, std::uint64_t last) {
  std::uint64_t count = 0;
  for (const IntervalSet::Interval& interval : numbers.intervals()) {
    const std::uint64_t from = std::max(interval.first, first);
    const std::uint64_t to = std::min(interval.last, last);
    if (from <= to) count += to - from + 1;
  }
  return count;
}

}  // namespace

void DeliveryAccount::take(const client::Delivery& delivery) {
  const std::lock_guard lock(mutex_);
  switch (delivery.outcome) {
    case client::Outcome::Settled:
      acknowledged_.add(delivery.first, delivery.last);
      break;
    case client::Outcome::GivenUp:
      given_up_.add(delivery.first, delivery.last);
      break;
    case client::Outcome::Refused: {
      Refused& refused = refused_[refusal_name(delivery.code)];
      if (refused.example.empty()) refused.example = delivery.reason;
      refused.numbers.add(delivery.first, delivery.last);
      break;
    }
  }
}

DeliveryAccount::Sum DeliveryAccount::sum(std::uint64_t first, std::uint64_t last) const {
  const std::lock_guard lock(mutex_);
  Sum sum;
  sum.acknowledged = count_within(acknowledged_, first, last);
  sum.given_up = count_within(given_up_, first, last);
  for (const auto& [name, refused] : refused_) {
    const std::uint64_t count = count_within(refused.numbers, first, last);
    if (count == 0) continue;
    sum.refused += count;
    sum.by_reason[name] = {count, refused.example};
  }
  return sum;
}

}  // namespace vigie::cli
