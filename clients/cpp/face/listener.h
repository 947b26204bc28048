#pragma once
// What Console and Replay have in common: a background thread that drives a core over a link, and
// the queue of what it gave, from which the user takes. The queue is bounded by the core's credit
// window: what is not taken is not granted again.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "clients/cpp/core/console_core.h"
#include "clients/cpp/face/link.h"

namespace vigie::client {

/// Core: ConsoleCore or ReplayCore. next() by one thread at a time; the rest by any.
template <typename Core>
class Listener {
 public:
  using Status = decltype(std::declval<const Core&>().status());

  Listener(std::unique_ptr<Core> core, std::function<void(Item&&)> on_item,
           std::uint32_t window_bytes)
      : core_(std::move(core)), on_item_(std::move(on_item)), window_bytes_(window_bytes) {}
  ~Listener() {
    if (!thread_.joinable()) return;
    {
      const Lock lock(mutex_);
      stop_ = true;
    }
    link_->wake();
    thread_.join();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Result<void> start(const std::string& endpoint, const LinkOptions& options,
                     const Random& random) {
    auto link = Link::open(endpoint, options, limits::kFrameBytesMax + (64 << 10), random);
    if (!link) return link.fault();
    link_ = std::move(*link);
    share();
    thread_ = std::thread([this] { run(); });
    return {};
  }

  Result<std::optional<Item>> next(std::chrono::milliseconds timeout) {
    Lock lock(mutex_);
    const SystemClock clock;
    const std::int64_t until_us = clock.monotonic_us() + std::chrono::microseconds(timeout).count();
    while (true) {
      if (auto item = take()) return std::optional<Item>(std::move(*item));
      if (over_ && queue_.empty()) return Fault{FaultCode::Closed, "the session is over"};
      const auto some = [this] { return !queue_.empty() || over_; };
      const std::chrono::microseconds left(until_us - clock.monotonic_us());
      if (!changed_.wait_for(lock, left, some)) return std::optional<Item>();
    }
  }

  /// Runs on the background thread, soon.
  void command(std::function<void(Core&)> command) {
    {
      const Lock lock(mutex_);
      commands_.push_back(std::move(command));
    }
    link_->wake();
  }

  /// As of now; `adjust` may bring times forward by the microseconds since the status was taken.
  template <typename Adjust>
  Status status(const Adjust& adjust) const {
    const Lock lock(mutex_);
    Status status = status_;
    adjust(status, clock_.monotonic_us() - status_at_us_);
    return status;
  }

  std::vector<std::byte> token() const {
    const Lock lock(mutex_);
    return keeper_.bytes();
  }
  /// Before start().
  TokenKeeper& keeper() { return keeper_; }

 private:
  using Lock = std::unique_lock<std::mutex>;

  /// The next item of the queue; steps that are used up are given back.
  std::optional<Item> take() {
    std::optional<Item> item;
    while (!queue_.empty()) {
      Step& step = queue_.front();
      if (taken_ < step.items.size()) {
        keeper_.takes(step.items[taken_], step);
        item = std::move(step.items[taken_++]);
      }
      if (taken_ == step.items.size()) {
        keeper_.finished(step);
        consumed_ += step.bytes;
        queue_.pop_front();
        taken_ = 0;
      }
      if (item) break;
    }
    if (consumed_ != 0 && (queue_.empty() || consumed_ >= window_bytes_ / 8)) link_->wake();
    return item;
  }

  void run() {
    const Link::Handler handler{
        .up = [this] { core_->link_up(); },
        .down =
            [this] {
              core_->link_down();
              unsent_.reset();
            },
        .message = [this](std::span<const std::byte> message) { core_->on_message(message); },
        .turned_away =
            [this](Refusal code, const std::string& reason) {
              core_->turned_away(code, reason);
              unsent_.reset();
            }};
    while (!ending()) {
      hand_out();
      send();
      share();
      const std::int64_t at = core_->next_wakeup_us();
      link_->turn(at == kNever ? kNever : at - clock_.monotonic_us(), handler);
      core_->tick();
      if (core_->take_reconnect()) {
        const Result<void> made = link_->reconnect();
        if (!made) core_->turned_away(Refusal::NotReady, made.fault().sentence);
      }
    }
    core_->close();
    send();
    hand_out();
    share();
  }

  /// Takes in what the user did; true when it is time to end.
  bool ending() {
    std::vector<std::function<void(Core&)>> commands;
    std::uint64_t consumed = 0;
    {
      const Lock lock(mutex_);
      if (stop_) return true;
      commands.swap(commands_);
      consumed = std::exchange(consumed_, 0);
    }
    core_->consumed(consumed);
    for (const auto& command : commands) command(*core_);
    return false;
  }

  void hand_out() {
    std::vector<Step> steps = core_->take_steps();
    if (steps.empty()) return;
    if (on_item_) {
      for (Step& step : steps) {
        for (Item& item : step.items) {
          {
            const Lock lock(mutex_);
            keeper_.takes(item, step);
          }
          on_item_(std::move(item));
        }
        core_->consumed(step.bytes);
        const Lock lock(mutex_);
        keeper_.finished(step);
      }
      return;
    }
    const Lock lock(mutex_);
    for (Step& step : steps) queue_.push_back(std::move(step));
  }

  void send() {
    while (true) {
      if (!unsent_) unsent_ = core_->next_message();
      if (!unsent_ || !link_->send(*unsent_)) return;
      unsent_.reset();
    }
  }

  void share() {
    {
      const Lock lock(mutex_);
      status_ = core_->status();
      status_at_us_ = clock_.monotonic_us();
      over_ = core_->over();
    }
    changed_.notify_all();
  }

  // Fixed after start().
  const SystemClock clock_;
  const std::unique_ptr<Core> core_;
  const std::function<void(Item&&)> on_item_;
  const std::uint32_t window_bytes_;
  std::unique_ptr<Link> link_;

  // The background thread's.
  std::optional<std::vector<std::byte>> unsent_;

  // Between the threads.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Step> queue_;
  std::size_t taken_ = 0;  // items of the first step
  std::uint64_t consumed_ = 0;
  std::vector<std::function<void(Core&)>> commands_;
  TokenKeeper keeper_;
  Status status_;
  std::int64_t status_at_us_ = 0;
  bool over_ = false;
  bool stop_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace vigie::client
