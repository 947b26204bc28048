#pragma once
// Takes the hub's items on a thread of its own and hands them to the net thread in blocks. When the
// net thread is behind, it stops taking, so that the hub conflates: nothing grows here.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "clients/web/server/live/grant_book.h"
#include "clients/web/server/live/hub_probes.h"
#include "clients/web/server/live/tracker_book.h"
#include "clients/web/server/live/translate.h"
#include "schemas/words/times.h"
#include "vigie/console.h"

namespace vigie::web {

/// What came since the block before.
struct WatchBlock {
  std::vector<Change> changes = {};
  /// A picture is complete behind these changes: the session's status, its log among it.
  std::optional<client::ConsoleStatus> complete = {};
  /// The session is over, and comes back by being opened anew.
  bool ended = false;
};

class WatchTaker {
 public:
  /// Changes that may wait for the net thread.
  static constexpr std::size_t kChangesMax = 16 * 1024;

  /// `ready` is called from the taker's thread when a block waits, and not again before take().
  WatchTaker(client::ConsoleOptions options, const Clock& clock, std::function<void()> ready);

  /// The work of the thread: opens the session, takes, closes it. Indices of units go on from the
  /// session before it in `translator`, which is handed from taker to taker.
  void run(const std::atomic<bool>& stop);
  void go_on_from(std::shared_ptr<Translator> translator) { translator_ = std::move(translator); }
  /// REQUIRES: run() has told that it ended.
  std::shared_ptr<Translator> translator() const { return translator_; }

  /// Net thread: what waits; the taker may hand over again.
  WatchBlock take();
  /// Any thread: as of now.
  client::ConsoleStatus status() const;
  /// Any thread: asks the hub for a word (client::Console::probe). `ready` is called when it came.
  std::uint64_t probe() { return ++probes_; }
  const TrackerBook& trackers() const { return trackers_; }
  const GrantBook& grants() const { return grants_; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  void take_items(client::Console& console, const std::atomic<bool>& stop);
  void note_status(const client::Console& console);
  /// Passes the newest question on. True while one waits for the hub's word.
  bool look_at_probes(client::Console& console);
  void hand_over(std::vector<Change>& changes, const std::atomic<bool>& stop);
  void end(const client::LinkItem& link);
  void tell(Lock& lock);

  const client::ConsoleOptions options_;
  const Clock& clock_;
  const std::function<void()> ready_;
  std::shared_ptr<Translator> translator_;  // the thread's, while it runs
  TrackerBook trackers_;
  GrantBook grants_;
  // The thread's: of probes_, what the session was asked, and what the hub said back.
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
  std::int64_t asked_us_ = 0;

  std::atomic<std::uint64_t> probes_ = 0;

  // Between the threads: the mutex guards the hand-over of blocks, and of the status.
  mutable std::mutex mutex_;
  std::condition_variable room_;
  WatchBlock block_;
  bool told_ = false;
  client::ConsoleStatus status_;
  std::int64_t status_at_us_ = 0;
};

}  // namespace vigie::web
