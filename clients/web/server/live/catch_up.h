#pragma once
// The events and cards that a browser lacks and the server does not have any more: a session with
// the hub of its own, on a thread of its own, from a seq until another is reached. Hands over
// blocks of a bounded size, each when the one before was taken: a slow browser holds the hub.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "clients/web/server/live/event_log.h"
#include "vigie/console.h"

namespace vigie::web {

struct CatchUpBlock {
  std::vector<Said> said = {};
  bool done = false;        // everything up to `until_seq` was handed over
  std::string failed = {};  // not empty: it can't go on, and why
};

class CatchUp {
 public:
  static constexpr std::size_t kSaidMax = 512;
  static constexpr std::size_t kBytesMax = 256 * 1024;

  /// Events and cards in (from_seq, until_seq], of what `grant` shows unless it is empty. `ready`
  /// is called from the thread when a block waits, and not again before take().
  CatchUp(client::LinkOptions link, std::string grant, std::uint64_t from_seq,
          std::uint64_t until_seq, std::function<void()> ready);

  /// The work of the thread.
  void run(const std::atomic<bool>& stop);
  /// Net thread.
  CatchUpBlock take();
  std::uint64_t until_seq() const { return until_seq_; }

 private:
  /// False when it was stopped.
  bool hand_over(CatchUpBlock block, const std::atomic<bool>& stop);

  const client::LinkOptions link_;
  const std::string grant_;
  const std::uint64_t from_seq_;
  const std::uint64_t until_seq_;
  const std::function<void()> ready_;

  // The mutex guards the hand-over of the block between the threads.
  std::mutex mutex_;
  std::condition_variable taken_;
  CatchUpBlock block_;
  bool waits_ = false;
};

}  // namespace vigie::web
