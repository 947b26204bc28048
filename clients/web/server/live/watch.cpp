#include "clients/web/server/live/watch.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "clients/web/server/live/yard.h"

namespace vigie::web {
namespace {

constexpr std::chrono::milliseconds kTick{1'000};
/// Between looks whether a probe is overdue; the hub's word itself is told at once.
constexpr std::chrono::milliseconds kPatienceTurn{250};

/// The hub does not know the identity, or not any more: nothing of its picture may be shown.
bool is_for_good(client::Refusal code) {
  return code == client::Refusal::Revoked || code == client::Refusal::NotEntitled ||
         code == client::Refusal::BadInvite;
}

/// Later by what the terms hold back; 0 (not known yet) stays.
std::uint32_t later_ms(std::uint32_t threshold_ms, std::int64_t held_back_us) {
  if (threshold_ms == 0) return 0;
  const std::int64_t ms = threshold_ms + held_back_us / 1000;
  return static_cast<std::uint32_t>(std::min<std::int64_t>(ms, UINT32_MAX));
}

/// When the file was changed; 0: it is not there.
std::int64_t changed_us(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return 0;
  return std::int64_t{found.st_mtim.tv_sec} * kMicrosecondsPerSecond + found.st_mtim.tv_nsec / 1000;
}

}  // namespace

Watch::Watch(WatchOptions options, Net& net, Yard& yard, const Clock& clock, LiveCounters& counters)
    : options_(std::move(options)),
      net_(net),
      yard_(yard),
      clock_(clock),
      counters_(counters),
      picture_(options_.picture),
      seen_since_us_(clock.monotonic_us()),
      gather_timer_(net),
      tick_timer_(net),
      probe_timer_(net),
      alive_(std::make_shared<int>(0)) {
  link_.since_us = clock_.utc_us();
  open();
  tick();
}

Watch::~Watch() {
  stop_->store(true);
  answer_waiting(false);
}

void Watch::open() {
  reopen_us_ = 0;
  filling_ = true;
  refused_ = readmitted_ = revoked_ = replaced_ = false;
  key_mark_ = key_mark();
  client::ConsoleOptions console;
  console.link = options_.link;
  console.grant = options_.grant;
  const std::weak_ptr<int> alive = alive_;
  // Called on the taker's thread, which may outlive the watch: only the net is touched there.
  auto taker = std::make_shared<WatchTaker>(std::move(console), clock_, [&net = net_, this, alive] {
    net.post([this, alive] {
      if (!alive.expired()) on_block();
    });
  });
  if (taker_ != nullptr) taker->go_on_from(taker_->translator());
  taker_ = taker;
  stop_ = yard_.start([taker](const std::atomic<bool>& stop) { taker->run(stop); });
}

/// Where the machine has no thread left, it is tried again: nobody waits for this call's answer.
void Watch::open_again() {
  try {
    open();
  } catch (const std::system_error&) {
    reopen_us_ = clock_.monotonic_us() + std::chrono::microseconds(options_.refused_retry).count();
  }
}

void Watch::on_block() {
  WatchBlock block = taker_->take();
  if (probing_) look_at_probes();
  for (Change& change : block.changes) {
    if (const auto* told = std::get_if<LinkTold>(&change)) {
      on_link_change(*told);
      continue;
    }
    if (const auto* begin = std::get_if<PictureBegins>(&change)) {
      // What was had before it goes out first: the pages behind it wait for the picture's end.
      if (begin->replaces && complete_ && !filling_) flush();
      replaced_ = replaced_ || (begin->replaces && complete_);
      if (begin->replaces) seen_since_us_ = clock_.monotonic_us();
      filling_ = filling_ || begin->replaces;
      continue;
    }
    if (std::holds_alternative<wire::PageFix>(change)) ++counters_.fixes_in;
    if (std::holds_alternative<EventSaid>(change)) ++counters_.events_in;
    if (const auto* left = std::get_if<LeftOut>(&change)) counters_.conflated_hub += left->fixes;
    // Names are told once: they are kept whatever becomes of the rest.
    if (refused_ && !std::holds_alternative<UnitNamed>(change)) continue;
    pending_.push_back(std::move(change));
  }
  if (block.complete && !refused_) on_complete(*block.complete);
  if (block.ended) {
    const auto wait = readmitted_ ? std::chrono::milliseconds(0) : options_.refused_retry;
    reopen_us_ = clock_.monotonic_us() + std::chrono::microseconds(wait).count();
    // A grant that ended stays so, and each attempt is written down by the hub.
    if (ended_by_rights() && link_.code == client::Refusal::NotEntitled) reopen_us_ = 0;
  }
  if (!filling_) gather();
}

void Watch::on_link_change(const LinkTold& told) {
  const client::LinkItem& item = told.link;
  link_ = item;
  if (item.state == client::LinkState::Ended) link_.state = client::LinkState::Refused;
  if (link_.state == client::LinkState::Refused && is_for_good(item.code)) {
    drop_picture();
    refused_ = true;
    if (item.code == client::Refusal::NotEntitled && !options_.grant.empty()) {
      link_.reason = fmt::format("grant '{}' has ended, or is not yours any more", options_.grant);
    }
  }
  if (link_.state == client::LinkState::Live && refused_ && !readmitted_) {
    // Let in again: what the session goes on with is not the whole of what may be seen now.
    readmitted_ = true;
    stop_->store(true);
  }
  if (link_.state == client::LinkState::Live) key_mark_ = key_mark();
  revoked_ = link_.state == client::LinkState::Refused && link_.code == client::Refusal::Revoked;
  look_at_key();
  if (link_.state == client::LinkState::Refused) answer_waiting(false);
  if (link_.state != client::LinkState::Live) probes_.give_up(clock_.monotonic_us());
  tell([](WatchUser& user) { user.on_link(); });
}

std::int64_t Watch::key_mark() const {
  return options_.link.identity.empty() ? 0 : changed_us(options_.link.identity);
}

/// A key that the hub does not know was revoked, or is another one by now: then the session begins
/// anew with it.
void Watch::look_at_key() {
  if (!revoked_ || readmitted_) return;
  // While a key is being changed the hub knows the new one before the file holds it.
  constexpr std::int64_t kRotatingUs = 30 * kMicrosecondsPerSecond;
  const std::int64_t rotating_us = changed_us(options_.link.identity + ".rotating");
  if (rotating_us != 0 && clock_.utc_us() - rotating_us < kRotatingUs) return;
  if (key_mark() != key_mark_) {
    readmitted_ = true;
    stop_->store(true);
  } else if (options_.revoked) {
    options_.revoked();
  }
}

void Watch::on_complete(const client::ConsoleStatus& status) {
  std::string log = status.log.text();
  if (!options_.grant.empty()) log = log_by_grant(log, options_.grant);
  if (complete_ && log != log_) drop_picture_but_keep_pending();
  // What may be seen may have changed with it: events from before are the hub's to give.
  if (std::exchange(replaced_, false) && complete_) picture_.forget_events();
  if (!complete_) seen_since_us_ = clock_.monotonic_us();
  log_ = log;
  filling_ = false;
  flush();
  look_at_grants();
  if (std::exchange(complete_, true)) return;
  ++epoch_;
  tell([](WatchUser& user) { user.on_reset(); });
  answer_waiting(true);
}

void Watch::drop_picture_but_keep_pending() {
  picture_.clear();
  complete_ = false;
  ++counters_.resets;
}

void Watch::drop_picture() {
  std::erase_if(pending_,
                [](const Change& change) { return !std::holds_alternative<UnitNamed>(change); });
  filling_ = true;
  if (!complete_) return;
  drop_picture_but_keep_pending();
  ++epoch_;
  tell([](WatchUser& user) { user.on_reset(); });
}

std::uint32_t Watch::gather_ms() const {
  return std::clamp(static_cast<std::uint32_t>(users_.size() / 10), options_.gather_ms_min,
                    options_.gather_ms_max);
}

void Watch::gather() {
  if (pending_.empty()) return;
  const std::int64_t due_us = flushed_us_ + std::int64_t{gather_ms()} * 1000;
  const std::int64_t now_us = clock_.monotonic_us();
  if (now_us >= due_us) {
    flush();
    return;
  }
  if (std::exchange(timer_set_, true)) return;
  // Timers count whole milliseconds: not a turn too early.
  gather_timer_.after(std::chrono::milliseconds((due_us - now_us + 999) / 1000), [this] {
    timer_set_ = false;
    if (!filling_) gather();
  });
}

void Watch::flush() {
  if (pending_.empty()) return;
  flushed_us_ = clock_.monotonic_us();
  const std::uint64_t before = picture_.ring().end();
  const std::vector<Change> changes = std::exchange(pending_, {});
  picture_.take(changes, flushed_us_, status().hub_time_us);
  counters_.frames_encoded += picture_.ring().end() - before;
  if (complete_) {
    tell([](WatchUser& user) { user.on_frames(); });
  }
}

void Watch::tick() {
  tick_timer_.after(kTick, [this] { tick(); });
  const std::int64_t now_us = clock_.monotonic_us();
  if (reopen_us_ != 0 && now_us >= reopen_us_) open_again();
  look_at_key();
  look_at_grants();
  end_by_time();
  std::erase_if(waiting_, [&](Waiting& one) {
    if (now_us < one.until_us) return false;
    net_.post([then = std::move(one.then)] { then(false); });
    return true;
  });
  tell([](WatchUser& user) { user.on_tick(); });
}

void Watch::when_complete(std::chrono::milliseconds patience, std::function<void(bool)> then) {
  if (complete_ || refused_) {
    then(complete_);
    return;
  }
  waiting_.push_back(
      {clock_.monotonic_us() + std::chrono::microseconds(patience).count(), std::move(then)});
}

/// Whoever is told may end this watch: not before what goes on here is over.
void Watch::answer_waiting(bool complete) {
  for (Waiting& one : std::exchange(waiting_, {})) {
    net_.post([then = std::move(one.then), complete] { then(complete); });
  }
}

void Watch::probe(std::function<void(std::int64_t)> then) {
  if (link_.state != client::LinkState::Live) {
    then(-1);
    return;
  }
  probes_.ask(clock_.monotonic_us(), taker_->probe(), std::move(then));
  if (!probing_) look_at_probes();
}

void Watch::look_at_probes() {
  probes_.look(clock_.monotonic_us(), status().probed);
  probing_ = probes_.any_wait();
  if (probing_) probe_timer_.after(kPatienceTurn, [this] { look_at_probes(); });
}

client::ConsoleStatus Watch::status() const {
  client::ConsoleStatus status = taker_->status();
  status.overdue_after_ms = later_ms(status.overdue_after_ms, options_.held_back_us);
  status.silent_after_ms = later_ms(status.silent_after_ms, options_.held_back_us);
  return status;
}

std::vector<GrantTold> Watch::grants() const {
  if (!complete_ || !options_.grant.empty()) return {};
  // While another picture is on its way what each is may not have come yet.
  if (filling_) return grants_told_;
  const client::ConsoleStatus now = status();
  return taker_->grants().standing(now.grants, now.hub_time_us);
}

/// The hub ends it, too; but one that is away can't.
void Watch::end_by_time() {
  if (options_.ends_us == 0 || refused_ || status().hub_time_us < options_.ends_us) return;
  on_link_change({{client::LinkState::Refused, client::Refusal::NotEntitled, {}, clock_.utc_us()}});
}

void Watch::look_at_grants() {
  if (!complete_) return;
  std::vector<GrantTold> now = grants();
  if (now == grants_told_) return;
  grants_told_ = std::move(now);
  tell([](WatchUser& user) { user.on_grants(); });
}

client::Freshness Watch::freshness(const LiveUnit& unit) const {
  if (!unit.present) return client::Freshness::Unknown;
  return status().freshness(unit.newest.time_us());
}

void Watch::add(WatchUser& user) {
  users_.push_back(&user);
}

void Watch::remove(WatchUser& user) {
  // It may happen while users are told: the place is closed then.
  std::replace(users_.begin(), users_.end(), &user, static_cast<WatchUser*>(nullptr));
  if (!telling_) std::erase(users_, nullptr);
}

template <typename Tell>
void Watch::tell(const Tell& tell) {
  const bool outer = !std::exchange(telling_, true);
  for (std::size_t i = 0; i < users_.size(); ++i) {
    if (users_[i] != nullptr) tell(*users_[i]);
  }
  if (!outer) return;
  telling_ = false;
  std::erase(users_, nullptr);
}

}  // namespace vigie::web
