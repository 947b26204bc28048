#include "clients/cpp/recording/tally.h"

#include <algorithm>

namespace vigie::client::recording {
namespace {

/// More of them than any recording has; beyond, the last one is widened.
constexpr std::size_t kDamagedMax = 1024;

Fault wrong(const char* what) {
  return {FaultCode::Invalid, what};
}

void add_damaged(std::vector<SeqRange>& all, const SeqRange& range) {
  const auto is_it = [&](const SeqRange& one) {
    return one.first == range.first && one.last == range.last;
  };
  if (std::any_of(all.begin(), all.end(), is_it)) return;
  if (all.size() < kDamagedMax) {
    all.push_back(range);
  } else {
    all.back() = {std::min(all.back().first, range.first), std::max(all.back().last, range.last)};
  }
}

}  // namespace

Result<std::vector<Item>> Tally::take(Bytes message) {
  ++counts_.messages;
  if (is_frame(message)) return take_frame(message);
  const AlignedBytes aligned(message);
  if (const auto* state = verified<wire::ReplayState>(aligned.bytes())) return take_state(*state);
  const auto* open = verified<wire::Open>(aligned.bytes());
  const auto* opened = verified<wire::Opened>(aligned.bytes());
  if (open == nullptr && opened == nullptr) return wrong("it is no message of a replay");
  const Result<void> taken = open != nullptr ? take_open(*open) : take_opened(*opened);
  if (!taken) return taken.fault();
  return std::vector<Item>();
}

Result<void> Tally::take_open(const wire::Open& open) {
  const bool known = open.start() == wire::StartKind::KnownTime;
  if (open.mode() != wire::Mode::Replay || (!known && open.start() != wire::StartKind::TrueTime)) {
    return wrong("it asks for no replay");
  }
  const ReplayClock clock = known ? ReplayClock::Known : ReplayClock::True;
  stage_ = Stage::Asked;
  if (order_) {
    // The link was cut, and it goes on from there.
    if (clock != about_.clock) return wrong("it asks for the other clock");
    return {};
  }
  order_.emplace(clock);
  about_.program = text_of(open.client());
  if (open.view() != nullptr) about_.view = from_wire(*open.view());
  about_.clock = clock;
  about_.from_us = open.time_us();
  about_.until_us = open.until_us();
  about_.grant = text_of(open.grant());
  return {};
}

Result<void> Tally::take_opened(const wire::Opened& opened) {
  if (stage_ != Stage::Asked) return wrong("it opens what was not asked for");
  const Id128 log = opened.log() != nullptr ? from_wire(*opened.log()) : Id128();
  if (counts_.openings != 0 && log != about_.log) return wrong("it is of another log");
  stage_ = Stage::Open;
  order_->opened();
  counts_.complete = false;
  if (counts_.openings++ != 0) return {};
  about_.log = log;
  about_.hub_key = text_of(opened.hub_key());
  about_.opened_us = opened.known_time_us();
  return {};
}

Result<std::vector<Item>> Tally::take_frame(Bytes message) {
  if (stage_ != Stage::Open) return wrong("a frame comes before its session");
  const auto frame = Frame::parse(message);
  if (!frame) return frame.fault();
  if (frame->header().kind() != wire::FrameKind::Replay) return wrong("it is no replay's frame");
  counts_.complete = false;
  std::vector<Item> items = order_->take(*frame);
  for (const Item& item : items) count(item);
  return items;
}

Result<std::vector<Item>> Tally::take_state(const wire::ReplayState& state) {
  if (stage_ != Stage::Open) return wrong("a replay's state comes before its session");
  const ReplayItem item = from_wire(state);
  const bool is_told = item.request == 0;  // else it answers who steers, and may be a stop
  counts_.complete = is_told && item.phase == ReplayPhase::Ended;
  // The hub says at the beginning what it does not keep any more, and again at the end.
  const bool is_begin = is_told && item.phase == ReplayPhase::Playing && counts_.gone.empty();
  if ((counts_.complete || is_begin) && !item.reason.empty()) counts_.gone = item.reason;
  for (const SeqRange& range : item.damaged) add_damaged(counts_.damaged, range);
  return std::vector<Item>{item};
}

void Tally::count(const Item& item) {
  const std::uint64_t seq = std::visit(Match{[](const FixItem& it) { return it.stamp.seq; },
                                             [](const EventItem& it) { return it.stamp.seq; },
                                             [](const StateItem& it) { return it.stamp.seq; },
                                             [](const auto&) { return std::uint64_t{0}; }},
                                       item);
  counts_.first_seq = counts_.entries == 0 ? seq : std::min(counts_.first_seq, seq);
  counts_.last_seq = std::max(counts_.last_seq, seq);
  ++counts_.entries;
}

}  // namespace vigie::client::recording
