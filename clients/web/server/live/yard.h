#pragma once
// Threads for what may block: opening, reading and destroying sessions with the hub. Each work has
// a thread of its own, which is joined when it has ended; at the yard's end all are told to stop
// and waited for. Net thread, but for the destructor (watches.h).

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <thread>

#include "clients/web/server/ops/net.h"

namespace vigie::web {

/// Tells a work to stop; the work looks at it at least every 100 ms.
using StopFlag = std::shared_ptr<std::atomic<bool>>;

class Yard {
 public:
  explicit Yard(Net& net);
  ~Yard();
  Yard(const Yard&) = delete;
  Yard& operator=(const Yard&) = delete;

  /// Runs `work` on a new thread until it returns, which it does soon after the flag is set.
  /// Destroying what the work captured may take time, and happens on that thread. `ended` is called
  /// on the net thread when the thread is no more, unless the yard has ended.
  StopFlag start(std::function<void(const std::atomic<bool>& stop)> work,
                 std::function<void()> ended = {});
  std::size_t running() const { return threads_.size(); }

 private:
  struct Running {
    StopFlag stop;
    std::thread thread;
    std::function<void()> ended;
  };
  Net& net_;
  std::list<Running> threads_;
  std::shared_ptr<int> alive_;  // what the threads post ends with it
};

}  // namespace vigie::web
