#pragma once
// The writer: takes what waits and commits it as one synced batch, log and keep rows together, then
// says how far the log is durable. An idle writer commits at once; under load it rests a moment
// after a commit, so that the next one is larger and the front thread is disturbed less. When the
// disk is full it holds on to what it has and tries again; when a commit fails in any other way it
// stops for good, since what reached the disk is unknown.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "hub/store/body_queue.h"
#include "hub/store/database.h"
#include "hub/store/seq_blocks.h"
#include "hub/store/store.h"

namespace vigie::store {

class Writer {
 public:
  Writer(const Database& database, const StoreOptions& options, StoreNotices notices,
         SeqBlocks& blocks, std::uint64_t durable_seq);
  ~Writer();

  void submit(BodyPtr body);                                         // front thread
  void wake() { queue_.wake(); }                                     // any thread
  std::size_t queued_bytes() const { return queued_bytes_.load(); }  // any thread
  std::uint64_t durable_seq() const { return durable_seq_.load(); }  // any thread
  bool broken() const { return state_.load() == State::Broken; }     // any thread
  bool full() const { return state_.load() == State::Full; }         // any thread
  std::uint64_t commits() const { return commits_.load(); }          // any thread
  std::uint64_t bodies() const { return bodies_.load(); }            // any thread
  std::uint64_t bytes() const { return bytes_.load(); }              // any thread
  void stop();                                                       // any thread

  std::size_t step(std::int64_t wait_us);  // writer's thread
  void on_commit(std::function<void(double, std::size_t, std::size_t)> observer) {
    observer_ = std::move(observer);
  }

 private:
  enum class State { Writing, Full, Broken };
  struct Pending;  // a batch that is not on disk yet

  void gather();
  void rest(std::int64_t wait_us);
  bool space_left();
  bool try_commit();
  void committed(double seconds);
  void enter_full(std::string sentence);
  void enter_broken(std::string sentence);

  const Database& database_;
  const StoreOptions& options_;
  const StoreNotices notices_;
  SeqBlocks& blocks_;
  std::function<void(double, std::size_t, std::size_t)> observer_;
  BodyQueue queue_;
  std::unique_ptr<Pending> pending_;
  std::int64_t last_commit_us_ = INT64_MIN / 2;
  std::int64_t next_try_us_ = INT64_MIN / 2;   // while full
  std::int64_t next_look_us_ = INT64_MIN / 2;  // at the free space
  std::uint64_t bytes_until_look_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<State> state_{State::Writing};
  std::atomic<std::size_t> queued_bytes_{0};
  std::atomic<std::uint64_t> durable_seq_;
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> bodies_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace vigie::store
