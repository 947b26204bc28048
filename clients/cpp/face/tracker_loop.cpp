#include "clients/cpp/face/tracker_loop.h"

#include <fmt/format.h>

#include <algorithm>

namespace vigie::client {
namespace {

/// Numbers that publish() may give out before the background thread reserves more.
constexpr std::uint64_t kNumbersAhead = 65'536;
/// What was handed over and is not in the spool yet; publish() waits beyond.
constexpr std::uint64_t kPendingBytesMax = 16 << 20;
constexpr std::chrono::seconds kPendingWait{5};
/// Batches sent between two looks at what came and what was handed over.
constexpr int kBatchesATurn = 16;
/// A spool that could not be written is tried again after this.
constexpr std::int64_t kSpoolAgainUs = 1'000'000;
/// Acks and Welcomes: a few ranges, or a thousand.
constexpr std::size_t kMessageBytesMax = 1 << 20;

Fault timed_out(const char* what) {
  return {FaultCode::Unavailable, fmt::format("{} in the time given", what)};
}

}  // namespace

Tracker::Impl::~Impl() {
  if (!thread_.joinable()) return;
  {
    const Lock lock(mutex_);
    stop_ = true;
  }
  link_->wake();
  thread_.join();
}

Result<void> Tracker::Impl::start(const std::string& endpoint) {
  const Random random = system_random();
  auto core = TrackerCore::open({.client = options_.link.client,
                                 .spool_bytes_max = options_.spool_bytes_max,
                                 .spool_messages_max = options_.spool_messages_max,
                                 .when_full = options_.when_full,
                                 .order = options_.order},
                                *spool_, clock_, random);
  if (!core) return core.fault();
  core_ = std::move(*core);
  const Result<std::uint64_t> first = core_->take_numbers(kNumbersAhead);
  if (!first) return first.fault();
  next_number_ = *first;
  numbers_end_ = *first + kNumbersAhead;
  handed_through_ = spooled_through_ = written_through_ = *first - 1;
  auto link = Link::open(endpoint, options_.link, kMessageBytesMax, random);
  if (!link) return link.fault();
  link_ = std::move(*link);
  share();
  thread_ = std::thread([this] { run(); });
  return {};
}

/// What is spooled, what is on its way there and what was handed over. Under the mutex.
SpoolUsage Tracker::Impl::held() const {
  return {.messages = shared_.waiting + writing_.messages + pending_.size(),
          .bytes = shared_.waiting_bytes + writing_.bytes + pending_bytes_};
}

Result<std::uint64_t> Tracker::Impl::hand_over(MessageKind kind,
                                               std::vector<std::vector<std::byte>> payloads) {
  std::uint64_t bytes = 0;
  for (const auto& payload : payloads) bytes += payload.size() + kRowBytesExtra;
  const std::uint64_t count = payloads.size();
  bool was_empty = false;
  std::uint64_t first = 0;
  {
    Lock lock(mutex_);
    if (fault_) return *fault_;
    if (options_.when_full == WhenFull::Refuse &&
        (held().messages + count > options_.spool_messages_max ||
         held().bytes + bytes > options_.spool_bytes_max)) {
      return Fault{FaultCode::Unavailable, "the spool is full"};
    }
    const auto ready = [&] {
      return fault_ || (numbers_end_ - next_number_ >= count &&
                        (pending_bytes_ == 0 || pending_bytes_ + bytes <= kPendingBytesMax));
    };
    if (!ready()) {
      numbers_wanted_ = std::max(numbers_wanted_, count);
      link_->wake();
      if (!changed_.wait_for(lock, kPendingWait, ready)) {
        return timed_out("the spool does not keep up: nothing was taken over");
      }
      if (fault_) return *fault_;
    }
    first = next_number_;
    was_empty = pending_.empty();
    for (auto& payload : payloads) pending_.push_back({next_number_++, kind, std::move(payload)});
    pending_bytes_ += bytes;
    handed_through_ = next_number_ - 1;
  }
  if (was_empty) link_->wake();
  return first;
}

void Tracker::Impl::run() {
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
  while (true) {
    {
      const Lock lock(mutex_);
      if (stop_) break;
    }
    take_over();
    write_rows();
    send();
    share();
    std::int64_t wait_us = kNever;
    const std::int64_t now = clock_.monotonic_us();
    if (core_->next_wakeup_us() != kNever) wait_us = core_->next_wakeup_us() - now;
    if (!rows_.empty()) wait_us = std::min(wait_us, spool_again_us_ - now);
    if (!sent_all_) wait_us = 0;
    link_->turn(wait_us, handler);
    core_->tick();
    if (core_->take_reconnect()) {
      const Result<void> made = link_->reconnect();
      if (!made) core_->turned_away(Refusal::NotReady, made.fault().sentence);
    }
  }
  finish();
}

void Tracker::Impl::take_over() {
  std::uint64_t wanted = 0;
  {
    const Lock lock(mutex_);
    if (rows_.empty()) {
      rows_ = std::exchange(pending_, {});
      writing_ = {.messages = rows_.size(), .bytes = std::exchange(pending_bytes_, 0)};
    }
    const std::uint64_t left = numbers_end_ - next_number_;
    if (left < kNumbersAhead / 2 || left < numbers_wanted_) {
      wanted = std::max(kNumbersAhead, numbers_wanted_);
    }
  }
  if (wanted == 0) return;
  const Result<std::uint64_t> first = core_->take_numbers(wanted);
  const Lock lock(mutex_);
  if (first) {
    numbers_end_ = *first + wanted;
    numbers_wanted_ = 0;
  } else {
    spool_fault_ = first.fault();
  }
}

void Tracker::Impl::write_rows() {
  if (rows_.empty() || (spool_fault_ && clock_.monotonic_us() < spool_again_us_)) return;
  const std::uint64_t last = rows_.back().number;
  Result<void> written = core_->append(rows_);
  if (!written) {
    spool_fault_ = written.fault();
    spool_again_us_ = clock_.monotonic_us() + kSpoolAgainUs;
    return;
  }
  spool_fault_.reset();
  rows_.clear();
  written_through_ = last;
}

void Tracker::Impl::send() {
  sent_all_ = true;
  for (int i = 0; i < kBatchesATurn; ++i) {
    if (!unsent_) unsent_ = core_->next_message();
    if (!unsent_) return;
    if (!link_->send(*unsent_)) return;
    unsent_.reset();
  }
  sent_all_ = false;
}

void Tracker::Impl::share() {
  if (options_.on_delivery) {
    for (const Delivery& delivery : core_->take_deliveries()) options_.on_delivery(delivery);
  } else {
    static_cast<void>(core_->take_deliveries());
  }
  {
    const Lock lock(mutex_);
    // Together: rows that count as spooled and not yet as waiting would look settled.
    spooled_through_ = written_through_;
    shared_ = core_->stats();
    if (rows_.empty()) writing_ = {};
    closed_ = core_->fault().has_value();
    fault_ = closed_ ? core_->fault() : spool_fault_;
    if (fault_) shared_.fault = fault_->sentence;
  }
  changed_.notify_all();
}

void Tracker::Impl::finish() {
  spool_fault_.reset();
  while (true) {
    take_over();
    if (rows_.empty()) break;
    write_rows();
    if (spool_fault_) break;
  }
  send();
  const bool all_written = rows_.empty() && core_->tidy().ok();
  // Unless all was written, numbers that were given out must be given up at the next opening.
  if (all_written) static_cast<void>(spool_->close_clean());
  share();
}

Result<void> Tracker::Impl::flush(std::chrono::milliseconds timeout) {
  Lock lock(mutex_);
  const std::uint64_t through = handed_through_;
  const bool done = changed_.wait_for(
      lock, timeout, [&] { return spooled_through_ >= through || fault_.has_value(); });
  if (spooled_through_ >= through) return {};
  if (fault_) return *fault_;
  static_cast<void>(done);
  return timed_out("not all was written into the spool");
}

Result<void> Tracker::Impl::wait_settled(std::chrono::milliseconds timeout) {
  Lock lock(mutex_);
  const auto settled = [&] { return spooled_through_ >= handed_through_ && shared_.waiting == 0; };
  changed_.wait_for(lock, timeout, [&] { return settled() || closed_; });
  if (settled()) return {};
  if (closed_) return *fault_;
  return timed_out("not all was settled");
}

Result<void> Tracker::Impl::wait_welcome(std::chrono::milliseconds timeout) {
  Lock lock(mutex_);
  const auto known = [&] {
    return shared_.link == LinkState::Live || shared_.link == LinkState::Refused || closed_;
  };
  changed_.wait_for(lock, timeout, known);
  if (closed_) return *fault_;
  if (shared_.link == LinkState::Live) return {};
  if (shared_.link == LinkState::Refused) {
    const Refusal code = shared_.last_rejection;
    const bool for_good = code == Refusal::Revoked || code == Refusal::BadInvite;
    return Fault{for_good ? FaultCode::Invalid : FaultCode::Unavailable,
                 shared_.last_rejection_reason};
  }
  return timed_out("the hub did not answer");
}

Result<void> Tracker::Impl::wait_room(std::chrono::milliseconds timeout) {
  Lock lock(mutex_);
  const auto room = [&] {
    return held().messages <= options_.spool_messages_max / 4 * 3 &&
           held().bytes <= options_.spool_bytes_max / 4 * 3;
  };
  changed_.wait_for(lock, timeout, [&] { return room() || closed_; });
  if (closed_) return *fault_;
  if (room()) return {};
  return timed_out("the spool did not become emptier");
}

TrackerStats Tracker::Impl::stats() const {
  const Lock lock(mutex_);
  TrackerStats stats = shared_;
  stats.published = stats.published + (handed_through_ - spooled_through_);
  stats.waiting += handed_through_ - spooled_through_;
  return stats;
}

}  // namespace vigie::client
