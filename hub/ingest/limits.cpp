// What one identity, and one address, may use of the publish endpoint: connections, spools, bytes
// and messages a second, and how often somebody who rules nobody may say who it is.

#include <fmt/format.h>

#include "hub/ingest/ingest.h"
#include "hub/ops/too_fast.h"
#include "schemas/messages/check_parts.h"

namespace vigie::ingest {
namespace {

/// What is no batch is looked at and answered for itself: so many a second are as much as all the
/// messages that may come of one identity; at its address too, unless that has less for all.
constexpr std::uint64_t kUnbatchedPerSecond = 1000;

/// Of a batch the rest is counted when it is read (count_messages). 0: any.
std::uint64_t cost_of(bool is_batch, std::uint64_t messages_per_second) {
  return is_batch ? 1 : std::max<std::uint64_t>(messages_per_second / kUnbatchedPerSecond, 1);
}

std::uint64_t lesser_of(std::uint64_t a, std::uint64_t b) {
  return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

std::string too_fast(std::string_view called, const Share& share) {
  return ops::too_fast(called, share.bytes_per_second, share.messages_per_second);
}

}  // namespace

RefusedRequest Ingest::check_spools(const std::string& name, SpoolKey key) const {
  const auto open = open_spools_.find(key.high);
  if (name.empty() || spools_.contains(key) || open == open_spools_.end() ||
      open->second < options_.spools_per_identity) {
    return {};
  }
  return {wire::Refusal::TooManySessions,
          fmt::format("'{}' has {} spools already: go on with one of them, or let the hub have a "
                      "greater publishers.spools_per_identity",
                      name, open->second)};
}

RefusedRequest Ingest::check_room(std::string_view peer_id, const Guest& guest, SpoolKey key) {
  if (const RefusedRequest bad = check_spools(guest.name, key)) return bad;
  // It takes its own place again, or that of an earlier connection of its spool.
  const auto spool = spools_.find(key);
  auto before = peers_.find(std::string(peer_id));
  if (before == peers_.end() && spool != spools_.end()) before = peers_.find(spool->second.peer);
  const bool is_new = before == peers_.end();
  if (is_new && peers_.size() >= options_.peers_max) {
    return {wire::Refusal::NotReady, fmt::format("there are {} publishers already", peers_.size())};
  }
  if (is_new && by_name_.is_full(guest.name)) {
    return {wire::Refusal::TooManySessions,
            fmt::format("'{}' publishes from {} connections already, as many as "
                        "publishers.per_identity allows",
                        guest.name, by_name_.peers(guest.name))};
  }
  // That place may have been at another address.
  const Allowance* of_address = by_address_.find(guest.address);
  const bool moves_in = is_new || before->second.of_address != of_address;
  if (!moves_in || !by_address_.is_full(guest.address)) return {};
  return {wire::Refusal::TooManySessions,
          fmt::format("{} publishers are at your address already, as many as "
                      "publishers.per_address allows",
                      by_address_.peers(guest.address))};
}

void Ingest::forget(Peers::iterator peer) {
  Allowances::leave(peer->second.of_name);
  Allowances::leave(peer->second.of_address);
  peers_.erase(peer);
}

Ingest::Wait Ingest::sends_too_fast(const ops::Received& received, const Peer* peer) {
  if (registry_ == nullptr) return {};
  std::string name;
  Allowance* of_name = nullptr;
  Allowance* of_address = nullptr;
  if (peer != nullptr) {
    of_name = peer->of_name;
    of_address = peer->of_address;
  } else {
    // Nobody known is counted by the address alone.
    const security::Holder holder = registry_->find(received.user, sequencer_.known_time_us());
    if (holder) name = security::spool_name(holder);
    of_name = by_name_.of(name);
    of_address = by_address_.of(link_.address(received));
  }
  const std::int64_t now_us = clock_.monotonic_us();
  const std::uint32_t of_name_ms = by_name_.wait_ms(of_name, now_us);
  const std::uint32_t of_address_ms = by_address_.wait_ms(of_address, now_us);
  if (of_name_ms == 0 && of_address_ms == 0) {
    const bool is_batch = has_identifier<wire::Batch>(received.bytes);
    Allowances::take_bytes(of_name, received.bytes.size());
    Allowances::take_bytes(of_address, received.bytes.size());
    const std::uint64_t of_one = by_name_.share().messages_per_second;
    const std::uint64_t of_all = by_address_.share().messages_per_second;
    Allowances::take_messages(of_name, cost_of(is_batch, of_one));
    Allowances::take_messages(of_address, cost_of(is_batch, lesser_of(of_one, of_all)));
    return {};
  }
  if (of_name_ms >= of_address_ms) {
    return {of_name_ms,
            too_fast(fmt::format("'{}'", peer == nullptr ? name : peer->name), by_name_.share())};
  }
  return {of_address_ms, too_fast("those at your address", by_address_.share())};
}

void Ingest::put_off(const ops::Received& received, const Wait& wait) {
  // Who is greeted goes when what was taken of it is acknowledged (forget_revoked_peers).
  const bool is_greeted = peers_.contains(std::string(received.peer));
  if (!is_greeted && !registry_->find(received.user, sequencer_.known_time_us())) {
    farewell_.told(std::string(received.peer), link_.origin(received), clock_.monotonic_us());
  }
  refuse(received, wire::Refusal::TooFast, wait.why, wait.ms);
}

bool Ingest::is_granted(Peer& peer, std::size_t bytes) {
  if (peer.received_bytes + bytes > peer.granted_bytes) return false;
  peer.received_bytes += bytes;
  return true;
}

bool Ingest::may_say_access(const security::Holder& holder) {
  if (holder.identity != nullptr && holder.identity->is_administrator()) return true;
  Allowance* allowance = by_name_.find(security::spool_name(holder));
  return allowance == nullptr || Allowances::take_access(*allowance, clock_.monotonic_us());
}

/// With what stands before it in its batch.
RefusedRequest Ingest::check_owner(const wire::State& state, Begun& begun) const {
  const std::int64_t known_us = sequencer_.known_time_us();
  if (!registry_->begins(state, known_us)) return {};
  const std::string_view owner = owner_of(text_of(state.name()));
  const security::OwnerLimit limit = options_.per_owner.of(state.kind());
  const std::size_t standing = registry_->standing(state.kind(), owner, known_us);
  if (standing + begun[{state.kind(), owner}]++ < limit.most) return {};
  return {wire::Refusal::TooManySessions,
          fmt::format("{} {} of {} stand, as many as {}.per_owner allows: {} some first",
                      limit.most, limit.kinds, shown(owner), limit.kinds, limit.end)};
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
