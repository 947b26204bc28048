#pragma once
// A piece of work for one session: a state machine that a worker steps. A worker's thread.

#include "hub/replay/workers.h"

namespace vigie::replay {

class Task {
 public:
  virtual ~Task() = default;
  /// Does a bounded slice; appends what comes out, in order. Returns false when there is nothing to
  /// do before next_us(), or before it is told something.
  virtual bool step(std::vector<Output>& out) = 0;
  virtual void grant(std::uint64_t granted_bytes) = 0;
  virtual void steer(const Steer& steer) = 0;
  /// When it has something to do by itself (clock's monotonic); INT64_MAX: when it is told
  /// something.
  virtual std::int64_t next_us() const = 0;
};

}  // namespace vigie::replay
