#include "clients/web/server/live/catch_up.h"

#include <utility>

#include "schemas/words/times.h"

namespace vigie::web {
namespace {

constexpr std::chrono::milliseconds kTurn{50};

/// Keeps of what was translated what is said up to `until`; true when something beyond it came.
bool keep_said(std::vector<Change>& changes, std::uint64_t from, std::uint64_t until,
               CatchUpBlock& block, std::size_t& bytes) {
  bool beyond = false;
  for (Change& change : changes) {
    Said said;
    if (auto* event = std::get_if<EventSaid>(&change)) {
      said = {event->event->seq, std::move(event->event), nullptr, {}};
    } else if (auto* card = std::get_if<CardTold>(&change)) {
      said = {card->card->seq, nullptr, std::move(card->card), {}};
    } else if (const auto* lost = std::get_if<SeqsLost>(&change)) {
      said = {lost->last, nullptr, nullptr, *lost};
    } else {
      continue;
    }
    if (said.seq > until) {
      // A snapshot lists cards by name: one beyond tells nothing of the events before.
      beyond = beyond || said.card == nullptr;
    } else if (said.seq > from) {
      bytes += bytes_of(said);
      block.said.push_back(std::move(said));
    }
  }
  changes.clear();
  return beyond;
}

}  // namespace

CatchUp::CatchUp(client::LinkOptions link, std::string grant, std::uint64_t from_seq,
                 std::uint64_t until_seq, std::function<void()> ready)
    : link_(std::move(link)),
      grant_(std::move(grant)),
      from_seq_(from_seq),
      until_seq_(until_seq),
      ready_(std::move(ready)) {}

void CatchUp::run(const std::atomic<bool>& stop) {
  client::ConsoleOptions options;
  options.link = link_;
  options.grant = grant_;
  options.view.fixes = false;
  options.start = client::StartKind::Seq;
  options.seq = from_seq_;
  if (!grant_.empty() && from_seq_ == 0) {
    // By a grant that is where the picture is; the first place of all is a time.
    options.start = client::StartKind::KnownTime;
    options.time_us = kTrueTimeUsMin;
  }
  auto console = client::Console::open(std::move(options));
  if (!console) {
    hand_over({{}, false, console.fault().sentence}, stop);
    return;
  }
  Translator translator;
  std::vector<Change> changes;
  CatchUpBlock block;
  std::size_t bytes = 0;
  while (!stop.load()) {
    // What is had when the status says so stands in the queue already.
    const client::ConsoleStatus status = (*console)->status();
    auto item = (*console)->next(block.said.empty() ? kTurn : std::chrono::milliseconds(0));
    if (!item || status.link == client::LinkState::Refused) {
      block.failed = status.reason.empty() ? "the hub ended the session" : status.reason;
    } else if (*item) {
      translator.translate(std::move(**item), changes);
      block.done = keep_said(changes, from_seq_, until_seq_, block, bytes);
    } else {
      block.done = status.link == client::LinkState::Live && status.event_seq >= until_seq_;
    }
    const bool full = block.said.size() >= kSaidMax || bytes >= kBytesMax;
    const bool idle = item && !*item && !block.said.empty();
    const bool over = block.done || !block.failed.empty();
    if (!full && !idle && !over) continue;
    if (!hand_over(std::exchange(block, {}), stop) || over) return;
    bytes = 0;
  }
}

bool CatchUp::hand_over(CatchUpBlock block, const std::atomic<bool>& stop) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!taken_.wait_for(lock, kTurn, [this] { return !waits_; })) {
    if (stop.load()) return false;
  }
  block_ = std::move(block);
  waits_ = true;
  lock.unlock();
  ready_();
  return true;
}

CatchUpBlock CatchUp::take() {
  std::unique_lock<std::mutex> lock(mutex_);
  waits_ = false;
  CatchUpBlock block = std::exchange(block_, {});
  lock.unlock();
  taken_.notify_one();
  return block;
}

}  // namespace vigie::web
