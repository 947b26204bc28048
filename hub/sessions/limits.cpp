// How much one identity, and one address, may have and ask of the listen endpoint.

#include <fmt/format.h>

#include <algorithm>

#include "hub/sessions/sessions.h"

namespace vigie::sessions {

RefusedRequest Holdings::check(const std::string& who, std::string_view called,
                               bool is_replay) const {
  const auto found = held_.find(who);
  if (found == held_.end()) return {};
  const Held& held = found->second;
  if (held.sessions >= most_.sessions) {
    return {wire::Refusal::TooManySessions,
            fmt::format("{} has {} sessions already, as many as sessions.per_{} allows", called,
                        held.sessions, kind_)};
  }
  if (is_replay && held.replays >= most_.replays) {
    return {wire::Refusal::TooManySessions,
            fmt::format("{} has {} replays already, as many as sessions.replays_per_{} allows",
                        called, held.replays, kind_)};
  }
  return {};
}

void Holdings::end(const std::string& who, bool is_replay) {
  const auto found = held_.find(who);
  if (found == held_.end()) return;
  found->second.replays -= is_replay ? 1 : 0;
  if (--found->second.sessions == 0) held_.erase(found);
}

Sessions::Wait Sessions::asks_too_often(const ops::Received& received, double cost) {
  if (registry_ == nullptr) return {};
  // Nobody known is cut off.
  const security::Holder holder = registry_->find(received.user, known_time_us_);
  if (!holder) return {};
  const std::int64_t now_us = clock_.monotonic_us();
  const std::string name = security::spool_name(holder);
  const std::string address = link_.address(received);
  const std::uint32_t of_name_ms = asked_by_name_.wait_ms(name, cost, now_us);
  const std::uint32_t of_address_ms = asked_by_address_.wait_ms(address, cost, now_us);
  if (of_name_ms == 0 && of_address_ms == 0) {
    asked_by_name_.take(name, cost);
    asked_by_address_.take(address, cost);
    return {};
  }
  const bool is_name = of_name_ms >= of_address_ms;
  return {std::max(of_name_ms, of_address_ms),
          fmt::format("{} more often than {} times a second",
                      is_name ? "you ask" : "those at your address ask",
                      is_name ? options_.requests_per_second : options_.requests_per_address)};
}

}  // namespace vigie::sessions
