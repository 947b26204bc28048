#pragma once
// Loop: a named thread that runs step() until it is asked to stop. step() does a bounded piece of
// work and says how much it did; what happens when it did nothing is the loop's policy, not the
// step's. The object belongs to the thread that made it; its destructor asks to stop and joins.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "schemas/words/result.h"

namespace vigie::ops {

struct LoopOptions {
  /// Seen in top and in a debugger; the kernel keeps the first 15 bytes.
  std::string name;
  /// 0 to 19; above 0 also asks for SCHED_BATCH: woken later, longer slices.
  int niceness = 0;
  /// Processors the thread may run on; empty: all.
  std::vector<int> cpus = {};
  /// How long an idle loop rests after a step that returned 0, unless woken. 0: not at all, for
  /// steps that wait by themselves.
  std::int64_t idle_us = 0;
  /// Called on the stopping thread once a stop is asked for: ends a wait inside step() (a mailbox's
  /// wake()).
  std::function<void()> on_stop = {};
  /// Called on the loop's thread when step() threw; the loop has ended. Without it the program
  /// aborts.
  std::function<void(Fault)> on_failure = {};
};

class Loop {
 public:
  /// Runs on the loop's thread. Returns how much it did; 0 means idle.
  using Step = std::function<std::size_t(const std::stop_token&)>;

  /// Starts the thread. A niceness or processor that the machine does not grant is left as it is:
  /// see granted().
  Loop(LoopOptions options, Step step);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Any thread: ends the present rest early.
  void wake();
  /// Any thread. Does not wait; step() is not called again after the one that runs now.
  void request_stop();
  /// The owner: waits until the thread has ended; does not ask for it.
  void join();
  /// False when the name, niceness or processors could not be set. Valid once the first step runs.
  bool granted() const;

 private:
  struct Rest;
  std::unique_ptr<Rest> rest_;
  std::function<void()> on_stop_;
  std::jthread thread_;
};

}  // namespace vigie::ops
