#include "clients/cpp/core/shown.h"

#include <algorithm>

namespace vigie::client {
namespace {

bool has_flag(const wire::FrameHeader& header, wire::FrameFlag flag) {
  return (header.flags() & static_cast<unsigned>(flag)) != 0;
}

std::uint64_t seq_of(const Item& item) {
  return std::visit(Match{[](const FixItem& it) { return it.stamp.seq; },
                          [](const EventItem& it) { return it.stamp.seq; },
                          [](const StateItem& it) { return it.stamp.seq; },
                          [](const LeaveItem& it) { return it.seq; },
                          [](const auto&) { return std::uint64_t{0}; }},
                    item);
}

/// How far running count `b` is beyond `a`, modulo 2^32; 0 when it is not beyond.
std::uint32_t beyond(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(b - a) > 0 ? b - a : 0;
}

}  // namespace

void Shown::take(const Frame& frame, Position had, std::vector<Item>& items) {
  const wire::FrameHeader& header = frame.header();
  kind_ = header.kind();
  frame_conflated_ = frame_conflated_units_ = 0;
  const auto begin = static_cast<std::ptrdiff_t>(items.size());
  for_each_body(frame, [&](Bytes body) { take_body(body, header, had, items); });
  // A batch that was cut for a view lists events before states before fixes, whatever their seqs.
  const auto before = [](const Item& a, const Item& b) { return seq_of(a) < seq_of(b); };
  if (!std::is_sorted(items.begin() + begin, items.end(), before)) {
    std::stable_sort(items.begin() + begin, items.end(), before);
  }
  if (frame_conflated_ != 0) {
    conflated_ += frame_conflated_;
    items.emplace_back(ConflatedItem{frame_conflated_, frame_conflated_units_});
  }
}

void Shown::take_page(const Frame& page, Position had, std::vector<Item>& items) {
  const wire::FrameHeader& header = page.header();
  if (has_flag(header, wire::FrameFlag::FirstPage)) {
    begin_snapshot(has_flag(header, wire::FrameFlag::Replace), items);
  }
  take(page, had, items);
  if (has_flag(header, wire::FrameFlag::LastPage)) end_snapshot(header, items);
}

void Shown::begin_snapshot(bool replaces, std::vector<Item>& items) {
  staging_.reset();
  staging_states_.clear();
  if (replaces) staging_.emplace();
  snapshot_high_ = 0;
  page_units_ = page_states_ = 0;
  items.emplace_back(SnapshotBegin{replaces});
}

void Shown::end_snapshot(const wire::FrameHeader& header, std::vector<Item>& items) {
  if (staging_) {
    for (const Unit& unit : picture_.units()) {
      if (unit.seq == 0 || staging_->find_unit(unit.name) != nullptr) continue;
      counts_.erase(unit.name);
      items.emplace_back(LeaveItem{unit.name, StateKind::None, header.last()});
    }
    for (const auto& [key, state] : states_) {
      if (state.deleted || staging_states_.contains(key)) continue;
      items.emplace_back(LeaveItem{key.second, static_cast<StateKind>(key.first), header.last()});
    }
    picture_ = std::move(*staging_);
    states_ = std::move(staging_states_);
    staging_.reset();
    staging_states_.clear();
  }
  items.emplace_back(SnapshotEnd{header.last(), header.time_us(), page_units_, page_states_});
}

void Shown::take_body(Bytes body, const wire::FrameHeader& header, Position had,
                      std::vector<Item>& items) {
  const auto& body_header = *reinterpret_cast<const wire::BodyHeader*>(body.data());
  // Most bodies are new from the first entry to the last, and are folded as they lie.
  all_new_ = kind_ != wire::FrameKind::Snapshot &&
             body_header.first_seq() > std::max({had.fix, had.event, snapshot_high_});
  std::vector<const wire::Leaves*> leaves;
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    switch (block->header->kind()) {
      case wire::BlockKind::Batch:
        take_batch({header.log(), *block->header, block->batch()}, had, items);
        break;
      case wire::BlockKind::Leaves:
        leaves.push_back(&block->leaves());
        break;
      case wire::BlockKind::Void:
        lose(block->void_range().first(), block->void_range().last());
        break;
      default:
        break;
    }
  }
  if (all_new_) {
    fold(body);
  } else if (!fresh_.empty()) {
    fold(fresh_.finish(body_header.known_time_us())->bytes());
  }
  // A unit may have come in and left within one body.
  for (const wire::Leaves* some : leaves) take_leaves(*some, had, items);
}

void Shown::fold(Bytes body) {
  current().fold(body);
  if (staging_ && !is_staged()) staging_->fold(body);
}

void Shown::take_batch(const EntryPlace& place, Position had, std::vector<Item>& items) {
  for (const wire::Event* event : each(place.batch.events())) {
    const std::uint64_t seq = first_seq_of(event->stamp());
    if (seq <= had.event) continue;
    const wire::Spool spool = spool_of(event->spool(), place.batch.spool());
    if (!events_.none_lost() && events_.comes_again(seq, spool, event->number())) continue;
    if (seq > durable_) events_.add(seq, spool, event->number());
    ++event_count_;
    items.emplace_back(event_item(place, *event));
  }
  const bool page = kind_ == wire::FrameKind::Snapshot;
  for (const wire::State* state : each(place.batch.states())) {
    const std::uint64_t seq = first_seq_of(state->stamp());
    if (!page && seq <= had.event) continue;
    const bool was_shown = shows(*state);
    const bool newer = wins(*state, is_staged() ? staging_states_ : states_);
    // What comes between the pages of a replacing snapshot belongs to both pictures.
    if (!page && staging_) wins(*state, staging_states_);
    if (!newer) continue;
    if (!all_new_) fresh_.add_state(*state, spool_of(state->spool(), place.batch.spool()));
    if (page) snapshot_high_ = std::max(snapshot_high_, seq);
    // A page lists what was deleted, to be remembered: who never saw it is told nothing of it.
    if (page && state->deleted() && !was_shown) continue;
    if (page) ++page_states_;
    StateItem item = state_item(place, *state);
    item.snapshot = page;
    items.emplace_back(std::move(item));
  }
  for (const wire::UnitFixes* section : each(place.batch.fixes())) {
    take_fixes(place, *section, had, items);
  }
}

bool Shown::shows(const wire::State& state) const {
  const auto found = states_.find({state.kind(), std::string(text_of(state.name()))});
  return found != states_.end() && !found->second.deleted;
}

bool Shown::wins(const wire::State& state, States& states) {
  const wire::Stamp stamp = state.stamp() == nullptr ? wire::Stamp() : *state.stamp();
  const std::int64_t order =
      order_us(state.true_time_us(), state.clock(), stamp.clock_offset_us(), stamp.known_time_us());
  StateShown& shown = states[{state.kind(), std::string(text_of(state.name()))}];
  const bool older =
      order < shown.order_us || (order == shown.order_us && stamp.first_seq() <= shown.seq);
  if (shown.seq != 0 && older) return false;
  shown = {stamp.first_seq(), order, state.deleted()};
  return true;
}

void Shown::take_fixes(const EntryPlace& place, const wire::UnitFixes& section, Position had,
                       std::vector<Item>& items) {
  const std::string_view name = text_of(section.unit());
  const wire::Stamp stamp = section.stamp() == nullptr ? wire::Stamp() : *section.stamp();
  const auto count = static_cast<std::uint32_t>(size_of(section.fixes()));
  const bool page = kind_ == wire::FrameKind::Snapshot;
  std::uint32_t begin = 0;
  if (!all_new_) {
    const Unit* unit = current().find_unit(name);
    const std::uint64_t had_seq = std::max(page ? 0 : had.fix, unit == nullptr ? 0 : unit->seq);
    while (begin < count && stamp.first_seq() + begin <= had_seq) ++begin;
    if (begin == count) return;
    const std::size_t bytes = section.readings_bytes();
    const bool has_readings = bytes != 0 && size_of(section.readings()) >= bytes * count;
    std::span<const std::uint8_t> readings;
    if (has_readings)
      readings = {section.readings()->data() + begin * bytes, (count - begin) * bytes};
    fresh_.add_fixes({.unit = name,
                      .group = text_of(section.group()),
                      .stamp = wire::Stamp(stamp.first_seq() + begin, stamp.known_time_us(),
                                           stamp.clock_offset_us(), stamp.first_count() + begin,
                                           stamp.late_since()),
                      .spool = spool_of(section.spool(), place.batch.spool()),
                      .first_number = section.first_number() + begin,
                      .fixes = {reinterpret_cast<const wire::Fix*>(section.fixes()->Data()) + begin,
                                count - begin},
                      .readings = readings,
                      .readings_bytes = static_cast<std::uint16_t>(has_readings ? bytes : 0)});
  }
  auto counted = counts_.find(name);
  const std::uint32_t first_count = stamp.first_count() + begin;
  std::uint32_t left_out = 0;
  if (kind_ != wire::FrameKind::Live && counted != counts_.end()) {
    left_out = beyond(counted->second + 1, first_count);
    // A page's late fixes may still come in the feed behind it; a conflated frame stands for all up
    // to its end.
    if (!page) left_out += stamp.late_since();
  }
  const std::uint32_t last_count = stamp.first_count() + count - 1 + stamp.late_since();
  if (counted == counts_.end()) {
    counts_.emplace(name, last_count);
  } else if (kind_ != wire::FrameKind::Live || beyond(counted->second, last_count) != 0) {
    counted->second = last_count;
  }
  for (std::uint32_t i = begin; i < count; ++i) {
    FixItem item = fix_item(place, section, i);
    item.snapshot = page;
    if (i == begin) item.conflated = left_out;
    items.emplace_back(std::move(item));
  }
  fixes_ += count - begin;
  if (left_out != 0) {
    frame_conflated_ += left_out;
    ++frame_conflated_units_;
  }
  if (page) {
    snapshot_high_ = std::max(snapshot_high_, stamp.first_seq() + count - 1);
    ++page_units_;
  }
}

void Shown::take_leaves(const wire::Leaves& leaves, Position had, std::vector<Item>& items) {
  for (const wire::Leave* leave : each(leaves.leaves())) {
    const std::string name(text_of(leave->unit()));
    const Unit* unit = current().find_unit(name);
    if (unit != nullptr && leave->seq() > had.fix) {
      items.emplace_back(LeaveItem{name, StateKind::None, leave->seq()});
    }
    if (forget(current(), name, leave->seq())) counts_.erase(name);
    if (staging_ && !is_staged()) forget(*staging_, name, leave->seq());
  }
}

bool Shown::forget(Picture& picture, const std::string& name, std::uint64_t leave_seq) {
  const Unit* unit = picture.find_unit(name);
  // It may have come in again since.
  if (unit == nullptr || unit->seq > leave_seq) return false;
  picture.forget_unit(name);
  return true;
}

}  // namespace vigie::client
