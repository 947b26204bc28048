#pragma once
// One replay, on a thread of its own: the room as of a moment, then the play from there. Opens and
// destroys its sessions with the hub there, so that the net thread never waits. Hands over one
// batch at a time; while it is not taken, what comes is gathered and conflated, and beyond what
// must not be left out the hub is held.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "clients/web/server/live/page_message.h"
#include "clients/web/server/live/past_gather.h"
#include "clients/web/server/live/reason.h"
#include "schemas/words/times.h"
#include "vigie/console.h"
#include "vigie/replay.h"

namespace vigie::web {

class PastPlayer {
 public:
  /// Of what `grant` shows, unless it is empty. `ready` is called from the thread when a batch
  /// waits, and not again before take(). `clock` is borrowed for the thread's life.
  PastPlayer(client::LinkOptions link, std::string grant, const PastMessage& asked,
             const Clock& clock, std::function<void()> ready);

  /// The work of the thread.
  void run(const std::atomic<bool>& stop);

  // Net thread.
  /// Pause, Resume or Speed: done by the thread, soon.
  void control(const ControlMessage& message);
  /// Empty when none waits.
  std::optional<PastBatch> take();

 private:
  bool show_picture(const std::atomic<bool>& stop);
  void play(const std::atomic<bool>& stop);
  void obey(client::Replay& replay);
  void fail(Reason why, const std::atomic<bool>& stop);
  /// With `wait`, until the batch before was taken; otherwise it may stay gathered.
  void hand_over(bool wait, const std::atomic<bool>& stop);

  const client::LinkOptions link_;
  const std::string grant_;
  const PastMessage asked_;
  const Clock& clock_;
  const std::function<void()> ready_;

  // The thread's.
  std::unique_ptr<client::Replay> replay_;
  Translator translator_;
  PastGather gather_;
  std::int64_t time_us_;

  // The mutex guards the hand-over of batches and controls between the threads.
  std::mutex mutex_;
  std::condition_variable taken_;
  std::optional<PastBatch> batch_;
  std::vector<ControlMessage> controls_;
};

}  // namespace vigie::web
