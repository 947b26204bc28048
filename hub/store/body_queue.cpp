#include "hub/store/body_queue.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace vigie::store {

BodyQueue::BodyQueue()
    : tail_(new Chunk), head_(tail_), event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

BodyQueue::~BodyQueue() {
  while (head_ != nullptr) {
    Chunk* next = head_->next.load();
    delete head_;
    head_ = next;
  }
  ::close(event_);
}

void BodyQueue::push(BodyPtr body) {
  std::size_t filled = tail_->filled.load(std::memory_order_relaxed);
  if (filled == kChunk) {
    Chunk* next = new Chunk;
    tail_->next.store(next);
    tail_ = next;
    filled = 0;
  }
  tail_->bodies[filled] = std::move(body);
  // Sequentially consistent with waiting_: either this sees that the writer waits, or the writer
  // sees this before it does.
  tail_->filled.store(filled + 1);
  if (waiting_.load() && waiting_.exchange(false)) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(event_, &one, sizeof one);
  }
}

void BodyQueue::wake() {
  woken_.store(true);
  if (waiting_.exchange(false)) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(event_, &one, sizeof one);
  }
}

BodyPtr BodyQueue::pop() {
  if (taken_ == kChunk) {
    Chunk* next = head_->next.load();
    if (next == nullptr) return nullptr;
    delete head_;
    head_ = next;
    taken_ = 0;
  }
  if (taken_ == head_->filled.load()) return nullptr;
  return std::move(head_->bodies[taken_++]);
}

bool BodyQueue::empty() const {
  if (taken_ == kChunk) return head_->next.load() == nullptr;
  return taken_ == head_->filled.load();
}

void BodyQueue::wait(std::int64_t wait_us) {
  waiting_.store(true);
  if (empty() && !woken_.load() && wait_us > 0) {
    pollfd event{event_, POLLIN, 0};
    const timespec limit{wait_us / 1'000'000, (wait_us % 1'000'000) * 1000};
    static_cast<void>(::ppoll(&event, 1, &limit, nullptr));
  }
  waiting_.store(false);
  woken_.store(false);
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(event_, &count, sizeof count);
}

}  // namespace vigie::store
