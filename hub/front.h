#pragma once
// The front: the hub's hot thread, one turn at a time. The way of a fix in one place:
//
//   ingest -> sequence -> picture -> feed (ring) -> sessions -> consoles
//                              \-> store -> durable -> ingest: acknowledged
//
// Pure of sockets, clocks and threads but for those it is given, so that the seeded simulation runs
// the same turns. It takes no lock but the figures', a few times a second and never for long, makes
// no system call but its links', and writes no log line a message.

#include <atomic>
#include <deque>
#include <variant>

#include "hub/audit_writer.h"
#include "hub/front_figures.h"
#include "hub/ingest/ingest.h"
#include "hub/sessions/sessions.h"

namespace vigie {

/// What the store's writer says, as messages to the front.
using StoreNotice = std::variant<store::Durable, store::DiskFull, store::SpaceAgain, store::Broken>;

struct FrontOptions {
  ingest::IngestOptions ingest;
  sessions::SessionsOptions sessions;
  std::size_t ring_bytes = limits::kRingBytesMax;
  std::int64_t source_fresh_us = limits::kSourceFreshUs;  // SourceRanks::fresh_us
};

struct FrontParts {
  ops::Link& publish;
  ops::Link& listen;
  store::Store& store;
  const Clock& clock;
  std::function<bool(replay::Command&&)> to_workers;
  FrontFigures* figures = nullptr;  // may be null
  /// Who may do what, as recovery folded it; null: nobody is asked, and everybody may do all.
  std::unique_ptr<security::Registry> registry = nullptr;
  /// Called with all keys that may connect, whenever they change.
  std::function<void(std::vector<std::string>)> allow_keys = {};
  /// How many connections were turned away since the start, for the audit; empty: none are.
  std::function<std::uint64_t()> turned_away = {};
  /// Called with the keys of codes that open nothing any more, whenever they change; and which of
  /// those came since it was asked last, for the audit. Empty: nobody looks.
  std::function<void(std::vector<std::string>)> watch_for_keys = {};
  std::function<std::deque<std::string>()> watched_keys = {};
  /// What was refused; null: it is only counted.
  std::unique_ptr<security::Quarantine> quarantine = nullptr;
  /// Takes an order for another key of the hub; false: too many wait. What came of it is told by
  /// the functions below.
  std::function<bool(security::HubKeyOrder&&)> change_hub_key = {};
};

class Front {
 public:
  /// All parts are borrowed and outlive this. `picture` and `ledger` are what recovery folded.
  Front(const FrontOptions& options, FrontParts parts, Picture picture, const Ledger& ledger);

  /// One turn: what waits is taken, ordered, folded, sent and handed to the store. True when there
  /// is more to do at once.
  bool turn();
  /// How long the thread may wait for something to come, microseconds.
  std::int64_t idle_us() const;
  /// False while trackers have to wait: the publish socket is then not to be polled.
  bool wants_publishers() const { return ingest_.wants_more(); }

  void on_store(StoreNotice&& notice);
  /// The sockets answer by the hub's new key: who asked for it is told, and everybody who is here.
  /// REQUIRES: a registry.
  void hub_key_changed(const security::HubKeyOrder& order, const security::HubKeyTold& told);
  /// The files hold the hub's new key, and the sockets could not take it up. REQUIRES: a registry.
  void hub_key_not_taken_up(const security::HubKeyOrder& order, const security::HubKeyTold& told);
  void hub_key_refused(const security::HubKeyOrder& order, wire::Refusal code, std::string reason) {
    sessions_.refuse_hub_key(order, code, std::move(reason));
  }
  void old_hub_key_ended();
  void on_worker(replay::Output&& output) { sessions_.on_worker_output(std::move(output)); }

  /// Stopping: nothing new is taken from now on.
  void stop_taking();
  /// True when all that was accepted is durable.
  bool drained() const { return durable_ >= ring_.head() && !audit_waits(); }
  /// The last thing: consoles are told to open again.
  void end_sessions() { sessions_.end_all(wire::Refusal::NotReady, "the hub is stopping"); }
  /// The seq that a clean end notes as the next.
  std::uint64_t next_seq() const { return sequencer_.next_seq(); }
  /// Not empty once what reached the disk is unknown: the hub must stop.
  const std::string& broken() const { return broken_; }
  bool disk_full() const { return disk_full_; }
  /// How far the machine's clock is behind what it said before; 0 as it should be.
  std::int64_t clock_behind_us() const { return sequencer_.clock_behind_us(); }

  /// How far the machine's clock has leapt ahead and is not trusted for that; 0 as it should be.
  std::int64_t clock_ahead_us() const { return ingest_.clock_ahead_us(); }

  /// The status document, JSON.
  std::string status_json() const;

 private:
  void pass_on(BodyPtr body, std::int64_t turn_started_us);
  void heed_registry();
  void note_who_came();
  void write_audit();
  /// True when there is something for the audit, and room for it in the log.
  bool audit_waits() const;
  void show_figures();

  FrontParts parts_;
  const std::int64_t source_fresh_us_;
  sequence::Sequencer sequencer_;
  picture::LivePicture picture_;
  feed::Ring ring_;
  std::unique_ptr<AuditWriter> audit_;  // null where nobody is asked
  ingest::Ingest ingest_;
  sessions::Sessions sessions_;
  std::uint64_t durable_ = 0;
  std::int64_t next_ack_us_ = INT64_MAX;
  std::int64_t next_tidy_us_ = 0;
  std::uint64_t heeded_version_ = 0;  // of the registry, when it was last heeded
  std::int64_t heeded_until_us_ = 0;  // known time; then somebody in it ends by itself
  bool disk_full_ = false;
  std::string broken_;
};

}  // namespace vigie
