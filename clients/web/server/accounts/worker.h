#pragma once
// One thread for work that is slow, with a bounded queue: what the net thread must not wait for.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace vigie::web::people {

class Worker {
 public:
  explicit Worker(std::size_t waiting_max);
  /// Waits for what runs; what waits is dropped.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  /// False: `waiting_max` wait already. Any thread.
  bool post(std::function<void()> work);

 private:
  void run();
  const std::size_t waiting_max_;
  std::mutex mutex_;  // the hand-over between those who ask and the thread
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the above
};

}  // namespace vigie::web::people
