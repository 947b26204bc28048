#pragma once
// So many a second of each who asks, by what they are told apart by: a name, an address. Whoever
// has rested is forgotten. Pure; one thread.

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "hub/ops/token_bucket.h"

namespace vigie::ops {

class Budgets {
 public:
  /// `per_second` 0: any.
  explicit Budgets(const Pace& pace) : pace_(pace) {}

  /// How long it is to wait before it may take that; 0: not at all. Nobody ("") never waits. What
  /// costs more than is ever there costs all.
  std::uint32_t wait_ms(const std::string& who, double cost, std::int64_t now_us) {
    if (who.empty() || pace_.per_second == 0) return 0;
    if (left_.size() >= kRemembered && !left_.contains(who)) forget_rested(now_us);
    const double lacks = std::min(cost, pace_.at_once) - left_[who].left(pace_, now_us);
    return lacks > 0 ? static_cast<std::uint32_t>(lacks / pace_.per_second * 1000) + 1 : 0;
  }
  /// REQUIRES: it was just asked whether it may.
  void take(const std::string& who, double cost) {
    if (!who.empty() && pace_.per_second != 0) left_[who].take(cost);
  }

 private:
  static constexpr std::size_t kRemembered = 1024;
  void forget_rested(std::int64_t now_us) {
    std::erase_if(left_, [&](const auto& one) { return one.second.is_full(pace_, now_us); });
  }
  const Pace pace_;
  std::map<std::string, TokenBucket> left_;
};

}  // namespace vigie::ops
