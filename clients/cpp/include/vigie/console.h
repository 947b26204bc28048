#pragma once
// Console: listens to a hub. Opens a view and gives one ordered stream of items; comes back by
// itself after a cut and goes on from where it was; knows the age of what it shows.
//
// A console whose user does not take items stops granting credit, and the hub conflates for it:
// nothing grows here. Any thread may call; one background thread owns the socket.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schemas/words/result.h"
#include "vigie/items.h"
#include "vigie/view.h"

namespace vigie::client {

enum class StartKind : std::uint8_t {
  Now = 0,           // a snapshot, then all that comes
  Token = 1,         // go on from a token: see Console::token()
  Seq = 2,           // go on after this seq
  KnownTime = 3,     // a snapshot, every event since, then all that comes; with `once`: the picture
                     // as it was known then
  TrueTime = 4,      // as KnownTime; with `once`: the picture as it truly was then
  NowNoSnapshot = 5  // only what comes from here on
};

struct ConsoleOptions {
  LinkOptions link = {};
  View view = {};
  StartKind start = StartKind::Now;
  std::vector<std::byte> token = {};  // start Token
  std::uint64_t seq = 0;              // start Seq
  std::int64_t time_us = 0;           // start KnownTime, TrueTime
  bool once = false;  // the picture once (Now, KnownTime or TrueTime), then LinkItem Ended
  /// Bytes of frames that may be on their way and in the queue here. Small on a thin link, so that
  /// an SOS waits behind one window at most. At least twice frame_bytes_max.
  std::uint32_t window_bytes = 1024 * 1024;
  /// OWNER/NAME of a grant that has terms (ConsoleStatus::grants): what it shows, and nothing else.
  std::string grant = {};
  std::uint32_t frame_bytes_max =
      0;  // largest frame, 8 KiB at least; 0: the hub's largest (256 KiB)
  /// When set, items are given to it on the background thread, and next() is not to be called. Must
  /// not destroy the console.
  std::function<void(Item&&)> on_item = {};
};

enum class Freshness : std::uint8_t { Unknown, Fresh, Overdue, Silent };

/// How current what is shown is, all by the hub's clock.
struct ConsoleStatus {
  LinkState link = LinkState::Connecting;
  Refusal code = Refusal::None;  // of Refused and Ended
  std::string reason;
  Stale stale = Stale::Anew;  // of Stale
  std::int64_t link_age_us =
      -1;  // since the hub was last heard; -1: never. What is shown may be older by this much
  std::int64_t hub_time_us = 0;     // the hub's clock now, as far as known (0: never heard)
  std::uint64_t probed = 0;         // the greatest number of probe() that the hub said back
  std::int64_t probe_took_us = -1;  // there and back, of the newest; -1: none yet
  std::uint32_t overdue_after_ms = 0;
  std::uint32_t silent_after_ms = 0;
  std::uint64_t seq = 0;        // fixes had up to here
  std::uint64_t event_seq = 0;  // events and states had up to here
  std::uint64_t durable = 0;
  std::uint64_t floor = 0;   // lowest seq still kept
  bool complete = false;     // a picture is shown, and no newer one is awaited in its place
  std::uint64_t behind = 0;  // entries of the log after `seq`, as of the last heartbeat
  Id128 log;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t fixes = 0;
  std::uint64_t events = 0;
  std::uint64_t conflated = 0;  // fixes left out
  std::uint64_t holes = 0;      // seen and asked for
  std::uint64_t opens = 0;      // sessions opened: one more than times come back
  /// Grants that show more, by terms of their own: each in a console of its own.
  std::vector<std::string> grants = {};

  /// Since this moment, by the hub's clock; -1 when that is not known.
  std::int64_t age_us(std::int64_t time_us) const;
  /// Of a unit whose newest position is of this time (FixItem::position_time_us()): decided by the
  /// hub's thresholds, the same for everyone. A tracker that is heard, but sends old positions
  /// after an outage, is not fresh.
  Freshness freshness(std::int64_t position_time_us) const;
};

class Console {
 public:
  /// Begins to connect; does not wait for the hub. Fails with Invalid (an option: named).
  static Result<std::unique_ptr<Console>> open(ConsoleOptions options);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// The next item; empty when none came in time. After LinkItem Ended: Closed. One thread at a
  /// time.
  Result<std::optional<Item>> next(std::chrono::milliseconds timeout);

  ConsoleStatus status() const;
  /// Asks the hub to say `number` back (ConsoleStatus::probed): it goes up to the hub and down
  /// again on this session, or, when that ends first, on the next one. Each greater than the one
  /// before, and stands for it.
  void probe(std::uint64_t number);
  /// Where the items taken so far end: to be kept (a file, say) and given as ConsoleOptions::token,
  /// also to a new process. Opaque. Empty before the first snapshot is complete. Events after it
  /// may come again only if they were not taken.
  std::vector<std::byte> token() const;

 private:
  class Impl;
  explicit Console(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::client
