#pragma once
// One session with the hub, view everything, shared by all browsers of one identity: of what it is
// shown without terms, or of one grant that has terms. Owns the
// shared picture and tells its browsers when there is more. The session's thread gathers items
// into blocks (watch_taker.h); everything here is on the net thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clients/web/server/live/counters.h"
#include "clients/web/server/live/hub_probes.h"
#include "clients/web/server/live/shared_picture.h"
#include "clients/web/server/live/watch_taker.h"
#include "clients/web/server/live/yard.h"
#include "clients/web/server/ops/net.h"
#include "schemas/words/times.h"
#include "vigie/console.h"

namespace vigie::web {

/// Whoever is told of a watch: a browser's session. Net thread; must not destroy the watch.
class WatchUser {
 public:
  virtual ~WatchUser() = default;
  /// There are new frames.
  virtual void on_frames() = 0;
  /// The link changed.
  virtual void on_link() = 0;
  /// Another picture stands in place of the one before, or there is none any more: see complete().
  virtual void on_reset() = 0;
  /// Once a second.
  virtual void on_tick() = 0;
  /// Watch::grants() became others.
  virtual void on_grants() {}
};

struct WatchOptions {
  client::LinkOptions link = {};  // hub, identity, client text
  std::string grant = {};         // OWNER/NAME; empty: what is shown without terms
  std::int64_t held_back_us = 0;  // by that grant: what is so much older is in time
  std::int64_t ends_us = 0;       // when it ends, by the hub's clock; 0: not known to end
  SharedPictureOptions picture = {};
  /// Times of gathering: clamp(browsers / 10, min, max).
  std::uint32_t gather_ms_min = 5;
  std::uint32_t gather_ms_max = 100;
  std::chrono::milliseconds refused_retry{10'000};  // after a refusal for good it is tried anew
  std::function<void()> revoked = {};               // as LiveOptions::revoked
};

class Watch {
 public:
  /// Begins to connect. All are borrowed, and outlive the watch.
  Watch(WatchOptions options, Net& net, Yard& yard, const Clock& clock, LiveCounters& counters);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // --- For the REST API ---

  /// A picture is had: what picture() tells is the whole of what the identity may see. It may be
  /// old: see link() and status().
  bool complete() const { return complete_; }
  /// Calls `then` as soon as the picture is complete (at once, when it is), with false when that
  /// does not happen within `patience` or the hub refuses the identity: then link() tells why. What
  /// waits is called by a post of its own, when the watch may be gone.
  void when_complete(std::chrono::milliseconds patience, std::function<void(bool complete)> then);
  /// Units, cards, recent events. Empty while not complete.
  const SharedPicture& picture() const { return picture_; }
  /// As of now: age of the link, the hub's clock, thresholds of freshness (0: not known yet), by a
  /// grant later by what its terms hold back.
  client::ConsoleStatus status() const;
  /// Of the unit's newest position, by the hub's thresholds and clock; Unknown when it has none.
  client::Freshness freshness(const LiveUnit& unit) const;
  const client::LinkItem& link() const { return link_; }
  /// How trackers do since the session began; units among them that may have left since.
  std::vector<TrackerRow> trackers() const { return taker_->trackers().rows(); }
  /// How long the hub let the newest question wait.
  const HubProbes::Newest& probed() const { return probes_.newest(); }
  /// How the same hub is reached by the same identity: for sessions of one's own (history,
  /// replays, sending).
  const client::LinkOptions& link_options() const { return options_.link; }
  /// By which grant; empty: without. Sessions of one's own have to name it, too.
  const std::string& grant() const { return options_.grant; }
  /// Grants with terms that the identity may open now. Of a watch without a grant.
  std::vector<GrantTold> grants() const;
  /// The grant is no more, or not the identity's: nothing will be shown.
  bool ended_by_rights() const { return refused_ && !options_.grant.empty(); }
  /// Since when (monotonic) what the identity may see has been the same, as far as is known. A
  /// watch that began later has another.
  std::int64_t seen_since_us() const { return seen_since_us_; }
  /// 32 hexadecimal digits; empty: not known yet. By a grant it is that view's own.
  const std::string& log() const { return log_; }

  // --- For browsers ---

  void add(WatchUser& user);
  void remove(WatchUser& user);
  std::size_t users() const { return users_.size(); }
  /// Calls `then` when the hub is next heard on this session, with how long that took (us), or with
  /// -1: it was not heard, or the session does not stand. Must not destroy the watch.
  void probe(std::function<void(std::int64_t waited_us)> then);
  /// Rises with each reset.
  std::uint64_t epoch() const { return epoch_; }
  std::uint32_t gather_ms() const;

 private:
  void open();
  void open_again();
  void on_block();
  void on_link_change(const LinkTold& told);
  void look_at_key();
  std::int64_t key_mark() const;
  void on_complete(const client::ConsoleStatus& status);
  void drop_picture();
  void drop_picture_but_keep_pending();
  void flush();
  void gather();
  void tick();
  void look_at_grants();
  void end_by_time();
  void answer_waiting(bool complete);
  void look_at_probes();
  template <typename Tell>
  void tell(const Tell& tell);

  struct Waiting {
    std::int64_t until_us;
    std::function<void(bool)> then;
  };

  const WatchOptions options_;
  Net& net_;
  Yard& yard_;
  const Clock& clock_;
  LiveCounters& counters_;
  SharedPicture picture_;
  std::shared_ptr<WatchTaker> taker_;
  StopFlag stop_;                // the taker's
  std::vector<Change> pending_;  // gathered for the next frame
  bool complete_ = false;
  bool filling_ = true;        // a snapshot is on its way: what comes waits for its end
  bool refused_ = false;       // nothing of the picture may be shown
  bool readmitted_ = false;    // the session ends, to begin anew
  bool revoked_ = false;       // the hub does not know the key
  bool replaced_ = false;      // another picture is on its way in place of a complete one
  std::int64_t key_mark_ = 0;  // of the key file as the session read it
  client::LinkItem link_;
  std::string log_;
  std::vector<GrantTold> grants_told_;
  std::uint64_t epoch_ = 0;
  std::int64_t seen_since_us_;
  std::int64_t flushed_us_ = 0;
  std::int64_t reopen_us_ = 0;  // 0: the session stands
  std::vector<WatchUser*> users_;
  bool telling_ = false;  // users_ is being walked: it keeps its places
  std::vector<Waiting> waiting_;
  bool timer_set_ = false;
  Net::Timer gather_timer_;
  Net::Timer tick_timer_;
  HubProbes probes_;
  bool probing_ = false;  // the timer is set
  Net::Timer probe_timer_;
  std::shared_ptr<int> alive_;  // posts from the session's thread end with it
};

}  // namespace vigie::web
