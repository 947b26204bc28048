// The conversation; what is published lies in tracker_outgoing.cpp.

#include "clients/cpp/core/tracker_core.h"

#include "clients/cpp/core/convert_access.h"

namespace vigie::client {
namespace {

/// An endpoint that refuses what cannot be cured by trying soon is asked again after this.
constexpr std::int64_t kHopelessUs = 60'000'000;
constexpr std::int64_t kRejectedUs = 1'000'000;
/// After TooManyHoles so many go lowest first before events are put first again.
constexpr std::uint64_t kInOrderNumbers = 4096;
/// So many hellos without an answer, and the connection is made anew.
constexpr unsigned kUnansweredMax = 3;

/// Refusals that a single message can be to blame for.
bool blames_a_message(wire::Refusal code) {
  switch (code) {
    case wire::Refusal::Malformed:
    case wire::Refusal::TooLarge:
    case wire::Refusal::BadName:
    case wire::Refusal::BadPosition:
    case wire::Refusal::BadTime:
    case wire::Refusal::BadValue:
    case wire::Refusal::BadNumber:
      return true;
    default:
      return false;
  }
}

}  // namespace

void TrackerCore::link_up() {
  link_is_up_ = true;
  unanswered_ = 0;
  turned_away_ = false;
  if (state_ == State::Waiting && clock_.monotonic_us() < hello_at_us_) return;
  state_ = State::Greeting;
  hello_due_ = true;
  note_awaiting();
}

void TrackerCore::turned_away(Refusal code, std::string_view reason) {
  link_down();
  stats_.link = LinkState::Refused;
  stats_.last_rejection = code;
  stats_.last_rejection_reason = reason;
  say_hello_in(backoff_us(turned_away_count_++, kRejectedUs, kHopelessUs, random_));
  turned_away_ = true;
}

void TrackerCore::link_down() {
  link_is_up_ = false;
  hello_due_ = false;
  if (state_ != State::Waiting) state_ = State::Down;
  awaiting_us_ = kNever;
  if (stats_.link == LinkState::Live) stats_.link = LinkState::Stale;
}

void TrackerCore::say_hello_in(std::int64_t wait_us) {
  state_ = State::Waiting;
  hello_due_ = false;
  hello_at_us_ = clock_.monotonic_us() + wait_us;
  awaiting_us_ = kNever;
}

std::vector<std::byte> TrackerCore::hello() {
  hello_due_ = false;
  state_ = State::Greeting;
  // The hub counts from this Hello on, and so do we: a Welcome that answers an earlier one is right
  // too.
  sent_bytes_ = 0;
  granted_bytes_ = 0;
  outbox_.nothing_on_the_way();
  given_up_told_.clear();
  ++unanswered_;
  awaiting_us_ = clock_.monotonic_us();
  const wire::Spool id = spool_.id();
  wire::HelloT message;
  message.protocol = kProtocolVersion;
  message.spool = std::make_unique<wire::Spool>(id);
  message.client = options_.client;
  message.sent_time_us = clock_.utc_us();
  return packed<wire::Hello>(message);
}

bool TrackerCore::awaits_answer() const {
  if (!link_is_up_) return false;
  if (state_ == State::Greeting) return true;
  if (state_ != State::Ready) return false;
  const bool told = !given_up_told_.empty();
  const bool wants_credit = outbox_.waits();
  return outbox_.on_the_way() || told || wants_credit;
}

void TrackerCore::note_awaiting() {
  if (!awaits_answer()) {
    awaiting_us_ = kNever;
  } else if (awaiting_us_ == kNever) {
    awaiting_us_ = clock_.monotonic_us();
  }
}

std::int64_t TrackerCore::next_wakeup_us() const {
  if (fault_) return kNever;
  std::int64_t at = kNever;
  if (state_ == State::Waiting) at = hello_at_us_;
  if (awaiting_us_ != kNever) {
    const unsigned tries = unanswered_ > 1 ? std::min(unanswered_ - 1, 6u) : 0;
    const std::int64_t patience = std::min(options_.silence_us << tries, options_.silence_us_max);
    at = std::min(at, std::max(awaiting_us_, heard_us_) + patience);
  }
  return std::min(at, remove_at_us_);
}

void TrackerCore::tick() {
  if (fault_) return;
  const std::int64_t now = clock_.monotonic_us();
  if (now >= remove_at_us_ && !tidy()) return;
  if (now < next_wakeup_us()) return;
  if (state_ == State::Waiting) {
    reconnect_ = std::exchange(turned_away_, false) || reconnect_;
    state_ = link_is_up_ ? State::Greeting : State::Down;
    hello_due_ = link_is_up_;
    return;
  }
  if (awaiting_us_ == kNever) return;
  stats_.link = stats_.link == LinkState::Connecting ? LinkState::Connecting : LinkState::Stale;
  if (unanswered_ >= kUnansweredMax) {
    unanswered_ = 0;
    reconnect_ = true;
    awaiting_us_ = kNever;
    return;
  }
  hello_due_ = true;
  state_ = State::Greeting;
  awaiting_us_ = now;
}

bool TrackerCore::take_reconnect() {
  return std::exchange(reconnect_, false);
}

void TrackerCore::on_message(Bytes message) {
  const AlignedBytes aligned(message);
  const Bytes bytes = aligned.bytes();
  if (const auto* welcome = verified<wire::Welcome>(bytes)) {
    on_welcome(*welcome);
  } else if (const auto* ack = verified<wire::Ack>(bytes)) {
    on_ack(*ack);
  } else if (const auto* rejected = verified<wire::Rejected>(bytes)) {
    on_rejected(*rejected);
  } else if (verified<wire::Rehello>(bytes) != nullptr) {
    // Several may come for several batches; one hello answers them all.
    if (state_ == State::Ready) {
      hello_due_ = true;
      state_ = State::Greeting;
    }
  } else {
    return;  // not known: skipped, and not a sign of life of this conversation
  }
  heard_us_ = clock_.monotonic_us();
  note_awaiting();
}

void TrackerCore::on_welcome(const wire::Welcome& welcome) {
  if (state_ == State::Waiting || state_ == State::Down) return;
  for (const wire::NumberRange* range : each(welcome.settled())) {
    hub_settled(range->first(), range->last());
  }
  if (hello_due_) return;  // it answers a hello before the one that is to be said now
  state_ = State::Ready;
  unanswered_ = 0;
  turned_away_count_ = 0;
  awaiting_us_ = kNever;
  granted_bytes_ = welcome.granted_bytes();
  batch_bytes_max_ =
      welcome.batch_bytes_max() == 0
          ? limits::kBatchBytesMax
          : std::min<std::uint64_t>(welcome.batch_bytes_max(), limits::kBatchBytesMax);
  stats_.link = LinkState::Live;
  stats_.taken_for = taken_for(welcome);
}

void TrackerCore::on_ack(const wire::Ack& ack) {
  // What is settled is settled, whichever conversation says so; credit counts in its own alone.
  for (const wire::Refused* refused : each(ack.refused())) {
    if (refused->numbers() == nullptr) continue;
    settle(refused->numbers()->first(), refused->numbers()->last(), Outcome::Refused,
           from_wire(refused->code()), text_of(refused->reason()));
  }
  for (const wire::NumberRange* range : each(ack.settled())) {
    hub_settled(range->first(), range->last());
  }
  if (state_ == State::Ready) granted_bytes_ = std::max(granted_bytes_, ack.granted_bytes());
  awaiting_us_ = kNever;
}

void TrackerCore::hub_settled(std::uint64_t first, std::uint64_t last) {
  settle(first, last, Outcome::Settled, Refusal::None, {});
  if (!given_up_.overlaps(first, last)) return;
  given_up_.remove(first, last);
  given_up_told_.remove(first, last);
  given_up_changed_ = true;
  note_removal(1);
}

void TrackerCore::note_removal(std::uint64_t count) {
  constexpr std::int64_t kRemoveAfterUs = 1'000'000;
  to_remove_count_ += count;
  if (remove_at_us_ == kNever) remove_at_us_ = clock_.monotonic_us() + kRemoveAfterUs;
}

void TrackerCore::on_rejected(const wire::Rejected& rejected) {
  stats_.last_rejection = from_wire(rejected.code());
  stats_.last_rejection_reason = text_of(rejected.reason());
  if (state_ == State::Waiting || state_ == State::Down) return;
  if (rejected.code() == wire::Refusal::SpoolClosed) {
    fail({FaultCode::Closed, "the hub has closed this spool: " + stats_.last_rejection_reason});
    return;
  }
  if (rejected.code() == wire::Refusal::Revoked) {
    // It may have got another key meanwhile: the next connection reads its key file again.
    turned_away(Refusal::Revoked, stats_.last_rejection_reason);
    return;
  }
  const bool in_batch = state_ == State::Ready && outbox_.on_the_way();
  if (rejected.code() == wire::Refusal::TooManyHoles) in_order_ = kInOrderNumbers;
  if (rejected.retry_after_ms() != 0) {
    const std::int64_t wait_us = std::int64_t{rejected.retry_after_ms()} * 1000;
    say_hello_in(wait_us + static_cast<std::int64_t>(random_() %
                                                     static_cast<std::uint64_t>(wait_us / 4 + 1)));
  } else if (rejected.code() == wire::Refusal::TooFast ||
             rejected.code() == wire::Refusal::WrongSpool ||
             rejected.code() == wire::Refusal::NotReady ||
             rejected.code() == wire::Refusal::DiskFull) {
    say_hello_in(backoff_us(unanswered_, kRejectedUs, kHopelessUs, random_));
  } else if (in_batch && blames_a_message(rejected.code())) {
    reject_single(rejected);
    say_hello_in(backoff_us(0, kRejectedUs, kHopelessUs, random_));
  } else {
    stats_.link = LinkState::Refused;
    say_hello_in(backoff_us(0, kHopelessUs, kHopelessUs, random_));
  }
}

void TrackerCore::reject_single(const wire::Rejected& rejected) {
  const IntervalSet on_the_way = outbox_.on_the_way_numbers();
  if (!alone_ || on_the_way.count() != 1) {
    // One of these is not taken; sent one by one, the hub will show which.
    alone_ = true;
    for (const auto& range : on_the_way.intervals()) suspects_.add(range.first, range.last);
    return;
  }
  const std::uint64_t number = on_the_way.intervals().front().first;
  settle(number, number, Outcome::Refused, from_wire(rejected.code()), text_of(rejected.reason()));
  given_up_.add(number, number);
  given_up_changed_ = true;
}

void TrackerCore::settle(std::uint64_t first, std::uint64_t last, Outcome outcome, Refusal code,
                         std::string_view reason) {
  if (first == 0 || last < first) return;
  for (const IntervalSet::Interval& range : outbox_.settle(first, last)) {
    const std::uint64_t count = range.last - range.first + 1;
    unsettled_ -= count;
    (outcome == Outcome::Settled   ? stats_.settled
     : outcome == Outcome::Refused ? stats_.refused
                                   : stats_.given_up) += count;
    to_remove_.push_back(range);
    note_removal(count);
    deliveries_.push_back({range.first, range.last, outcome, code, std::string(reason)});
  }
  if (alone_) {
    suspects_.remove(first, last);
    alone_ = !suspects_.empty();
  }
}

void TrackerCore::fail(Fault fault) {
  if (!fault_) fault_ = std::move(fault);
  stats_.fault = fault_->sentence;
  stats_.link = LinkState::Ended;
  awaiting_us_ = kNever;
  hello_due_ = false;
}

TrackerStats TrackerCore::stats() const {
  TrackerStats stats = stats_;
  const SpoolUsage usage = spool_.usage();
  stats.waiting = unsettled_;
  stats.waiting_bytes = usage.bytes;
  stats.link_age_us = heard_us_ < 0 ? -1 : clock_.monotonic_us() - heard_us_;
  return stats;
}

}  // namespace vigie::client
