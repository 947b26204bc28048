#pragma once
// Published<T>: the newest value that one thread shows to others, such as the status document.
// Readers get it by counted reference, so that nobody copies or waits while it is used. Any thread.

#include <memory>
#include <mutex>
#include <utility>

namespace vigie::ops {

template <typename T>
class Published {
 public:
  /// Replaces the value; the old one lives until its last reader lets go.
  void set(T value) {
    auto fresh = std::make_shared<const T>(std::move(value));
    const std::lock_guard lock(mutex_);
    value_.swap(fresh);
  }

  /// The newest value; null before the first set().
  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace vigie::ops
