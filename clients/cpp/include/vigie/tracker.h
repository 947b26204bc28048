#pragma once
// Tracker: publishes fixes, events and states to a hub through a durable spool, over a link that
// comes and goes.
//
//   auto tracker = Tracker::open({.link = {.hub = "127.0.0.1:7700"}, .spool_path =
//   "patrol.spool"});
//   (*tracker)->publish(fix);
//
// What is published gets a number, lies in the spool until the hub says that it is settled
// (durable, or refused for good), and is sent again over a new connection when it is not. Each
// message is settled exactly once from the user's view. Any thread may call; one background thread
// owns the socket and the spool.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "schemas/words/result.h"
#include "vigie/access.h"
#include "vigie/items.h"
#include "vigie/values.h"
#include "vigie/view.h"

namespace vigie::client {

enum class Outcome : std::uint8_t {
  Settled,  // durable at the hub (after a reconnect: settled there, whatever the way)
  Refused,  // refused for good: code and reason
  GivenUp   // never sent: the spool was full
};

/// Numbers first..last (both included) of this tracker's spool were settled.
struct Delivery {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  Outcome outcome = Outcome::Settled;
  Refusal code = Refusal::None;
  std::string reason = {};  // a sentence that names the field and the value
};

enum class SpoolSync : std::uint8_t {
  Process,  // survives a kill of the process; a power cut may take the last moments (SQLite
            // synchronous=NORMAL)
  PowerCut  // each write is synced to the disk (synchronous=FULL)
};

enum class WhenFull : std::uint8_t {
  GiveUpOldest,  // the oldest fixes are given up; events and states only when nothing else is left
  Refuse         // publish() fails with Unavailable until there is room
};

enum class SendOrder : std::uint8_t {
  NewestFirst,  // after an outage the newest fixes first, then the past, backwards
  InOrder       // fixes in the order of their numbers: for what is not live
};

struct TrackerOptions {
  LinkOptions link = {};
  std::string spool_path =
      {};  // a file, made when it is not there; empty: in memory, lost with the process
  SpoolSync sync = SpoolSync::Process;
  std::uint64_t spool_bytes_max = 256ull << 20;
  std::uint64_t spool_messages_max = 4'000'000;
  WhenFull when_full = WhenFull::GiveUpOldest;
  SendOrder order = SendOrder::NewestFirst;
  /// The device's clock, the one that true times of ClockKind::Device are read from, minus this
  /// machine's: for what publishes on behalf of a device. The hub corrects a wrong clock by what
  /// the tracker says the time is.
  std::int64_t clock_ahead_us = 0;
  /// Called on the background thread, in the order in which things were settled; must not block for
  /// long, and must not destroy the tracker.
  std::function<void(const Delivery&)> on_delivery = {};
};

struct TrackerStats {
  LinkState link = LinkState::Connecting;
  std::uint64_t published = 0;  // handed over since open()
  std::uint64_t settled = 0;    // messages, since open()
  std::uint64_t refused = 0;
  std::uint64_t given_up = 0;
  std::uint64_t waiting = 0;  // in the spool, not settled (from earlier runs too)
  std::uint64_t waiting_bytes = 0;
  std::uint64_t sent_batches = 0;  // again-sent ones too
  std::uint64_t sent_bytes = 0;
  std::int64_t link_age_us = -1;  // since the hub was last heard; -1: never
  Refusal last_rejection = Refusal::None;
  std::string last_rejection_reason;
  /// Who the hub takes us for; null before it has said so, and where it asks nobody.
  std::shared_ptr<const TakenFor> taken_for = {};
  std::string fault;  // not empty: the tracker can't go on (spool closed by the hub, disk failing),
                      // and says why
};

class Tracker {
 public:
  /// Opens or makes the spool and begins to connect; does not wait for the hub. Fails with Invalid
  /// (an option), Unavailable (the spool is in use by another process), Damaged, DiskFull or Io.
  static Result<std::unique_ptr<Tracker>> open(TrackerOptions options);
  /// Writes what was handed over into the spool and ends. What is not settled stays in the spool
  /// file.
  ~Tracker();
  Tracker(const Tracker&) = delete;
  Tracker& operator=(const Tracker&) = delete;

  /// Takes a message over and returns its number. It is in the spool file with the next turn of the
  /// background thread, a few milliseconds at most (see flush()). Fails with Invalid (the sentence
  /// names the field), Unavailable (full, see WhenFull: an ordinary answer; try again after
  /// wait_room()), DiskFull, Io or Closed.
  Result<std::uint64_t> publish(const Fix& fix);
  Result<std::uint64_t> publish(const Event& event);
  Result<std::uint64_t> publish(const State& state);
  /// All of them, numbered one by one from the result on, or none. Neighbours of one unit and group
  /// cost least.
  Result<std::uint64_t> publish(std::span<const Fix> fixes);

  /// Waits until all that was handed over is in the spool. Fails with Unavailable when the time is
  /// over.
  Result<void> flush(std::chrono::milliseconds timeout);
  /// Waits until all in the spool is settled. Fails with Unavailable when the time is over, Closed
  /// when it can't happen.
  Result<void> wait_settled(std::chrono::milliseconds timeout);
  /// Waits until the hub has welcomed the tracker. Fails with Invalid when the hub does not know
  /// its key, and with Unavailable when it does not take it for another reason or the time is over.
  Result<void> wait_welcome(std::chrono::milliseconds timeout);
  /// Waits until a quarter of the spool is free. Fails with Unavailable when the time is over.
  Result<void> wait_room(std::chrono::milliseconds timeout);

  TrackerStats stats() const;
  /// The spool's id: with a number, the name of a message (MessageName).
  Id128 spool() const;

 private:
  class Impl;
  explicit Tracker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::client
