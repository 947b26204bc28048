#pragma once
// How threads speak: a bounded mailbox. Any thread posts, one thread takes; the reader waits on a
// file descriptor, so that it can wait for mailboxes and sockets together. The mutex is here
// because a queue of movable values between threads needs one; it is held for a push or a swap,
// never while anything runs. No other room has a mutex.

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

namespace vigie::ops {

template <typename Message>
class Mailbox {
 public:
  /// Holds `capacity` messages; a post beyond that is refused.
  explicit Mailbox(std::size_t capacity)
      : capacity_(capacity), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Mailbox() { ::close(wake_); }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Any thread. False when the mailbox is full; the message is then untouched.
  [[nodiscard]] bool post(Message&& message) {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      if (messages_.size() >= capacity_) return false;
      was_empty = messages_.empty();
      messages_.push_back(std::move(message));
    }
    if (was_empty) wake();
    return true;
  }

  /// The reading thread: takes all that waits, in order; empties the wake-up.
  std::deque<Message> take_all() {
    std::uint64_t woken = 0;
    [[maybe_unused]] const auto got = ::read(wake_, &woken, sizeof woken);
    std::deque<Message> taken;
    const std::lock_guard lock(mutex_);
    taken.swap(messages_);
    return taken;
  }

  /// Readable when something waits. For poll().
  int descriptor() const { return wake_; }

  /// Any thread: makes the descriptor readable without a message.
  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(wake_, &one, sizeof one);
  }

 private:
  const std::size_t capacity_;
  const int wake_;
  std::mutex mutex_;
  std::deque<Message> messages_;
};

}  // namespace vigie::ops
