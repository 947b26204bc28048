#pragma once
// SIGTERM and SIGINT as something to wait for with poll(), instead of a handler that may do next to
// nothing. Open it on the main thread before any other thread starts: they inherit the blocked
// signals.

#include <memory>
#include <optional>

#include "schemas/words/result.h"

namespace vigie::ops {

class StopSignals {
 public:
  /// Blocks SIGTERM and SIGINT for this thread and those it starts, and ignores SIGPIPE (a peer
  /// that is gone is an error code, not the end of the program).
  static Result<std::unique_ptr<StopSignals>> open();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Readable when a signal waits. For poll().
  int descriptor() const { return descriptor_; }
  /// The number of a signal that arrived, taken once; nothing when none waits.
  std::optional<int> take();
  /// Waits up to `wait_ms` (-1: for ever) and takes it.
  std::optional<int> wait(int wait_ms);

 private:
  explicit StopSignals(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace vigie::ops
