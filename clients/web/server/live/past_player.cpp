#include "clients/web/server/live/past_player.h"

#include <utility>

namespace vigie::web {
namespace {

constexpr std::chrono::milliseconds kTurn{20};
constexpr std::int64_t kGatherUs = 50'000;
/// A clock that goes on over a time without fixes is told so often.
constexpr std::int64_t kClockUs = 250'000;
/// Controls that a page may send before the thread looks; of more the last ones count.
constexpr std::size_t kControlsMax = 64;

}  // namespace

PastPlayer::PastPlayer(client::LinkOptions link, std::string grant, const PastMessage& asked,
                       const Clock& clock, std::function<void()> ready)
    : link_(std::move(link)),
      grant_(std::move(grant)),
      asked_(asked),
      clock_(clock),
      ready_(std::move(ready)),
      gather_(!asked.known_clock),
      time_us_(asked.time_us) {}

void PastPlayer::run(const std::atomic<bool>& stop) {
  client::ReplayOptions options;
  options.link = link_;
  options.grant = grant_;
  options.clock = asked_.known_clock ? client::ReplayClock::Known : client::ReplayClock::True;
  options.from_us = asked_.time_us;
  options.speed = asked_.speed;
  options.paused = asked_.paused;
  // Opened first: it gets ready while the picture comes, and waits by its window.
  auto replay = client::Replay::open(std::move(options));
  if (!replay) {
    fail(reason_of(replay.fault()), stop);
    return;
  }
  replay_ = std::move(*replay);
  if (show_picture(stop)) play(stop);
  replay_.reset();
}

bool PastPlayer::show_picture(const std::atomic<bool>& stop) {
  client::ConsoleOptions options;
  options.link = link_;
  options.grant = grant_;
  options.once = true;
  options.start = asked_.known_clock ? client::StartKind::KnownTime : client::StartKind::TrueTime;
  options.time_us = asked_.time_us;
  auto console = client::Console::open(std::move(options));
  if (!console) {
    fail(reason_of(console.fault()), stop);
    return false;
  }
  gather_.begin_snapshot();
  std::vector<Change> changes;
  bool complete = false;
  while (!stop.load()) {
    auto item = (*console)->next(kTurn);
    const bool over = !item;
    if (item && !*item) continue;
    const auto* link = over ? nullptr : std::get_if<client::LinkItem>(&**item);
    if (link != nullptr && link->state == client::LinkState::Refused) {
      fail(replay_reason(link->code, link->reason), stop);
      return false;
    }
    const bool ended = over || (link != nullptr && link->state == client::LinkState::Ended);
    if (!ended) {
      complete = complete || std::holds_alternative<client::SnapshotEnd>(**item);
      translator_.translate(std::move(**item), changes);
      gather_.take(changes);
      continue;
    }
    if (!complete) {
      const client::ConsoleStatus status = (*console)->status();
      fail(link == nullptr ? replay_reason(status.code, status.reason)
                           : replay_reason(link->code, link->reason),
           stop);
      return false;
    }
    gather_.tell({0, asked_.paused ? "paused" : "playing", asked_.time_us, {}, {}});
    hand_over(true, stop);
    return true;
  }
  return false;
}

void PastPlayer::play(const std::atomic<bool>& stop) {
  std::vector<Change> changes;
  std::int64_t handed_us = clock_.monotonic_us();
  std::int64_t told_time_us = time_us_;
  while (!stop.load()) {
    obey(*replay_);
    auto item = replay_->next(kTurn);
    if (!item) {
      const client::ReplayStatus status = replay_->status();
      fail(replay_reason(status.code, status.reason), stop);
      return;
    }
    if (*item) {
      const auto* link = std::get_if<client::LinkItem>(&**item);
      if (link != nullptr && link->state == client::LinkState::Refused) {
        fail(replay_reason(link->code, link->reason), stop);
        return;
      }
      translator_.translate(std::move(**item), changes);
      gather_.take(changes);
    }
    const std::int64_t now_us = clock_.monotonic_us();
    if (now_us - handed_us < kGatherUs && !gather_.full()) continue;
    time_us_ = replay_->status().time_us;
    const bool clock_due = time_us_ != told_time_us && now_us - handed_us >= kClockUs;
    if (gather_.empty() && !clock_due) continue;
    hand_over(gather_.full(), stop);
    handed_us = now_us;
    told_time_us = time_us_;
  }
}

void PastPlayer::obey(client::Replay& replay) {
  std::vector<ControlMessage> controls;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    controls.swap(controls_);
  }
  for (const ControlMessage& message : controls) {
    if (message.what == PastControl::Pause) replay.pause();
    if (message.what == PastControl::Resume) replay.resume();
    if (message.what == PastControl::Speed) replay.set_speed(message.speed);
  }
}

void PastPlayer::fail(Reason why, const std::atomic<bool>& stop) {
  gather_ = PastGather(!asked_.known_clock);
  gather_.tell({0, "failed", time_us_, std::move(why), {}});
  hand_over(true, stop);
}

void PastPlayer::hand_over(bool wait, const std::atomic<bool>& stop) {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto free = [this] { return !batch_; };
  while (!free()) {
    if (!wait || stop.load()) return;
    taken_.wait_for(lock, kTurn, free);
  }
  batch_ = gather_.finish(time_us_);
  lock.unlock();
  ready_();
}

void PastPlayer::control(const ControlMessage& message) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (controls_.size() >= kControlsMax) controls_.erase(controls_.begin());
  controls_.push_back(message);
}

std::optional<PastBatch> PastPlayer::take() {
  std::unique_lock<std::mutex> lock(mutex_);
  std::optional<PastBatch> batch = std::exchange(batch_, std::nullopt);
  lock.unlock();
  taken_.notify_one();
  return batch;
}

}  // namespace vigie::web
