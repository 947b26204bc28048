// What one identity may use of the publish endpoint: connections, spools, bytes and messages a
// second, and how often somebody who rules nobody may say who it is.

#include <fmt/format.h>

#include <algorithm>

#include "hub/ingest/ingest.h"

namespace vigie::ingest {
namespace {

constexpr std::int64_t kForgivenUs = 10 * kMicrosecondsPerSecond;
/// Of states by which somebody takes another key: each makes everybody's rights be looked at anew.
constexpr ops::Pace kAccessPace{.per_second = 6.0 / 60, .at_once = 6};

/// How long to wait after too much was taken; 0: there is something left. At most two seconds'
/// worth gathers.
std::uint32_t overdrawn_ms(ops::TokenBucket& bucket, std::uint64_t per_second,
                           std::int64_t now_us) {
  if (per_second == 0) return 0;
  const auto rate = static_cast<double>(per_second);
  const double left = bucket.left({.per_second = rate, .at_once = 2 * rate}, now_us);
  return left >= 0 ? 0 : static_cast<std::uint32_t>(-left / rate * 1000) + 1;
}

}  // namespace

RefusedRequest Ingest::check_room(std::string_view peer_id, const std::string& name,
                                  SpoolKey key) const {
  // It takes its own place again, or that of an earlier connection of its spool.
  const auto spool = spools_.find(key);
  const bool replaces = spool != spools_.end() && peers_.contains(spool->second.peer);
  const auto open = open_spools_.find(key.high);
  if (!name.empty() && spool == spools_.end() && open != open_spools_.end() &&
      open->second >= options_.spools_per_identity) {
    return {wire::Refusal::TooManySessions,
            fmt::format("'{}' has {} spools already: go on with one of them, or let the hub have a "
                        "greater publishers.spools_per_identity",
                        name, open->second)};
  }
  if (replaces || peers_.contains(std::string(peer_id))) return {};
  if (peers_.size() >= options_.peers_max) {
    return {wire::Refusal::NotReady, fmt::format("there are {} publishers already", peers_.size())};
  }
  const auto of_name = allowances_.find(name);
  if (of_name == allowances_.end() || of_name->second.peers < options_.peers_per_identity) {
    return {};
  }
  return {wire::Refusal::TooManySessions,
          fmt::format("'{}' publishes from {} connections already", name, of_name->second.peers)};
}

void Ingest::forget(Peers::iterator peer) {
  const auto allowance = allowances_.find(peer->second.name);
  if (allowance != allowances_.end()) --allowance->second.peers;
  peers_.erase(peer);
}

std::uint32_t Ingest::wait_ms(const Peer& peer, std::size_t bytes) {
  const auto found = allowances_.find(peer.name);
  if (found == allowances_.end()) return 0;
  Allowance& allowance = found->second;
  allowance.asked_us = clock_.monotonic_us();
  const std::uint32_t ms =
      std::max(overdrawn_ms(allowance.bytes, options_.bytes_per_second, allowance.asked_us),
               overdrawn_ms(allowance.messages, options_.messages_per_second, allowance.asked_us));
  if (ms == 0) allowance.bytes.take(static_cast<double>(bytes));
  return ms;
}

bool Ingest::may_say_access(const security::Holder& holder) {
  if (holder.identity != nullptr && holder.identity->is_administrator()) return true;
  const auto found = allowances_.find(security::spool_name(holder));
  if (found == allowances_.end()) return true;
  ops::TokenBucket& access = found->second.access;
  if (access.left(kAccessPace, clock_.monotonic_us()) < 1) return false;
  access.take(1);
  return true;
}

/// Of the grant's owner, with as many more that stand before it in its batch.
bool Ingest::has_enough_grants(const wire::State& grant, std::size_t more) const {
  const std::size_t standing =
      registry_->standing_grants(owner_of(text_of(grant.name())), sequencer_.known_time_us());
  return standing + more >= options_.grants_per_owner;
}

void Ingest::forget_allowances() {
  const std::int64_t now_us = clock_.monotonic_us();
  // Whoever is gone and sent no more than it may is as new when it comes again.
  std::erase_if(allowances_, [&](const auto& one) {
    const Allowance& allowance = one.second;
    return allowance.peers == 0 && now_us - allowance.asked_us > kForgivenUs &&
           allowance.access.is_full(kAccessPace, now_us);
  });
}

Ingest::Spool& Ingest::spool_of(SpoolKey key) {
  const auto [spool, is_new] = spools_.try_emplace(key);
  if (is_new) ++open_spools_[key.high];
  return spool->second;
}

void Ingest::count_closed(SpoolKey key) {
  const auto found = open_spools_.find(key.high);
  if (--found->second == 0) open_spools_.erase(found);
}

}  // namespace vigie::ingest
