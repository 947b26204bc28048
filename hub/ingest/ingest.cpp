#include "hub/ingest/ingest.h"

#include <fmt/format.h>

#include <tuple>

#include "schemas/keys/key_pair.h"
#include "schemas/messages/requests.h"

namespace vigie::ingest {
namespace {

constexpr std::uint32_t kRetryMs = 1000;
constexpr std::size_t kMessagesATurn = 1024;
constexpr std::size_t kSpoolsATidy = 512;
constexpr std::size_t kGreetedATidy = 128;
constexpr std::size_t kRefusedWaiting = 1024;  // for a publisher that does not read
constexpr std::int64_t kPeerSilentUs = 600ll * kMicrosecondsPerSecond;

bool spool_less(const SpoolKey& a, const SpoolKey& b) {
  return std::tie(a.high, a.low) < std::tie(b.high, b.low);
}

std::vector<wire::NumberRange> ranges_of(const IntervalSet& set) {
  std::vector<wire::NumberRange> ranges;
  for (const IntervalSet::Interval& interval : set.intervals()) {
    ranges.emplace_back(interval.first, interval.last);
  }
  return ranges;
}

}  // namespace

Ingest::Ingest(IngestOptions options, ops::Link& link, sequence::Sequencer& sequencer,
               store::Store& store, const Clock& clock, const Ledger& ledger,
               security::Registry* registry, security::AuditTrail* audit,
               security::Quarantine* quarantine)
    : options_(options),
      link_(link),
      sequencer_(sequencer),
      store_(store),
      clock_(clock),
      registry_(registry),
      audit_(registry == nullptr ? nullptr : audit),
      quarantine_(quarantine),
      spools_(&spool_less),
      by_name_({.peers = options.peers_per_identity,
                .bytes_per_second = options.bytes_per_second,
                .messages_per_second = options.messages_per_second}),
      by_address_(options.of_address),
      time_(clock, store.recovery().last_trust) {
  for (const auto& [key, record] : ledger.spools()) {
    Spool& spool = spools_[key];
    spool.record = record;
    spool.taken = record.settled;
    if (!record.closed) ++open_spools_[key.high];
  }
}

bool Ingest::has_room() const {
  return sequencer_.has_seqs() && store_.queued_bytes() < options_.store_queue_bytes;
}

std::size_t Ingest::read_turn() {
  std::size_t read = 0;
  const auto sink = [this](const ops::Received& received) { on_message(received); };
  // What fills no body, as what is refused, must not keep the turn from its other work.
  while (read < kMessagesATurn && !sequencer_.full() && wants_more() && link_.receive(sink)) {
    ++read;
  }
  return read;
}

void Ingest::on_message(const ops::Received& received) {
  const auto found = peers_.find(std::string(received.peer));
  // A connection's name may come again with another connection: that one says hello first.
  const bool is_greeted = found != peers_.end() && found->second.user == received.user;
  Peer* const peer = is_greeted ? &found->second : nullptr;
  const bool is_batch = has_identifier<wire::Batch>(received.bytes);
  bool granted = false;
  if (is_batch && peer != nullptr) {
    peer->heard_us = clock_.monotonic_us();
    // Also where it is refused: its sender counts it, too.
    granted = is_granted(*peer, received.bytes.size());
  }
  if (const Wait wait = sends_too_fast(received, peer); wait.ms != 0) {
    return put_off(received, wait);
  }
  if (is_batch && peer != nullptr) return on_batch(received, *peer, granted);
  if (is_batch) {
    ++counts_.rehellos;
    static_cast<void>(
        link_.send(ops::PeerId(received.peer), make_rehello("the hub does not know you")));
    return;
  }
  if (has_identifier<wire::Hello>(received.bytes)) return on_hello(received);
  refuse(received, wire::Refusal::Malformed,
         fmt::format("a message of {} bytes is neither Hello nor Batch", received.bytes.size()), 0);
}

void Ingest::refuse(const ops::Received& received, wire::Refusal code, std::string_view reason,
                    std::uint32_t retry_ms) {
  count_refused(code, 1);
  tell_refused(received.user, code, reason);
  quarantine(received.user, received.bytes, code, reason);
  reject(received.peer, code, reason, retry_ms);
}

void Ingest::reject(std::string_view peer_id, wire::Refusal code, std::string_view reason,
                    std::uint32_t retry_after_ms) {
  static_cast<void>(link_.send(ops::PeerId(peer_id), make_rejected(code, reason, retry_after_ms)));
}

void Ingest::quarantine(std::string_view user, Bytes bytes, wire::Refusal code,
                        std::string_view reason) {
  if (quarantine_ == nullptr) return;
  const std::int64_t known_us = sequencer_.known_time_us();
  quarantine_->note({.endpoint = "publish",
                     .name = security::sender_of(registry_, user, known_us),
                     .key = user,
                     .bytes = bytes,
                     .code = code,
                     .reason = reason},
                    known_us, clock_.monotonic_us());
}

RefusedRequest Ingest::why_not_now(std::string_view user, security::Holder& holder) const {
  if (stopping_) return {wire::Refusal::NotReady, "the hub is stopping"};
  if (registry_ == nullptr) return {};
  holder = registry_->find(user, sequencer_.known_time_us());
  if (holder) return {};
  return {wire::Refusal::Revoked, security::kUnknownKey};
}

void Ingest::on_hello(const ops::Received& received) {
  const std::string_view peer_id = received.peer;
  const AlignedBytes copy(received.bytes);
  const wire::Hello* hello = verified<wire::Hello>(copy.bytes());
  const auto refuse = [&](wire::Refusal code, std::string_view reason, std::uint32_t retry_ms) {
    this->refuse(received, code, reason, retry_ms);
  };
  if (hello == nullptr || hello->spool() == nullptr || key_of(*hello->spool()) == SpoolKey{}) {
    return refuse(wire::Refusal::Malformed, "the hello is malformed or names no spool", 0);
  }
  if (hello->protocol() != kProtocolVersion) {
    return refuse(
        wire::Refusal::UnknownVersion,
        fmt::format("protocol {} is not served, {} is", hello->protocol(), kProtocolVersion), 0);
  }
  security::Holder holder;
  if (const RefusedRequest bad = why_not_now(received.user, holder)) {
    if (bad.code == wire::Refusal::Revoked) {
      farewell_.told(std::string(peer_id), link_.origin(received), clock_.monotonic_us());
    }
    return refuse(bad.code, bad.reason, bad.code == wire::Refusal::NotReady ? kRetryMs : 0);
  }
  const SpoolKey key = key_of(*hello->spool());
  if (const RefusedRequest bad = check_spool(*hello, holder)) {
    return refuse(bad.code, bad.reason, 0);
  }
  Guest guest;
  if (holder) guest = {security::spool_name(holder), link_.address(received)};
  if (const RefusedRequest bad = check_room(peer_id, guest, key)) {
    return refuse(bad.code, bad.reason, 10 * kRetryMs);
  }
  // Before the peer leaves the spool that it has: a refusal changes nothing.
  if (const auto had = spools_.find(key); had != spools_.end() && had->second.record.closed) {
    return refuse(wire::Refusal::SpoolClosed, "the spool was silent for too long; make a new one",
                  0);
  }
  const bool known_peer = peers_.contains(std::string(peer_id));
  if (known_peer) leave_spool(std::string(peer_id), key);
  Spool& spool = spool_of(key);
  if (const auto other = peers_.find(spool.peer); other != peers_.end()) forget(other);
  spool.peer = peer_id;
  const std::string_view client = text_of(hello->client());
  if (const auto old = peers_.find(std::string(peer_id)); old != peers_.end()) forget(old);
  Peer& peer = peers_[std::string(peer_id)];
  peer = {.spool = key,
          .client = client.size() <= limits::kClientTextBytesMax && is_text(client)
                        ? std::string(client)
                        : std::string(),
          .user = std::string(received.user),
          .name = guest.name,
          .origin = registry_ != nullptr ? link_.origin(received) : ops::Origin(),
          .of_name = by_name_.enter(guest.name),
          .of_address = by_address_.enter(guest.address),
          .heard_us = clock_.monotonic_us()};
  grant(peer);
  farewell_.stays(spool.peer);
  welcome(spool.peer, spool, holder);
}

void Ingest::welcome(const ops::PeerId& peer_id, const Spool& spool,
                     const security::Holder& holder) {
  const Peer& peer = peers_.at(peer_id);
  wire::WelcomeT welcome;
  welcome.protocol = kProtocolVersion;
  welcome.log = std::make_unique<wire::LogId>(sequencer_.log());
  welcome.settled = ranges_of(spool.record.settled);
  welcome.granted_bytes = peer.granted_bytes;
  welcome.batch_bytes_max = static_cast<std::uint32_t>(limits::kBatchBytesMax);
  welcome.known_time_us = sequencer_.known_time_us();
  security::introduce(holder, welcome);
  if (registry_ != nullptr) welcome.hub_key = registry_->hub_key().key;
  const std::vector<std::byte> message = packed<wire::Welcome>(welcome);
  // A short hello may ask for a long answer.
  Allowances::take_bytes(peer.of_name, message.size());
  Allowances::take_bytes(peer.of_address, message.size());
  static_cast<void>(link_.send(peer_id, message));
}

RefusedRequest Ingest::check_spool(const wire::Hello& hello, const security::Holder& holder) const {
  if (!holder || hello.spool()->high() == spool_owner(security::spool_name(holder))) return {};
  return {wire::Refusal::WrongSpool, fmt::format("the spool is not one of '{}'; make a new one",
                                                 security::spool_name(holder))};
}

void Ingest::leave_spool(const ops::PeerId& peer_id, SpoolKey next) {
  const SpoolKey key = peers_.at(peer_id).spool;
  const auto found = spools_.find(key);
  if (key == next || found == spools_.end()) return;
  if (found->second.peer == peer_id) found->second.peer.clear();
  if (!is_unused(found->second)) return;
  spools_.erase(found);
  count_closed(key);
}

bool Ingest::is_unused(const Spool& spool) {
  return spool.peer.empty() && spool.taken.empty() && !spool.record.closed && !spool.ack_due;
}

void Ingest::grant(Peer& peer) const {
  // The fuller the store's queue, the smaller the window: trackers slow down before the hub stops
  // reading.
  const std::size_t queued = store_.queued_bytes();
  const std::size_t quarter = options_.store_queue_bytes / 4;
  const std::size_t divisor = 1 + queued / std::max<std::size_t>(quarter, 1);
  const std::uint64_t window =
      std::max<std::uint64_t>(options_.window_bytes / divisor, 2 * limits::kBatchBytesMax);
  peer.granted_bytes = std::max(peer.granted_bytes, peer.received_bytes + window);
}

void Ingest::on_durable(std::uint64_t seq) {
  while (!pending_.empty() && pending_.front().seq <= seq) {
    Pending& done = pending_.front();
    Spool& spool = *done.spool;
    const auto settle = [&spool](const wire::NumberRange& range) {
      spool.record.settled.add(range.first(), range.last());
      spool.to_settle.add(range.first(), range.last());
    };
    if (done.one.first() != 0) settle(done.one);
    for (const wire::NumberRange& range : done.settled) settle(range);
    for (RefusedNumbers& refused : done.refused) {
      spool.record.settled.add(refused.first, refused.last);
      spool.to_refuse.push_back(std::move(refused));
    }
    --spool.pending;
    const auto peer = peers_.find(spool.peer);
    if (peer == peers_.end()) {
      spool.to_settle.clear();
      spool.to_refuse.clear();
    } else {
      mark_ack_due(peer->second.spool, spool);
    }
    pending_.pop_front();
  }
}

void Ingest::mark_ack_due(SpoolKey key, Spool& spool) {
  if (spool.ack_due) return;
  spool.ack_due = true;
  acks_due_.push_back(key);
}

std::int64_t Ingest::send_due_acks() {
  if (acks_due_.empty()) return std::numeric_limits<std::int64_t>::max();
  const std::int64_t now_us = clock_.monotonic_us();
  std::int64_t next_us = std::numeric_limits<std::int64_t>::max();
  std::vector<SpoolKey> later;
  for (const SpoolKey& key : acks_due_) {
    Spool& spool = spools_.at(key);
    // Nothing pending: whoever waits for this acknowledgement waits for nothing else.
    const std::int64_t due_us = spool.acked_us + options_.ack_interval_us;
    if (spool.pending != 0 && due_us > now_us) {
      next_us = std::min(next_us, due_us);
      later.push_back(key);
      continue;
    }
    spool.ack_due = false;
    spool.acked_us = now_us;
    send_ack(spool);
  }
  acks_due_ = std::move(later);
  return next_us;
}

void Ingest::send_ack(Spool& spool) {
  const auto peer = peers_.find(spool.peer);
  if (peer != peers_.end()) {
    const std::uint64_t granted = peer->second.granted_bytes;
    grant(peer->second);
    flatbuffers::FlatBufferBuilder builder(256);
    std::vector<flatbuffers::Offset<wire::Refused>> refused;
    for (const RefusedNumbers& one : spool.to_refuse) {
      const wire::NumberRange numbers(one.first, one.last);
      refused.push_back(
          wire::CreateRefused(builder, &numbers, one.code, builder.CreateString(one.reason)));
    }
    const auto settled = builder.CreateVectorOfStructs(ranges_of(spool.to_settle));
    const auto refused_list =
        refused.empty()
            ? flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Refused>>>()
            : builder.CreateVector(refused);
    const Bytes ack =
        finished(builder, wire::CreateAck(builder, settled, refused_list,
                                          peer->second.granted_bytes, sequencer_.known_time_us()));
    const ops::Sent sent = link_.send(spool.peer, ack);
    if (sent == ops::Sent::Full) {
      // It does not read: it is told all of it later (tidy), and grows its window by nothing.
      peer->second.granted_bytes = granted;
      // By its next hello these are settled, too.
      if (spool.to_refuse.size() > kRefusedWaiting) spool.to_refuse.clear();
      return;
    }
    if (sent == ops::Sent::Gone) {
      forget(peer);
      spool.peer.clear();
    }
    ++counts_.acks;
  }
  spool.to_settle.clear();
  spool.to_refuse.clear();
}

void Ingest::greet_again() {
  to_greet_.clear();
  for (const auto& [id, peer] : peers_) to_greet_.push_back(id);
}

void Ingest::greet_some() {
  for (std::size_t greeted = 0; greeted < kGreetedATidy && !to_greet_.empty(); ++greeted) {
    const ops::PeerId peer = std::move(to_greet_.back());
    to_greet_.pop_back();
    if (!peers_.contains(peer)) continue;
    static_cast<void>(link_.send(peer, make_rehello("the hub has another key")));
  }
}

void Ingest::tidy() {
  greet_some();
  forget_silent_peers();
  forget_revoked_peers();
  farewell_.cut_due(link_, clock_.monotonic_us());
  by_name_.forget_rested(clock_.monotonic_us());
  by_address_.forget_rested(clock_.monotonic_us());
  close_silent_spools();
}

void Ingest::forget_silent_peers() {
  const std::int64_t now_us = clock_.monotonic_us();
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    if (now_us - peer->second.heard_us < kPeerSilentUs) {
      ++peer;
      continue;
    }
    Spool& spool = spools_.at(peer->second.spool);
    if (spool.peer == peer->first) spool.peer.clear();
    forget(peer++);
  }
}

void Ingest::forget_revoked_peers() {
  if (registry_ == nullptr || stopping_) return;
  const std::int64_t known_us = sequencer_.known_time_us();
  if (registry_->version() == rights_version_ && known_us < rights_end_us_) return;
  bool all_told = true;
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    security::Holder holder;
    const RefusedRequest bad = why_not_now(peer->second.user, holder);
    Spool& spool = spools_.at(peer->second.spool);
    // What was taken of it is acknowledged first.
    const bool waits = spool.pending != 0 || spool.ack_due;
    if (!bad || waits) {
      all_told = all_told && !bad;
      ++peer;
      continue;
    }
    count_refused(bad.code, 1);
    reject(peer->first, bad.code, bad.reason, 0);
    farewell_.told(peer->first, peer->second.origin, clock_.monotonic_us());
    if (spool.peer == peer->first) spool.peer.clear();
    forget(peer++);
  }
  if (!all_told) return;
  rights_version_ = registry_->version();
  rights_end_us_ = registry_->next_end_us(known_us);
}

void Ingest::close_silent_spools() {
  const std::int64_t before_us = time_.now_us() - options_.spool_silent_us;
  auto at = spools_.upper_bound(tidied_);
  for (std::size_t looked = 0; looked < kSpoolsATidy && at != spools_.end(); ++looked) {
    tidied_ = at->first;
    Spool& spool = at->second;
    if (is_unused(spool)) {
      at = spools_.erase(at);
      count_closed(tidied_);
      continue;
    }
    ++at;
    // What its publisher had no room to hear.
    if (!spool.to_settle.empty() || !spool.to_refuse.empty()) mark_ack_due(tidied_, spool);
    SpoolRecord& record = spool.record;
    if (record.closed || !spool.peer.empty() || spool.pending != 0) continue;
    if (record.last_known_time_us == 0 || record.last_known_time_us >= before_us) continue;
    record.closed = true;
    count_closed(tidied_);
    record.settled.clear();
    spool.taken.clear();
  }
  if (at == spools_.end()) tidied_ = {};
}

std::vector<PublisherStatus> Ingest::publishers(std::size_t most) const {
  std::vector<PublisherStatus> list;
  for (const auto& [id, peer] : peers_) {
    if (list.size() == most) break;
    const Spool& spool = spools_.at(peer.spool);
    list.push_back({.client = peer.client,
                    .name = peer.name,
                    .spool_high = peer.spool.high,
                    .spool_low = peer.spool.low,
                    .heard_us = spool.record.last_known_time_us,
                    .clock_offset_us = spool.offset.correction_us(),
                    .bytes = peer.received_bytes});
  }
  return list;
}

}  // namespace vigie::ingest
