// How much one identity may ask of the listen endpoint.

#include <fmt/format.h>

#include <algorithm>

#include "hub/sessions/sessions.h"

namespace vigie::sessions {

std::uint32_t Sessions::wait_ms(std::string_view user, double cost) {
  if (registry_ == nullptr || options_.requests_per_second == 0) return 0;
  // Nobody known is cut off.
  const security::Holder holder = registry_->find(user, known_time_us_);
  if (!holder) return 0;
  constexpr std::size_t kRemembered = 1024;
  const auto rate = static_cast<double>(options_.requests_per_second);
  const ops::Pace pace{.per_second = rate, .at_once = 4 * rate};
  const std::int64_t now_us = clock_.monotonic_us();
  const std::string name = security::spool_name(holder);
  if (asked_.size() >= kRemembered && !asked_.contains(name)) {
    std::erase_if(asked_, [&](const auto& one) { return one.second.is_full(pace, now_us); });
  }
  ops::TokenBucket& bucket = asked_[name];
  const double lacks = std::min(cost, pace.at_once) - bucket.left(pace, now_us);
  if (lacks > 0) return static_cast<std::uint32_t>(lacks / rate * 1000) + 1;
  bucket.take(cost);
  return 0;
}

std::string Sessions::too_many_requests() const {
  return fmt::format("you ask more often than {} times a second", options_.requests_per_second);
}

}  // namespace vigie::sessions
