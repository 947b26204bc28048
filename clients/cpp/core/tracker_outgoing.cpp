// What a tracker publishes: numbers, the spool and its bound, and batches. The conversation lies in
// tracker_core.cpp.

#include <algorithm>

#include "clients/cpp/core/tracker_core.h"

namespace vigie::client {
namespace {

/// Numbers reserved at a time when they are taken one by one.
constexpr std::uint64_t kNumberBlock = 4096;
/// Rows kept in memory so that what was just published is not read back.
constexpr std::uint64_t kRecentBytesMax = 4 << 20;
/// Settled rows are removed together.
constexpr std::uint64_t kRemoveCountMax = 4096;
/// A full spool gives up this part of its bound at once (1/64), so that it does not do so for each
/// message.
constexpr std::uint64_t kGiveUpPart = 64;
/// In one batch, when the lowest numbers go first.
constexpr std::uint64_t kInOrderBatch = 512;
/// A batch is not begun with less credit than this: hardly a message fits.
constexpr std::uint64_t kCreditBytesMin = 256;

}  // namespace

TrackerCore::TrackerCore(TrackerCoreOptions options, Spool& spool, const Clock& clock,
                         Random random)
    : options_(std::move(options)), spool_(spool), clock_(clock), random_(std::move(random)) {}

Result<std::unique_ptr<TrackerCore>> TrackerCore::open(TrackerCoreOptions options, Spool& spool,
                                                       const Clock& clock, Random random) {
  std::unique_ptr<TrackerCore> core(
      new TrackerCore(std::move(options), spool, clock, std::move(random)));
  const Result<SpoolContent> content = spool.load();
  if (!content) return content.fault();
  for (std::size_t kind = 0; kind < kMessageKinds; ++kind) {
    for (const IntervalSet::Interval& range : content->rows[kind].intervals()) {
      core->outbox_.add(static_cast<MessageKind>(kind), range.first, range.last);
    }
  }
  core->unsettled_ = core->outbox_.unsettled();
  core->given_up_ = content->given_up;
  core->next_number_ = content->next_number;
  core->reserved_end_ = content->next_number;
  if (core->outbox_.waits(MessageKind::Fix)) core->oldest_waiting_us_ = INT64_MIN;
  return core;
}

Result<std::uint64_t> TrackerCore::take_numbers(std::uint64_t count) {
  if (fault_) return *fault_;
  if (next_number_ + count > reserved_end_) {
    const std::uint64_t end = next_number_ + std::max(count, kNumberBlock);
    if (const Result<void> done = spool_.reserve(end); !done) return done.fault();
    reserved_end_ = end;
  }
  const std::uint64_t first = next_number_;
  next_number_ += count;
  return first;
}

bool TrackerCore::has_room(std::uint64_t messages, std::uint64_t bytes) const {
  const SpoolUsage usage = spool_.usage();
  return usage.messages + messages <= options_.spool_messages_max &&
         usage.bytes + bytes <= options_.spool_bytes_max;
}

Result<std::uint64_t> TrackerCore::publish(MessageKind kind, std::vector<std::byte> payload) {
  if (options_.when_full == WhenFull::Refuse && !has_room(1, payload.size() + kRowBytesExtra)) {
    return Fault{FaultCode::Unavailable, "the spool is full"};
  }
  const Result<std::uint64_t> number = take_numbers(1);
  if (!number) return number.fault();
  std::vector<Row> rows;
  rows.push_back({*number, kind, std::move(payload)});
  if (const Result<void> done = append(rows); !done) return done.fault();
  return *number;
}

Result<void> TrackerCore::append(std::vector<Row>& rows) {
  if (rows.empty()) return {};
  if (fault_) return *fault_;
  const Result<void> written = spool_.write(
      {.rows = rows, .remove = to_remove_, .given_up = given_up_changed_ ? &given_up_ : nullptr});
  if (!written) return written;
  to_remove_.clear();
  to_remove_count_ = 0;
  remove_at_us_ = kNever;
  given_up_changed_ = false;
  const std::int64_t now = clock_.monotonic_us();
  if (!recent_.empty() && recent_.back().row.number + 1 != rows.front().number) {
    recent_.clear();
    recent_bytes_ = 0;
  }
  for (Row& row : rows) {
    outbox_.add(row.kind, row.number, row.number);
    if (row.kind == MessageKind::Fix && oldest_waiting_us_ == kNever) oldest_waiting_us_ = now;
    recent_bytes_ += row_bytes(row);
    recent_.push_back({std::move(row), now});
  }
  unsettled_ += rows.size();
  stats_.published += rows.size();
  rows.clear();
  while (recent_bytes_ > kRecentBytesMax) {
    recent_bytes_ -= row_bytes(recent_.front().row);
    recent_.pop_front();
  }
  if (options_.when_full == WhenFull::GiveUpOldest) {
    // The rows are in; that no room could be made for them is the next call's trouble.
    if (Result<void> done = make_room(); !done) fail(done.fault());
  }
  return {};
}

Result<void> TrackerCore::make_room() {
  if (has_room(0, 0)) return {};
  if (to_remove_count_ != 0) {
    if (Result<void> done = tidy(); !done || has_room(0, 0)) return done;
  }
  // Fixes first; events and states only when nothing else is left.
  for (const MessageKind kind : {MessageKind::Fix, MessageKind::State, MessageKind::Event}) {
    const SpoolUsage usage = spool_.usage();
    const auto over = [](std::uint64_t used, std::uint64_t bound) {
      return used > bound ? used - bound + bound / kGiveUpPart : 0;
    };
    const auto oldest = spool_.oldest(kind, over(usage.messages, options_.spool_messages_max),
                                      over(usage.bytes, options_.spool_bytes_max));
    if (!oldest) return oldest.fault();
    for (const IntervalSet::Interval& range : *oldest) {
      settle(range.first, range.last, Outcome::GivenUp, Refusal::None, "the spool was full");
      given_up_.add(range.first, range.last);
      given_up_changed_ = true;
    }
    if (Result<void> done = tidy(); !done || has_room(0, 0)) return done;
  }
  return {};
}

Result<void> TrackerCore::tidy() {
  if (to_remove_.empty() && !given_up_changed_) return {};
  Result<void> done =
      spool_.write({.remove = to_remove_, .given_up = given_up_changed_ ? &given_up_ : nullptr});
  if (!done) {
    fail(done.fault());
    return done;
  }
  to_remove_.clear();
  to_remove_count_ = 0;
  remove_at_us_ = kNever;
  given_up_changed_ = false;
  return {};
}

std::vector<Delivery> TrackerCore::take_deliveries() {
  if (to_remove_count_ >= kRemoveCountMax) static_cast<void>(tidy());
  return std::exchange(deliveries_, {});
}

const Row* TrackerCore::recent(std::uint64_t number) const {
  if (recent_.empty() || number < recent_.front().row.number) return nullptr;
  const std::uint64_t index = number - recent_.front().row.number;
  return index < recent_.size() ? &recent_[index].row : nullptr;
}

void TrackerCore::note_past() {
  if (!outbox_.waits(MessageKind::Fix)) {
    oldest_waiting_us_ = kNever;
    return;
  }
  if (options_.order != SendOrder::NewestFirst || oldest_waiting_us_ == kNever) return;
  const std::int64_t now = clock_.monotonic_us();
  if (oldest_waiting_us_ != INT64_MIN && now - oldest_waiting_us_ < options_.past_after_us) return;
  outbox_.begin_past();
  // What comes from here on is live until it, too, has waited for too long.
  oldest_waiting_us_ = now;
}

std::vector<const Row*> TrackerCore::rows_of(MessageKind kind, IntervalSet::Interval range,
                                             std::deque<Row>& held) {
  std::vector<const Row*> rows;
  if (recent(range.first) != nullptr) {
    for (auto number = range.first; number <= range.last; ++number) rows.push_back(recent(number));
    return rows;
  }
  IntervalSet there;
  const Result<void> read = spool_.read(kind, range.first, range.last, [&](Row&& row) {
    there.add(row.number, row.number);
    rows.push_back(&held.emplace_back(std::move(row)));
    return true;
  });
  if (!read) {
    fail(read.fault());
    return {};
  }
  for (const IntervalSet::Interval& gone : there.missing(range.first, range.last)) give_up(gone);
  return rows;
}

void TrackerCore::give_up(IntervalSet::Interval range) {
  settle(range.first, range.last, Outcome::GivenUp, Refusal::Malformed, "damaged in the spool");
  given_up_.add(range.first, range.last);
  given_up_changed_ = true;
}

void TrackerCore::fill(BatchWriter& writer, MessageKind kind, std::deque<Row>& held) {
  // About what fits, so that little is read in vain.
  const std::uint64_t count_max = alone_ ? 1 : 1024;
  IntervalSet seen;
  while (!fault_) {
    const auto ranges = outbox_.next(kind, count_max, seen);
    if (ranges.empty()) return;
    for (const IntervalSet::Interval& range : ranges) {
      auto rows = rows_of(kind, range, held);
      // The past goes backwards: of what does not fit, the older part is left.
      if (kind == MessageKind::Fix && outbox_.is_past(range.last)) {
        std::reverse(rows.begin(), rows.end());
      }
      for (const Row* row : rows) {
        if (writer.add(*row)) {
          if (alone_) return;
        } else if (writer.damaged()) {
          give_up({row->number, row->number});
        } else {
          return;
        }
      }
      seen.add(range.first, range.last);
    }
  }
}

/// Messages and numbers that were given up, from the lowest on without a gap: so the hub's holes
/// are filled, and none are made.
void TrackerCore::fill_in_order(BatchWriter& writer, std::deque<Row>& held, Ranges& told) {
  const Ranges untold = untold_given_up();
  auto gone = untold.begin();
  const auto tell_below = [&](std::uint64_t number) {
    for (; gone != untold.end() && gone->first < number; ++gone) {
      if (!writer.add_given_up(*gone)) return false;
      told.push_back(*gone);
    }
    return true;
  };
  std::uint64_t chosen = 0;
  for (const auto& [kind, range] : outbox_.lowest(kInOrderBatch)) {
    for (const Row* row : rows_of(kind, range, held)) {
      if (!tell_below(row->number)) return;
      ++chosen;
      if (writer.add(*row)) continue;
      if (!writer.damaged()) return;
      give_up({row->number, row->number});
    }
  }
  if (chosen < kInOrderBatch) static_cast<void>(tell_below(UINT64_MAX));
}

TrackerCore::Ranges TrackerCore::untold_given_up() const {
  Ranges untold;
  for (const IntervalSet::Interval& range : given_up_.intervals()) {
    if (untold.size() == limits::kGivenUpRangesMax) break;
    if (!given_up_told_.contains(range.first, range.last)) untold.push_back(range);
  }
  return untold;
}

void TrackerCore::fill(BatchWriter& writer, std::deque<Row>& held, Ranges& told) {
  if (in_order_ != 0 && !alone_) return fill_in_order(writer, held, told);
  if (!alone_) {
    for (const IntervalSet::Interval& range : untold_given_up()) {
      if (!writer.add_given_up(range)) break;
      told.push_back(range);
    }
  }
  for (const MessageKind kind : {MessageKind::Event, MessageKind::State, MessageKind::Fix}) {
    if (!alone_ || writer.rows() == 0) fill(writer, kind, held);
  }
}

std::optional<std::vector<std::byte>> TrackerCore::batch() {
  const std::uint64_t credit = granted_bytes_ > sent_bytes_ ? granted_bytes_ - sent_bytes_ : 0;
  if (credit < kCreditBytesMin || (alone_ && outbox_.on_the_way())) return std::nullopt;
  note_past();
  const std::size_t bytes_max = std::min<std::uint64_t>(credit, batch_bytes_max_);
  BatchWriter writer(spool_.id(), bytes_max);
  Ranges told;
  std::deque<Row> held;
  fill(writer, held, told);
  if (writer.empty() || fault_) return std::nullopt;
  const auto numbers = writer.numbers();
  std::vector<std::byte> bytes = writer.finish(clock_.utc_us());
  if (bytes.size() > credit) return std::nullopt;  // a single large message: more credit comes
  in_order_ -= std::min<std::uint64_t>(in_order_, writer.rows());
  for (const auto& [kind, range] : numbers) outbox_.sent(kind, range.first, range.last);
  for (const IntervalSet::Interval& range : told) given_up_told_.add(range.first, range.last);
  sent_bytes_ += bytes.size();
  stats_.sent_batches += 1;
  stats_.sent_bytes += bytes.size();
  return bytes;
}

std::optional<std::vector<std::byte>> TrackerCore::next_message() {
  if (fault_ || !link_is_up_) return std::nullopt;
  if (hello_due_) return hello();
  if (state_ != State::Ready) return std::nullopt;
  std::optional<std::vector<std::byte>> message;
  const bool untold = given_up_told_.count() < given_up_.count();
  if (outbox_.waits() || untold) message = batch();
  note_awaiting();
  return message;
}

}  // namespace vigie::client
