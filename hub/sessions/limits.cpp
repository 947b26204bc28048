// How much one identity, and one address, may have and ask of the listen endpoint.

#include <fmt/format.h>

#include <algorithm>

#include "hub/ops/too_fast.h"
#include "hub/sessions/sessions.h"
#include "schemas/messages/check_parts.h"
#include "schemas/messages/requests.h"

namespace vigie::sessions {
namespace {

/// What makes somebody begin anew costs more than a grant.
constexpr double kBeginAnewCost = 10;

Intake::Load load_of(Bytes bytes) {
  const bool anew = has_identifier<wire::Control>(bytes) || has_identifier<wire::Refill>(bytes);
  return {.messages = anew ? kBeginAnewCost : 1, .bytes = bytes.size()};
}

Awaits awaited_by(Bytes bytes) {
  if (has_identifier<wire::Open>(bytes)) return Awaits::Opened;
  return has_identifier<wire::Ask>(bytes) ? Awaits::Told : Awaits::Nothing;
}

std::string too_fast(std::string_view called, const Intake::Most& most) {
  return ops::too_fast(called, most.bytes, most.messages);
}

}  // namespace

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

std::uint64_t Sessions::taken_of(std::uint64_t granted, std::uint64_t sent) {
  const std::uint64_t most = sent + options_.credit_bytes;
  if (granted <= most) return granted;
  ++counts_.credit_cut;
  return most;
}

Sessions::Wait Sessions::sends_too_fast(const ops::Received& received, const Session* session) {
  if (registry_ == nullptr) return {};
  std::string name;
  std::string address;
  if (session != nullptr) {
    name = session->name;
    address = session->address;
  } else {
    // Nobody known is counted by the address alone.
    const security::Holder holder = registry_->find(received.user, known_time_us_);
    if (holder) name = security::spool_name(holder);
    address = link_.address(received);
  }
  const std::int64_t now_us = clock_.monotonic_us();
  const Intake::Load load = load_of(received.bytes);
  const std::uint32_t of_name_ms = sent_by_name_.wait_ms(name, load, now_us);
  const std::uint32_t of_address_ms = sent_by_address_.wait_ms(address, load, now_us);
  if (of_name_ms == 0 && of_address_ms == 0) {
    sent_by_name_.take(name, load);
    sent_by_address_.take(address, load);
    return {};
  }
  if (of_name_ms >= of_address_ms) {
    return {of_name_ms, too_fast(fmt::format("'{}'", shown(name)), sent_by_name_.most())};
  }
  return {of_address_ms, too_fast("those at your address", sent_by_address_.most())};
}

void Sessions::put_off(const ops::Received& received, const Wait& wait) {
  const std::int64_t now_us = clock_.monotonic_us();
  const RefusedRequest refused{wire::Refusal::TooFast, wait.why};
  tell_refused(received.user, refused);
  const ops::PeerId peer(received.peer);
  if (!registry_->find(received.user, known_time_us_)) {
    farewell_.told(peer, link_.origin(received), now_us);
  }
  // Who storms and does not read gathers no answers. Who waits as it is told has its next one: its
  // wait is longer than the time in which it is told once.
  if (now_us - put_off_us_ >= kTickUs) {
    put_off_us_ = now_us;
    put_off_.clear();
  }
  const bool is_first = put_off_.emplace(peer, awaited_by(received.bytes)).second;
  if (is_first) {
    return deny(peer, refused.code, refused.reason,
                std::max<std::uint32_t>(wait.ms, kTickUs / 1000));
  }
  ++counts_.denied[refused.code];
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
