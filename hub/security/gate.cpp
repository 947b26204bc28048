#include "hub/security/gate.h"

namespace vigie::security {
namespace {

constexpr std::int64_t kForgetUs = 10 * kMicrosecondsPerSecond;

}  // namespace

ops::ZapReply Gate::decide(const ops::ZapRequest& request) {
  const auto keys = keys_.get();
  const bool known = !request.key.empty() && keys != nullptr && keys->contains(request.key);
  if (!known) {
    turn_away(request.key);
    return {};
  }
  if (comes_too_often(request.key)) {
    put_off_.fetch_add(1, std::memory_order_relaxed);
    return {.allowed = false, .later = true};
  }
  let_in_.fetch_add(1, std::memory_order_relaxed);
  return {.allowed = true, .user = request.key};
}

void Gate::turn_away(const std::string& key) {
  turned_away_.fetch_add(1, std::memory_order_relaxed);
  const auto watched = watched_.get();
  const bool is_watched = watched != nullptr && watched->contains(key);
  if (is_watched && came_watched_.post(std::string(key))) return;
  strangers_.fetch_add(1, std::memory_order_relaxed);
}

bool Gate::comes_too_often(const std::string& key) {
  const std::int64_t now_us = clock_.monotonic_us();
  if (now_us >= forget_us_) forget_rested(now_us);
  ops::TokenBucket& bucket = came_[key];
  const bool too_often = bucket.left(pace_, now_us) < 1;
  if (!too_often) bucket.take(1);
  return too_often;
}

void Gate::forget_rested(std::int64_t now_us) {
  forget_us_ = now_us + kForgetUs;
  std::erase_if(came_, [&](const auto& one) { return one.second.is_full(pace_, now_us); });
}

}  // namespace vigie::security
