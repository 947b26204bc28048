#pragma once
// Ingest: the publish endpoint. Takes batches from trackers, gateways and consoles, checks them,
// drops what is settled or pending already, hands the rest to the sequencer, and acknowledges what
// became durable. Front thread; owns the peers, the spools' settled and pending numbers, and the
// clock offset of each spool.
//
// The way of a batch: copied once, aligned, into the body that is being built; verified and checked
// there; stamped; committed. A batch of which a part is refused or had before is written anew
// without that part. Promise 1: a number is acknowledged only when the store has said that its seq
// is durable. Promise 2: a number that is settled or pending is not given a second seq. Promise 6:
// who holds a key publishes what the registry says and nothing else, from spools that are its own;
// what says who may do what counts from the moment it has its seq.

#include <deque>
#include <map>

#include "hub/ingest/allowances.h"
#include "hub/ingest/clock_offset.h"
#include "hub/ops/farewell.h"
#include "hub/security/audit_trail.h"
#include "hub/security/quarantine.h"
#include "hub/sequence/sequencer.h"
#include "schemas/messages/checks.h"
#include "schemas/words/trusted_time.h"

namespace vigie::ingest {

struct IngestOptions {
  std::size_t window_bytes = limits::kPublishWindowBytes;       // credit of a publisher, unloaded
  std::size_t store_queue_bytes = limits::kStoreQueueBytesMax;  // beyond: no more is read
  std::size_t peers_max = 16 * 1024;
  // Where everybody is asked who they are; of one identity, owner and address:
  std::size_t peers_per_identity = limits::kPublishersPerIdentity;
  std::size_t spools_per_identity = 16 * 1024;                      // that are not closed
  security::PerOwner per_owner = {};                                // that stand
  std::uint64_t bytes_per_second = limits::kPublishBytesPerSecond;  // 0: any
  std::uint64_t messages_per_second = 0;                            // the same
  Share of_address = {};                                            // the same of one address
  std::int64_t spool_silent_us = limits::kSpoolSilentUsMax;         // then it is closed
  std::int64_t ack_interval_us = 1000;  // to one publisher, while traffic flows
};

/// Running figures; written by the front thread alone, copied out by it.
struct IngestCounts {
  std::uint64_t batches = 0;
  std::uint64_t bytes = 0;
  std::uint64_t fixes = 0;
  std::uint64_t events = 0;
  std::uint64_t states = 0;
  std::uint64_t duplicates = 0;  // messages that were settled or pending already
  std::uint64_t given_up = 0;
  std::uint64_t acks = 0;
  std::uint64_t rehellos = 0;
  std::map<wire::Refusal, std::uint64_t> refused;
};

/// One publisher, for the status page.
struct PublisherStatus {
  std::string client;
  std::string name;  // who it is; empty where nobody is asked
  std::uint64_t spool_high = 0;
  std::uint64_t spool_low = 0;
  std::int64_t heard_us = 0;         // by the hub's clock
  std::int64_t clock_offset_us = 0;  // to be added to the device's clock
  std::uint64_t bytes = 0;
};

class Ingest {
 public:
  /// All but the options are borrowed. `ledger` is what recovery folded. Without a registry
  /// everybody may publish everything. `audit` is told who changed what anybody may do, who
  /// acknowledged what and who was refused; null, or no registry: nothing is told. Without a
  /// quarantine what is refused is only counted.
  Ingest(IngestOptions options, ops::Link& link, sequence::Sequencer& sequencer,
         store::Store& store, const Clock& clock, const Ledger& ledger,
         security::Registry* registry = nullptr, security::AuditTrail* audit = nullptr,
         security::Quarantine* quarantine = nullptr);

  /// Reads what waits, until the turn's body is full or the store's queue is. Returns how many
  /// messages were read.
  std::size_t read_turn();
  /// False while the store's queue is full or the disk is: nothing is to be given a seq then.
  bool has_room() const;
  /// False without room, or while the audit lags: the publish socket is then not to be waited for.
  bool wants_more() const { return has_room() && (audit_ == nullptr || !audit_->full()); }
  /// Everything up to `seq` is durable: acknowledges what that settles.
  void on_durable(std::uint64_t seq);
  /// No space: batches are answered Rejected(DiskFull) with a time to wait; pending ones stay
  /// pending.
  void set_disk_full(bool full) { disk_full_ = full; }
  /// The hub has another key: who is here is asked for another Hello, some at each tidy(), and is
  /// told of it in Welcome.
  void greet_again();
  /// Stopping: nothing new is taken.
  void stop_taking() { stopping_ = true; }
  /// Sends the acknowledgements that are due. Returns when the next ones will be (clock's
  /// monotonic), or INT64_MAX.
  std::int64_t send_due_acks();
  /// Forgets peers that are long silent and closes spools that are, some of them at each call. Call
  /// a few times a second. Silence is judged by a time that does not leap (trusted_time.h).
  void tidy();
  /// How far the clock has leapt ahead of that time.
  std::int64_t clock_ahead_us() const { return time_.ahead_us(); }

  const IngestCounts& counts() const { return counts_; }
  std::size_t peer_count() const { return peers_.size(); }
  std::vector<PublisherStatus> publishers(std::size_t most) const;

 private:
  struct Spool {
    SpoolRecord record;  // settled: durable, refused or given up
    IntervalSet taken;   // settled or pending
    ClockOffset offset;
    ops::PeerId peer;       // empty: nobody speaks for it now
    IntervalSet to_settle;  // for the next acknowledgement
    std::vector<RefusedNumbers> to_refuse;
    bool ack_due = false;
    std::int64_t acked_us = 0;
    std::size_t pending = 0;  // entries in pending_
  };
  struct Peer {
    SpoolKey spool;
    std::string client;
    std::string user;  // the key it proved to hold
    std::string name;  // whose that is
    ops::Origin origin = {};
    Allowance* of_name = nullptr;      // null where nobody is asked
    Allowance* of_address = nullptr;   // the same, and for a local one
    std::uint64_t received_bytes = 0;  // of batches that were granted, since its Hello
    std::uint64_t granted_bytes = 0;
    std::int64_t heard_us = 0;  // monotonic
  };
  /// Numbers that wait for a seq to become durable.
  struct Pending {
    std::uint64_t seq;
    Spool* spool;  // stable: spools_ is a map of nodes
    std::vector<wire::NumberRange> settled;
    wire::NumberRange one;  // the usual case, without allocation
    std::vector<RefusedNumbers> refused;
  };

  using Peers = boost::unordered_flat_map<std::string, Peer>;
  void forget(Peers::iterator peer);
  struct Wait {
    std::uint32_t ms = 0;
    std::string why = {};
  };
  /// Charges what came to its sender and its address, before it is read. How long to wait when too
  /// much came already; 0: not, and it is counted. `peer`: null where it has not said hello.
  Wait sends_too_fast(const ops::Received& received, const Peer* peer);
  /// Refuses what came too fast.
  void put_off(const ops::Received& received, const Wait& wait);
  /// False: it was granted less, and is not counted.
  static bool is_granted(Peer& peer, std::size_t bytes);
  static void count_messages(const Peer& peer, const wire::Batch& batch);
  bool may_say_access(const security::Holder& holder);
  /// Of each kind and owner, what a batch has begun.
  using Begun = std::map<std::pair<wire::StateKind, std::string_view>, std::size_t>;
  RefusedRequest check_owner(const wire::State& state, Begun& begun) const;
  Spool& spool_of(SpoolKey key);
  void count_closed(SpoolKey key);
  RefusedRequest check_spool(const wire::Hello& hello, const security::Holder& holder) const;
  /// Whose hello it is, where somebody is asked.
  struct Guest {
    std::string name = {};
    std::string address = {};
  };
  RefusedRequest check_room(std::string_view peer_id, const Guest& guest, SpoolKey key);
  RefusedRequest check_spools(const std::string& name, SpoolKey key) const;
  void on_message(const ops::Received& received);
  void on_hello(const ops::Received& received);
  void welcome(const ops::PeerId& peer_id, const Spool& spool, const security::Holder& holder);
  void on_batch(const ops::Received& received, Peer& peer, bool granted);
  void refuse(const ops::Received& received, wire::Refusal code, std::string_view reason,
              std::uint32_t retry_ms);
  RefusedRequest why_not_now(std::string_view user, security::Holder& holder) const;
  void take(Spool& spool, const security::Holder& holder, const wire::Batch& batch,
            std::size_t payload_bytes);
  void quarantine(std::string_view user, Bytes bytes, wire::Refusal code, std::string_view reason);
  void quarantine_part(const Spool& spool, Bytes bytes, const std::vector<RefusedNumbers>& refused);
  void refuse_what_is_not_theirs(const Spool& spool, const security::Holder& holder,
                                 const wire::Batch& batch);
  void take_whole(Spool& spool, const security::Holder& holder, const wire::Batch& batch,
                  std::size_t payload_bytes);
  void take_part(Spool& spool, const security::Holder& holder, Bytes bytes,
                 const std::vector<RefusedNumbers>& refused);
  void log_settled(Spool& spool, const wire::Batch& batch, std::vector<RefusedNumbers> refused);
  std::uint64_t stamp(const wire::Batch& batch, const security::Holder& holder, const Spool& spool);
  void tell_event(const security::Holder& holder, const wire::Event& event);
  void tell_state(const security::Holder& holder, const wire::State& state);
  void tell_refused(const security::Holder& holder, const security::RefusedAct& act);
  void tell_refused(std::string_view user, wire::Refusal code, std::string_view reason);
  bool had_any(const Spool& spool, const wire::Batch& batch) const;
  bool too_many_holes(const Spool& spool, const wire::Batch& batch) const;
  void acknowledge_again(Spool& spool, const wire::Batch& batch);
  void mark_ack_due(SpoolKey key, Spool& spool);
  void send_ack(Spool& spool);
  void grant(Peer& peer) const;
  void greet_some();
  void forget_silent_peers();
  void forget_revoked_peers();
  void close_silent_spools();
  void leave_spool(const ops::PeerId& peer_id, SpoolKey next);
  static bool is_unused(const Spool& spool);
  void reject(std::string_view peer_id, wire::Refusal code, std::string_view reason,
              std::uint32_t retry_after_ms);
  void count_refused(wire::Refusal code, std::uint64_t messages) {
    counts_.refused[code] += messages;
  }

  const IngestOptions options_;
  ops::Link& link_;
  sequence::Sequencer& sequencer_;
  store::Store& store_;
  const Clock& clock_;
  security::Registry* const registry_;      // null: nobody is asked
  security::AuditTrail* const audit_;       // null: nothing is told
  security::Quarantine* const quarantine_;  // may be null
  std::map<SpoolKey, Spool, bool (*)(const SpoolKey&, const SpoolKey&)> spools_;
  Peers peers_;
  Allowances by_name_;                                // of those that are here
  Allowances by_address_;                             // the same
  std::map<std::uint64_t, std::size_t> open_spools_;  // how many, by the high half of their ids
  SpoolKey tidied_{};  // spools up to here were looked at in this round
  TrustedTime time_;
  std::deque<Pending> pending_;
  std::vector<SpoolKey> acks_due_;
  std::vector<RefusedNumbers> refused_scratch_;
  std::vector<ops::PeerId> to_greet_;
  ops::Farewell farewell_;
  std::uint64_t rights_version_ = 0;  // of the registry, when peers were last looked at
  std::int64_t rights_end_us_ = 0;    // known time at which one of them may end by itself
  IngestCounts counts_;
  bool disk_full_ = false;
  bool stopping_ = false;
};

}  // namespace vigie::ingest
