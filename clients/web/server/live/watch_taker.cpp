#include "clients/web/server/live/watch_taker.h"

#include <utility>

namespace vigie::web {
namespace {

constexpr std::chrono::milliseconds kTurn{50};
/// While the hub's word is awaited.
constexpr std::chrono::milliseconds kProbingTurn{5};
/// One hand-over, so that a long snapshot is taken in slices.
constexpr std::size_t kSlice = 2048;
/// The library shows its status behind the items of a turn of its thread: a picture that ended is
/// told when the status has had this time to follow.
constexpr std::int64_t kStatusUs = 20'000;

}  // namespace

WatchTaker::WatchTaker(client::ConsoleOptions options, const Clock& clock,
                       std::function<void()> ready)
    : options_(std::move(options)), clock_(clock), ready_(std::move(ready)) {}

void WatchTaker::run(const std::atomic<bool>& stop) {
  if (translator_ == nullptr) translator_ = std::make_shared<Translator>();
  auto console = client::Console::open(options_);
  if (!console) {
    end({client::LinkState::Ended, client::Refusal::None, console.fault().sentence,
         clock_.utc_us()});
    return;
  }
  take_items(**console, stop);
  Lock lock(mutex_);
  block_.ended = true;
  tell(lock);
}

void WatchTaker::take_items(client::Console& console, const std::atomic<bool>& stop) {
  std::vector<Change> changes;
  std::int64_t completes_us = 0;  // a picture ended at this time, and was not told yet
  std::int64_t noted_us = 0;
  while (!stop.load()) {
    const auto turn = look_at_probes(console) ? kProbingTurn : kTurn;
    auto item = console.next(changes.empty() ? turn : std::chrono::milliseconds(0));
    if (!item) {
      hand_over(changes, stop);
      const client::ConsoleStatus status = console.status();
      end({client::LinkState::Ended, status.code, status.reason, clock_.utc_us()});
      return;
    }
    if (*item) {
      if (std::holds_alternative<client::SnapshotEnd>(**item)) completes_us = clock_.monotonic_us();
      if (std::holds_alternative<client::SnapshotBegin>(**item)) {
        completes_us = 0;
        const Lock lock(mutex_);
        block_.complete.reset();
      }
      trackers_.take(**item);
      grants_.take(**item);
      translator_->translate(std::move(**item), changes);
      if (changes.size() < kSlice) continue;
    }
    const std::int64_t now = clock_.monotonic_us();
    if (!changes.empty() || now - noted_us >= 100'000) {
      note_status(console);
      noted_us = now;
    }
    hand_over(changes, stop);
    if (completes_us == 0 || now - completes_us < kStatusUs) continue;
    const client::ConsoleStatus status = console.status();
    if (!status.complete) continue;
    completes_us = 0;
    Lock lock(mutex_);
    block_.complete = status;
    tell(lock);
  }
}

bool WatchTaker::look_at_probes(client::Console& console) {
  const std::uint64_t newest = probes_.load();
  if (newest > asked_) {
    console.probe(asked_ = newest);
    asked_us_ = clock_.monotonic_us();
  }
  if (answered_ == asked_) return false;
  const std::uint64_t probed = console.status().probed;
  // Nobody waits longer, and the hub may be away for days.
  if (probed == answered_) return clock_.monotonic_us() - asked_us_ < HubProbes::kPatienceUs;
  answered_ = probed;
  note_status(console);
  Lock lock(mutex_);
  tell(lock);
  return answered_ != asked_;
}

void WatchTaker::note_status(const client::Console& console) {
  client::ConsoleStatus status = console.status();
  const Lock lock(mutex_);
  status_ = std::move(status);
  status_at_us_ = clock_.monotonic_us();
}

void WatchTaker::hand_over(std::vector<Change>& changes, const std::atomic<bool>& stop) {
  if (changes.empty()) return;
  Lock lock(mutex_);
  const auto has_room = [this] { return block_.changes.size() < kChangesMax; };
  while (!room_.wait_for(lock, kTurn, has_room)) {
    if (stop.load()) return;
  }
  if (block_.changes.empty()) {
    block_.changes.swap(changes);
  } else {
    std::move(changes.begin(), changes.end(), std::back_inserter(block_.changes));
  }
  changes.clear();
  tell(lock);
}

void WatchTaker::end(const client::LinkItem& link) {
  Lock lock(mutex_);
  block_.changes.emplace_back(LinkTold{link});
  block_.ended = true;
  status_.link = client::LinkState::Ended;
  status_.code = link.code;
  status_.reason = link.reason;
  tell(lock);
}

void WatchTaker::tell(Lock& lock) {
  if (std::exchange(told_, true)) return;
  lock.unlock();
  ready_();
}

WatchBlock WatchTaker::take() {
  Lock lock(mutex_);
  told_ = false;
  WatchBlock block = std::exchange(block_, {});
  lock.unlock();
  room_.notify_one();
  return block;
}

client::ConsoleStatus WatchTaker::status() const {
  const Lock lock(mutex_);
  client::ConsoleStatus status = status_;
  const std::int64_t since_us = clock_.monotonic_us() - status_at_us_;
  if (status.link_age_us >= 0) status.link_age_us += since_us;
  if (status.hub_time_us != 0) status.hub_time_us += since_us;
  return status;
}

}  // namespace vigie::web
