#pragma once
// Sessions: the listen endpoint. Opens, feeds and ends the consoles' sessions. Front thread.
//
// Three ways to a console, chosen anew each time by its place:
//   riding     its place is in the ring: it gets every body of its view. At the head it shares
//   frames with its group. behind     its place has left the ring, or its view is paced: events and
//   states it lacks first (from the log, read by a
//              worker, then from the ring), then the newest fix of each unit that moved since, then
//              it rides on.
//   snapshot   the picture in pages; also what replaces all when a view that units can leave was
//   behind.
// Replays and pictures of the past are made by workers and only pass through here.
//
// Promise 3: a console misses no durable event, and is told what retention or a crash took.
// Promise 6: a session sees what its identity may see. When that changes the session is ended; what
// it was sent before is cut off with its connection unless it comes back at once; and whoever comes
// back from before the change gets the picture anew.
// Promise 5: a console that does not read costs its credit window and its place.

#include <functional>
#include <set>

#include "hub/feed/frames.h"
#include "hub/ops/budgets.h"
#include "hub/ops/farewell.h"
#include "hub/replay/workers.h"
#include "hub/security/audit_trail.h"
#include "hub/security/hub_keys.h"
#include "hub/security/quarantine.h"
#include "hub/sessions/holdings.h"
#include "hub/sessions/intake.h"
#include "hub/sessions/session.h"

namespace vigie::sessions {

struct SessionsOptions {
  std::size_t sessions_max = limits::kSessionsMax;
  std::size_t replays_max = limits::kReplaysMax;
  // Where everybody is asked who they are; of one identity, and of one address:
  std::size_t sessions_per_identity = limits::kSessionsPerIdentity;
  std::size_t sessions_per_address = 1024;
  std::size_t replays_per_identity = limits::kReplaysPerIdentity;
  std::size_t replays_per_address = 32;
  std::uint64_t requests_per_second = 50;    // Open and Ask; four times that at once; 0: any
  std::uint64_t requests_per_address = 400;  // a second, the same
  // All that is sent, whatever it is:
  Intake::Most of_identity = {5000, 4ull << 20};
  Intake::Most of_address = {40'000, 32ull << 20};
  std::size_t credit_bytes = limits::kCreditBytesMax;  // of one session; more is taken as this
  std::int64_t heartbeat_us = limits::kHeartbeatUs;
  std::int64_t silence_us = limits::kSilenceUsMax;
  std::uint32_t overdue_after_ms = 60'000;
  std::uint32_t silent_after_ms = 600'000;
  std::int64_t turn_budget_us = 1000;  // for snapshots and catching up, each turn
};

struct SessionsCounts {
  std::uint64_t opened = 0;
  std::uint64_t ended_silent = 0;
  std::uint64_t reopens = 0;
  std::map<wire::Refusal, std::uint64_t> ended_by_rights;
  std::uint64_t cut = 0;          // connections, after that
  std::uint64_t rights_made = 0;  // what somebody may see, worked out
  std::uint64_t frames = 0;
  std::uint64_t frame_bytes = 0;
  std::uint64_t conflated_frames = 0;
  std::uint64_t snapshot_pages = 0;
  std::uint64_t refills = 0;
  std::uint64_t credit_cut = 0;  // grants, of which less was taken
  std::map<wire::Refusal, std::uint64_t> denied;
};

/// Which answer a peer waits for, having sent something.
enum class Awaits { Nothing, Opened, Told };

/// One session, for the status page.
struct SessionStatus {
  std::uint64_t id = 0;
  std::string client;
  std::string name;  // who it is; empty where nobody is asked
  std::string mode;
  std::string view;
  std::string standing;   // riding, behind, snapshot, paced, replay
  std::uint64_t lag = 0;  // entries behind the head
  std::uint64_t credit_bytes = 0;
  std::uint64_t frames = 0;
  std::uint64_t conflated_frames = 0;
  std::uint64_t bytes = 0;
};

class Sessions {
 public:
  /// All are borrowed and outlive this. `to_workers` posts a command; false when the workers'
  /// mailbox is full. `audit` is told who read what of the past and who was refused; null, or no
  /// registry: nothing is told.
  Sessions(SessionsOptions options, ops::Link& link, feed::Ring& ring,
           const picture::LivePicture& picture, const store::Store& store, const Clock& clock,
           wire::LogId log, std::function<bool(replay::Command&&)> to_workers,
           const security::Registry* registry = nullptr, security::AuditTrail* audit = nullptr,
           security::Quarantine* quarantine = nullptr);
  ~Sessions();

  /// Reads requests that wait, at most `most`. Returns how many were read.
  std::size_t read_turn(std::size_t most);
  /// Ends the sessions whose rights have changed, some at each call where many are to be looked at;
  /// the others are sent no entry before their turn. Call before deliver(): the newest body is cut
  /// by what it says itself of rights. Each call costs at most kLookSteps steps, and one look.
  void look_at_rights();
  /// How many wait for that; then there is more to do.
  std::size_t unlooked() const { return to_look_.size(); }
  static constexpr std::size_t kLookSteps = 1024;
  static constexpr std::size_t kMadeSteps = 8;  // of one look that works out rights anew
  static constexpr std::size_t kEndSteps = 16;  // and of one that ends the session
  /// The newest body: sends it to everyone at the head.
  void deliver(feed::Entry& entry);
  void on_worker_output(replay::Output&& output);
  /// Gives those that can take more their share, within the turn's budget. True when some are left.
  bool step_ready();
  /// Heartbeats, silent consoles, paced views. Call each turn.
  void tick();
  /// Told in headers and heartbeats.
  void set_durable(std::uint64_t seq) { durable_ = seq; }
  void set_known_time(std::int64_t known_time_us) { known_time_us_ = known_time_us; }
  /// Who takes a hub's administrator's order for another key of the hub; false: not now. Without
  /// one such orders are refused.
  void change_hub_key_by(std::function<bool(security::HubKeyOrder&&)> change) {
    change_hub_key_ = std::move(change);
  }
  /// It was done, or not and why: who asked is told.
  void tell_hub_key(const security::HubKeyOrder& order, const security::HubKeyTold& told);
  void refuse_hub_key(const security::HubKeyOrder& order, wire::Refusal code, std::string reason);
  /// The hub has another key: live sessions are asked to open again, some at each tick(), and are
  /// told of it in Opened.
  void open_again();
  /// Stopping: each console is told to open again (elsewhere, or later).
  void end_all(wire::Refusal code, std::string_view reason);

  std::size_t count() const { return sessions_.size(); }
  const SessionsCounts& counts() const { return counts_; }
  std::vector<SessionStatus> statuses(std::size_t most) const;
  /// The greatest lag of a live session, in entries.
  std::uint64_t lag_max() const;

 private:
  static constexpr std::uint32_t kRetryMs = 1000;  // for what is only busy
  static constexpr std::int64_t kTickUs = 100'000;
  // requests.cpp
  void on_message(const ops::Received& received);
  void on_open(const ops::Received& received);
  void deny_open(const ops::Received& received, const RefusedRequest& bad, std::uint32_t retry_ms);
  void on_credit(Session& session, Bytes bytes);
  /// What is taken of a grant: `sent` bytes are sent already.
  std::uint64_t taken_of(std::uint64_t granted, std::uint64_t sent);
  /// Says it back, at most once in a tick's time: a flood of them costs no flood of heartbeats.
  void on_probe(Session& session, std::uint64_t probe);
  void on_refill(Session& session, Bytes bytes);
  void on_control(Session& session, Bytes bytes);
  void deny(std::string_view peer, wire::Refusal code, std::string_view reason,
            std::uint32_t retry_ms);
  Session& add_session(std::string_view peer, const wire::Open& open, View view);
  RefusedRequest check_room(const wire::Open& open) const;
  RefusedRequest check_shares(const wire::Open& open, const security::Identity* who,
                              const std::string& address) const;
  struct Wait {
    std::uint32_t ms = 0;
    std::string why = {};
  };
  /// Charges what came to its sender and its address, before it is read. How long to wait when too
  /// much came already; 0: not, and it is counted. `session`: null where the sender has none.
  Wait sends_too_fast(const ops::Received& received, const Session* session);
  /// Refuses what came too fast; a peer is told so once in a tick's time, for each answer that it
  /// may wait for.
  void put_off(const ops::Received& received, const Wait& wait);
  /// How long to wait before that is asked; 0: not, and it is counted.
  Wait asks_too_often(const ops::Received& received, double cost);
  void start_live(Session& session, const wire::Open& open);
  void start_at_worker(Session& session, const wire::Open& open);
  /// Where a held back session goes on with events; 0: from now. `lost`: those that are gone.
  std::uint64_t place_of(const Session& session, const wire::Open& open,
                         std::optional<wire::SeqRange>& lost) const;
  std::uint64_t own_place_of(std::uint64_t event, std::optional<wire::SeqRange>& lost) const;
  void send_opened(Session& session, bool replaces, const std::optional<wire::SeqRange>& lost);
  /// Tells the session its place, and what it has lost, before anything is sent.
  void open_at(Session& session, bool replaces, const std::optional<wire::SeqRange>& lost);
  /// The workers' mailbox is full: it is to try again.
  void end_busy(Session& session);
  void on_sought(Session& session, const replay::SoughtOut& sought);
  void on_kept(Session& session, replay::KeptOut& kept);
  /// Retention took events that it had not been sent: it is told which, and gets the picture.
  void lose(Session& session);
  /// Puts the session at a token's place. True when a replacing snapshot is needed; `lost` then may
  /// name what is gone.
  bool resume(Session& session, const wire::Token& token, std::optional<wire::SeqRange>& lost);
  void begin_snapshot(Session& session);
  void end(Session& session);

  // asks.cpp
  void on_ask(const ops::Received& received);
  /// Who asks, by the connection's key: what they may be told of. The hub's own see all.
  RefusedRequest check_asker(std::string_view user, security::Sight& asker) const;
  wire::ToldT list_quarantine(const wire::Ask& ask, const security::Sight& asker) const;
  void tell_quarantined(const ops::Received& received, const wire::Ask& ask,
                        const security::Sight& asker);
  void rotate_hub_key(const ops::Received& received, const wire::Ask& ask,
                      const security::Sight& asker);
  void reopen_some();
  void tell(const ops::PeerId& peer, const wire::ToldT& told);
  void tell_refused(const ops::PeerId& peer, std::uint32_t request, wire::Refusal code,
                    std::string reason);
  /// Keeps what is being read, when the code says that it is its own fault.
  void quarantine(wire::Refusal code, std::string_view reason);

  // rights.cpp
  struct Rights {
    std::shared_ptr<const Entitlement> entitlement;
    std::uint64_t version = 0;  // what the registry gave its sight, when it was made
    std::uint64_t since = 0;    // the log's head when it was first seen to be so
  };
  /// Null, and why, when the key opens no session.
  const security::Identity* who_is(std::string_view user, RefusedRequest& refused) const;
  /// By a grant that has terms, or, where none is named, by all else. Null: there is none such.
  const Rights* rights_of(const security::Identity& who, const std::string& grant);
  RefusedRequest check_grant(const wire::Open& open, const security::Identity* who) const;
  /// Its rights are looked at; what that cost, in steps. It may be among gone_ then.
  std::size_t look_at(Session& session);
  /// Whether it may be sent something now: one that waits to be looked at is looked at first, and
  /// may be no more.
  bool may_be_sent(Session& session);
  void end_by_rights(Session& session, wire::Refusal code, std::string_view reason);

  // telling.cpp
  /// What is read of the past is told: no room for that is no room for it.
  RefusedRequest check_told(const wire::Open& open) const;
  void tell_opened(const Session& session, const wire::Open& open, const security::Identity* who);
  /// A console that comes back goes on from its place: told where that lies long back.
  void tell_going_back(const Session& session);
  void tell_refused(std::string_view user, const RefusedRequest& refused);

  // delivery.cpp
  void make_ready(Session& session);
  void leave_head(Session& session, std::uint64_t place);
  /// One frame or request for this session. False when it can't take more now.
  bool step(Session& session);
  bool step_events(Session& session);
  bool step_kept(Session& session);
  bool step_snapshot(Session& session);
  bool finish_snapshot(Session& session);
  bool step_ride(Session& session);
  bool step_moved(Session& session);
  void join_head(Session& session);
  bool send_body(Session& session, Body& body, const feed::FrameFields& fields,
                 const std::shared_ptr<Body>& owner);
  bool send_shared(Session& session, ops::SharedMessage& message);
  bool send_bytes(Session& session, Bytes bytes);
  bool sent(Session& session, ops::Sent result, std::size_t bytes);
  feed::FrameFields fields_of(const Session& session, wire::FrameKind kind) const;
  void count_frame(Session& session, std::size_t bytes);
  void heartbeat(Session& session);
  bool is_beat_due(const Session& session, std::int64_t now_us) const {
    if (session.probe_due && now_us - session.probe_us >= kTickUs) return true;
    return now_us - session.sent_us >= options_.heartbeat_us;
  }
  void note_beat(Session& session, ops::Sent result);
  wire::Token token_of(std::uint64_t event, std::uint64_t fix) const { return {log_, event, fix}; }
  bool can_ride(const Session& session) const;
  Session* find(std::uint64_t id);
  void remove_gone();
  void tell_stops();

  const SessionsOptions options_;
  ops::Link& link_;
  feed::Ring& ring_;
  const picture::LivePicture& picture_;
  const store::Store& store_;
  const Clock& clock_;
  const wire::LogId log_;
  const std::function<bool(replay::Command&&)> to_workers_;
  const security::Registry* const registry_;  // null: nobody is asked
  security::AuditTrail* const audit_;         // null: nothing is told
  security::Quarantine* const quarantine_;    // may be null
  const ops::Received* reading_ = nullptr;    // the request that is being answered

  Holdings held_by_name_;
  Holdings held_by_address_;
  ops::Budgets asked_by_name_;
  ops::Budgets asked_by_address_;
  Intake sent_by_name_;
  Intake sent_by_address_;
  std::set<std::pair<ops::PeerId, Awaits>> put_off_;              // that were told so, since then
  std::int64_t put_off_us_ = 0;                                   // monotonic
  std::map<std::pair<std::string, std::string>, Rights> rights_;  // by identity and grant
  std::deque<std::uint64_t> to_look_;         // ids of those whose rights are to be looked at
  std::uint64_t rights_version_ = 0;          // when sessions were last to be looked at
  std::int64_t rights_until_us_ = INT64_MAX;  // known time; then they change by themselves
  ops::Farewell farewell_;

  boost::unordered_flat_map<std::string, std::unique_ptr<Session>> sessions_;
  boost::unordered_flat_map<std::uint64_t, Session*> by_id_;
  std::map<std::string, std::shared_ptr<ViewGroup>> groups_;
  std::deque<std::uint64_t> ready_;  // ids
  std::function<bool(security::HubKeyOrder&&)> change_hub_key_;
  std::vector<std::uint64_t> to_reopen_;     // ids
  std::vector<std::uint64_t> stops_unsent_;  // ended sessions a worker is still to hear of
  std::vector<std::uint64_t>
      gone_;  // ids of sessions whose peer left, ended at the next safe place
  std::uint64_t next_id_ = 1;
  std::size_t replays_ = 0;
  std::size_t shown_replays_ = 0;  // of these, opened by a grant
  std::size_t at_head_ = 0;        // sessions that are current
  std::uint64_t durable_ = 0;
  std::int64_t known_time_us_ = 0;
  std::int64_t next_tick_us_ = 0;
  std::int64_t next_pace_us_ = INT64_MAX;
  SessionsCounts counts_;
};

}  // namespace vigie::sessions
