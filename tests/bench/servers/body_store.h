#pragma once
// Bodies into RocksDB by a thread of its own, without any of Vigie's checks: what the servers of
// this folder store with. An idle writer commits at once what waits; while it commits, the next
// commit gathers.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace rocksdb {
class DB;
}

namespace vigie::bench {

using SharedBody = std::shared_ptr<const std::string>;

class BodyStore {
 public:
  /// Ends the process with a message when the folder can't be opened: the bench then reports it.
  BodyStore(const std::string& folder, bool synced);
  ~BodyStore();
  BodyStore(const BodyStore&) = delete;
  BodyStore& operator=(const BodyStore&) = delete;

  /// Hands a body over. Waits while too many bytes are queued.
  void submit(SharedBody body);
  /// Bodies committed so far. Any thread.
  std::uint64_t committed() const;
  /// Readable when something was committed since the last read (an eventfd).
  int signal_fd() const { return signal_fd_; }
  /// Calls `sink` for each body from the first one on.
  void scan(const std::function<void(std::string_view body)>& sink) const;

 private:
  void write_loop();
  std::unique_ptr<rocksdb::DB> db_;
  bool synced_;
  int signal_fd_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<SharedBody> queue_;  // guarded by mutex_
  std::size_t queued_bytes_ = 0;
  std::uint64_t committed_ = 0;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace vigie::bench
