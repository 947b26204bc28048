#pragma once
// The hub's threads, in one list:
//
//   front      ingest, sequence, picture, feed, sessions: front.h, one turn after the other
//   writer     the store's commits, at lower priority
//   builder    the store's indexes, checkpoints and retention, at lower priority still
//   replay     the workers that read the past
//   keeper     writes the quarantine down (keeper.h)
//   keys       another key for the hub (key_change.h)
//   status     the HTTP pages (ops/status.h), a few threads of their own
//   door       lets connections on to their handshakes (ops/door.h)
//   zap        says which keys may come in (security/gate.h)
//   ZeroMQ's   one I/O thread by default
//
// They speak by mailboxes. Made and destroyed on the main thread.

#include <memory>

#include "hub/front.h"
#include "hub/guard.h"
#include "hub/keeper.h"
#include "hub/ops/assert.h"
#include "hub/ops/config.h"
#include "hub/ops/loop.h"
#include "hub/ops/published.h"
#include "hub/ops/readiness.h"
#include "hub/ops/router_socket.h"

namespace vigie {

/// Mailboxes from the other threads to the front.
struct FrontMail {
  ops::Mailbox<StoreNotice> from_store{64 * 1024};
  ops::Mailbox<replay::Output> from_workers{256};
  ops::Mailbox<HubKeyNotice> from_keys{64};
};

struct HubSockets {
  std::unique_ptr<ops::RouterSocket> publish;
  std::unique_ptr<ops::RouterSocket> listen;
  /// Binds tcp on port and port + 1 (port 0: on free ones), and the local sockets when the
  /// configuration names a directory. Without a guard anybody may come in.
  static Result<HubSockets> open(ops::SocketContext& context, const ops::HubConfig& config,
                                 const Guard* guard);

 private:
  static Result<HubSockets> open_at(ops::SocketContext& context, const ops::HubConfig& config,
                                    std::uint16_t port, const Guard* guard);
};

/// The store's notices as posts to the front.
store::StoreNotices store_notices(FrontMail& mail);
/// What becomes of the hub's key as posts to the front.
std::function<void(HubKeyNotice&&)> key_notices(FrontMail& mail);
store::StoreOptions store_options(const ops::HubConfig& config, const Clock& clock);
FrontOptions front_options(const ops::HubConfig& config);

/// Everything that runs once the store is open. stop() drains from left to right.
class HubThreads {
 public:
  /// `store`, `clock`, `mail`, `figures`, `readiness`, `status`, `keeper` and `guard` (null: plain)
  /// are borrowed and outlive this.
  HubThreads(const ops::HubConfig& config, HubSockets sockets, store::Store& store, FrontMail& mail,
             const Clock& clock, ops::Figures& figures, ops::Readiness& readiness,
             ops::Published<std::string>& status, Log log, Picture picture, const Ledger& ledger,
             Keeper& keeper, Guard* guard);
  ~HubThreads();

  /// Readable when the hub must stop by itself (the store is broken).
  int failure_descriptor() const { return failures_.descriptor(); }
  /// Takes nothing new, makes durable what was accepted, acknowledges it, and ends the threads.
  /// False when that did not work within the time that a stop may take; `why` says what was left.
  bool stop(std::string& why);
  std::uint64_t next_seq() const { return front_.next_seq(); }

 private:
  std::size_t front_step(const std::stop_token& stop);
  std::size_t reader_step(std::size_t index);
  void on_key(HubKeyNotice&& notice);
  void note_state();
  void note_clock();
  void note_damage();

  ops::Mailbox<Fault> failures_{4};
  HubSockets sockets_;
  FrontMail& mail_;
  store::Store& store_;
  const Clock& clock_;
  ops::Readiness& readiness_;
  ops::Published<std::string>& status_;
  Log log_;
  FrontFigures figures_;
  replay::Workers workers_;
  Front front_;
  ops::Poller poller_;
  std::size_t publish_place_ = 0;
  std::size_t listen_place_ = 0;
  std::size_t store_place_ = 0;
  std::size_t workers_place_ = 0;
  std::size_t keys_place_ = 0;
  std::int64_t next_status_us_ = 0;
  bool told_full_ = false;
  bool told_leap_ = false;
  bool told_clock_ = false;
  IntervalSet told_damaged_;  // seqs
  bool told_broken_ = false;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> drained_{false};
  std::unique_ptr<ops::Loop> writer_;
  std::unique_ptr<ops::Loop> builder_;
  std::vector<std::unique_ptr<ops::Loop>> readers_;
  std::unique_ptr<ops::Loop> front_loop_;
};

}  // namespace vigie
