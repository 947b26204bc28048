#include "hub/ingest/allowances.h"

#include <algorithm>

namespace vigie::ingest {
namespace {

constexpr std::int64_t kForgivenUs = 10'000'000;
/// Of states by which somebody takes another key: each makes everybody's rights be looked at anew.
constexpr ops::Pace kAccessPace{.per_second = 6.0 / 60, .at_once = 6};

/// At most two seconds' worth gathers.
ops::Pace pace_of(std::uint64_t per_second) {
  const auto rate = static_cast<double>(per_second);
  return {.per_second = rate, .at_once = 2 * rate};
}

std::uint32_t overdrawn_ms(ops::TokenBucket& bucket, std::uint64_t per_second,
                           std::int64_t now_us) {
  if (per_second == 0) return 0;
  const ops::Pace pace = pace_of(per_second);
  const double left = bucket.left(pace, now_us);
  return left >= 0 ? 0 : static_cast<std::uint32_t>(-left / pace.per_second * 1000) + 1;
}

bool is_paid(const ops::TokenBucket& bucket, std::uint64_t per_second, std::int64_t now_us) {
  return per_second == 0 || bucket.is_full(pace_of(per_second), now_us);
}

}  // namespace

Allowance* Allowances::find(const std::string& who) {
  const auto found = of_.find(who);
  return found == of_.end() ? nullptr : &found->second;
}

std::size_t Allowances::peers(const std::string& who) const {
  const auto found = of_.find(who);
  return found == of_.end() ? 0 : found->second.peers;
}

Allowance* Allowances::enter(const std::string& who) {
  if (who.empty()) return nullptr;
  Allowance& allowance = of_[who];
  ++allowance.peers;
  return &allowance;
}

void Allowances::leave(Allowance* allowance) {
  if (allowance != nullptr) --allowance->peers;
}

std::uint32_t Allowances::wait_ms(Allowance* allowance, std::int64_t now_us) const {
  if (allowance == nullptr) return 0;
  allowance->asked_us = now_us;
  return std::max(overdrawn_ms(allowance->bytes, share_.bytes_per_second, now_us),
                  overdrawn_ms(allowance->messages, share_.messages_per_second, now_us));
}

void Allowances::take_bytes(Allowance* allowance, std::size_t count) {
  if (allowance != nullptr) allowance->bytes.take(static_cast<double>(count));
}

void Allowances::take_messages(Allowance* allowance, std::size_t count) {
  if (allowance != nullptr) allowance->messages.take(static_cast<double>(count));
}

bool Allowances::take_access(Allowance& allowance, std::int64_t now_us) {
  if (allowance.access.left(kAccessPace, now_us) < 1) return false;
  allowance.access.take(1);
  return true;
}

void Allowances::forget_rested(std::int64_t now_us) {
  std::erase_if(of_, [&](const auto& one) {
    const Allowance& allowance = one.second;
    return allowance.peers == 0 && now_us - allowance.asked_us > kForgivenUs &&
           allowance.access.is_full(kAccessPace, now_us) &&
           is_paid(allowance.bytes, share_.bytes_per_second, now_us) &&
           is_paid(allowance.messages, share_.messages_per_second, now_us);
  });
}

}  // namespace vigie::ingest
