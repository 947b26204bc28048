#pragma once
// A thread role: which thread owns a piece of data. Mark the data VIGIE_OWNED_BY(role), and begin
// the functions that touch it with role.check(): clang's -Wthread-safety then finds a use without
// the check, and a debug build aborts when the check runs on another thread. In release builds it
// costs nothing.

#include <thread>

#include "hub/ops/assert.h"

#if defined(__clang__)
#define VIGIE_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define VIGIE_THREAD_ATTRIBUTE(x)
#endif
#define VIGIE_OWNED_BY(role) VIGIE_THREAD_ATTRIBUTE(guarded_by(role))
#define VIGIE_NEEDS_ROLE(role) VIGIE_THREAD_ATTRIBUTE(requires_capability(role))

namespace vigie::ops {

class VIGIE_THREAD_ATTRIBUTE(capability("thread role")) ThreadRole {
 public:
  /// The first caller (after construction or hand_over) becomes the owner; any other one is a
  /// mistake.
  void check() const VIGIE_THREAD_ATTRIBUTE(assert_capability(this)) {
#ifndef NDEBUG
    const std::thread::id here = std::this_thread::get_id();
    if (owner_ == std::thread::id()) owner_ = here;
    VIGIE_ASSERT(owner_ == here);
#endif
  }

  /// The owner gives the data away: the next thread to call check() owns it. Passing the object to
  /// that thread must itself synchronise (starting it, a mailbox, joining it).
  void hand_over() { owner_ = std::thread::id(); }

 private:
  mutable std::thread::id owner_;
};

}  // namespace vigie::ops
