#pragma once
// The way of bodies from the front thread to the writer: one pushes, one takes, no lock, and the
// writer is woken only when it waits. Unbounded: the front looks at the bytes before it takes in
// more.

#include <array>
#include <atomic>
#include <cstdint>

#include "schemas/messages/body.h"

namespace vigie::store {

class BodyQueue {
 public:
  BodyQueue();
  ~BodyQueue();
  BodyQueue(const BodyQueue&) = delete;
  BodyQueue& operator=(const BodyQueue&) = delete;

  /// Pushing thread.
  void push(BodyPtr body);
  /// Any thread: ends a wait, or lets the next one end at once.
  void wake();

  /// Taking thread: the oldest, or null.
  BodyPtr pop();
  bool empty() const;
  /// Taking thread: waits until something is there, wake() was called, or `wait_us` have passed.
  void wait(std::int64_t wait_us);

 private:
  static constexpr std::size_t kChunk = 256;
  struct Chunk {
    std::array<BodyPtr, kChunk> bodies;
    std::atomic<std::size_t> filled{0};
    std::atomic<Chunk*> next{nullptr};
  };
  alignas(64) Chunk* tail_;  // the pushing thread's
  alignas(64) Chunk* head_;  // the taking thread's
  std::size_t taken_ = 0;    // of head_
  alignas(64) std::atomic<bool> waiting_{false};
  std::atomic<bool> woken_{false};
  int event_ = -1;
};

}  // namespace vigie::store
