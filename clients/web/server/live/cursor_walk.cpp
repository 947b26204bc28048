// A cursor that walks: events first, then sweeps, then units in the order in which they moved.

#include <algorithm>
#include <utility>

#include "clients/web/server/live/cursor.h"
#include "clients/web/server/live/page_fix.h"

namespace vigie::web {

std::optional<Cursor::Message> Cursor::walk(const SharedPicture& picture, std::int64_t now_us) {
  look_at_groups(picture);
  if (counts_.size() < picture.units().size()) counts_.resize(picture.units().size(), 0);
  FrameWriter out;
  FrameHead head;
  say(picture, out, head);
  const bool said = !out.empty() || head.lost_last != 0;
  if (sweep_ == Sweep::Snapshot && !said) {
    head.kind = wire::FrameKind::Snapshot;
    head.first_page = std::exchange(first_page_, false);
    head.last_page = sweep(picture, out);
    if (head.last_page) end_sweep();
    return finish(picture, out, head);
  }
  // Live events go between the pages of a snapshot, in frames of their own.
  if (sweep_ != Sweep::Snapshot && !is_full(out)) {
    if (sweep_ != Sweep::None && sweep(picture, out)) end_sweep();
    if (sweep_ == Sweep::None && !is_full(out)) pass(picture, now_us, out, head);
    if (sweep_ == Sweep::None && !is_full(out)) take_turns(picture, now_us, out);
  }
  std::optional<Message> message;
  if (!out.empty() || head.lost_last != 0) message = finish(picture, out, head);
  const bool caught_up = sweep_ == Sweep::None && pass_end_ == 0 &&
                         version_at_ == picture.version() && !gap_ && early_.empty() &&
                         event_at_ == picture.events().end();
  if (caught_up && !paced()) get_on(picture);
  return message;
}

void Cursor::say(const SharedPicture& picture, FrameWriter& out, FrameHead& head) {
  while (!early_.empty() && !is_full(out)) {
    event_seq_ = std::max(event_seq_, early_.front().seq);
    say_one(early_.front(), out, head);
    early_.pop_front();
  }
  if (early_.empty()) event_seq_ = std::max(event_seq_, std::exchange(early_end_, 0));
  if (gap_ || !early_.empty()) return;
  const EventLog& events = picture.events();
  if (event_at_ < events.first()) {
    gap_ = true;
    return;
  }
  for (; event_at_ < events.end() && !is_full(out); ++event_at_) {
    const Said& said = events.at(event_at_);
    event_seq_ = std::max(event_seq_, said.seq);
    say_one(said, out, head);
  }
  if (event_at_ == events.end()) event_seq_ = std::max(event_seq_, picture.event_seq());
}

void Cursor::say_one(const Said& said, FrameWriter& out, FrameHead& head) {
  if (said.event != nullptr) {
    if (filter_.takes_event(said.event->unit, said.event->group)) out.event(*said.event);
  } else if (said.card != nullptr) {
    if (filter_.takes_card(said.card->unit, said.card->group)) out.card(*said.card);
  } else if (said.lost.last != 0) {
    head.lost_first =
        head.lost_last == 0 ? said.lost.first : std::min(head.lost_first, said.lost.first);
    head.lost_last = std::max(head.lost_last, said.lost.last);
  }
}

std::optional<std::uint64_t> Cursor::wants_early(const SharedPicture& picture) {
  if (!riding_ && event_at_ < picture.events().first() && early_.empty()) gap_ = true;
  if (!gap_ || !early_.empty()) return std::nullopt;
  return event_seq_;
}

void Cursor::end_early(const SharedPicture& picture, std::uint64_t seq) {
  if (!gap_) return;
  // Whoever comes back between two frames has the rest of early_ still to get.
  early_end_ = std::max(early_end_, seq);
  if (early_.empty()) event_seq_ = std::max(event_seq_, std::exchange(early_end_, 0));
  const auto place = picture.events().after(seq);
  if (!place) return;
  gap_ = false;
  event_at_ = *place;
}

bool Cursor::wants(const LiveUnit& unit, std::uint32_t index) {
  return unit.present && filter_.takes_unit(index, unit.name, unit.group) &&
         (paces_outside() || is_near(unit, index));
}

bool Cursor::sweep(const SharedPicture& picture, FrameWriter& out) {
  if (sweep_cards_) {
    for (auto at = picture.cards().upper_bound(card_at_); at != picture.cards().end(); ++at) {
      if (is_full(out)) return false;
      const wire::CardT& card = *at->second;
      card_at_ = at->first;
      if (!filter_.takes_card(card.unit, card.group)) continue;
      if (cards_taken_ && cards_taken_->takes_card(card.unit, card.group)) continue;
      out.card(card);
    }
    sweep_cards_ = false;
    cards_taken_.reset();
  }
  for (; sweep_at_ < picture.units().size(); ++sweep_at_) {
    if (is_full(out)) return false;
    sweep_unit(picture, sweep_at_, out);
  }
  return true;
}

void Cursor::sweep_unit(const SharedPicture& picture, std::uint32_t index, FrameWriter& out) {
  const LiveUnit& unit = picture.units()[index];
  if (unit.version == 0) return;
  const std::uint64_t changed =
      unit.present ? unit.newest.seq() : std::max(unit.newest.seq(), unit.gone_seq);
  if (!wants(unit, index)) {
    // Whoever comes back may show what went out of view meanwhile.
    const bool went = sweep_ == Sweep::Resume && changed > sweep_since_;
    if (went || shown_.has(index)) leave(unit, index, out);
    return;
  }
  bool comes = !shown_.has(index);
  if (sweep_ == Sweep::Resume) comes = comes && changed > sweep_since_;
  if (sweep_ == Sweep::Interest) comes = comes || is_owed(unit, index);
  if (comes) put(unit, index, out);
  shown_.set(index);
}

void Cursor::pass(const SharedPicture& picture, std::int64_t now_us, FrameWriter& out,
                  FrameHead& head) {
  if (pass_end_ == 0) {
    if (version_at_ == picture.version()) {
      fix_seq_ = picture.fix_seq();
      return;
    }
    if (paced() && now_us < next_fix_us_) return;
    pass_end_ = picture.version();
    pass_fix_seq_ = picture.fix_seq();
    next_fix_us_ = now_us + std::int64_t{filter_.interest().pace_ms} * 1000;
  }
  const auto& units = picture.units();
  std::uint32_t first = kNoUnit;
  for (std::uint32_t at = picture.last_moved(); at != kNoUnit && units[at].version > version_at_;
       at = units[at].earlier) {
    first = at;
    if (units[at].group_version > version_at_) named_.set(at, false);
  }
  for (std::uint32_t at = first; at != kNoUnit && units[at].version <= pass_end_;
       at = units[at].later) {
    if (is_full(out)) return;
    pass_unit(picture, at, out, head);
    version_at_ = units[at].version;
  }
  version_at_ = pass_end_;
  fix_seq_ = pass_fix_seq_;
  pass_end_ = 0;
}

void Cursor::pass_unit(const SharedPicture& picture, std::uint32_t index, FrameWriter& out,
                       FrameHead& head) {
  const LiveUnit& unit = picture.units()[index];
  if (!wants(unit, index)) {
    if (shown_.has(index)) leave(unit, index, out);
    return;
  }
  if (!is_near(unit, index)) {  // its turn comes, or came since it moved
    if (shown_.has(index)) name(unit, index, out);
    counts_[index] = unit.count;
    return;
  }
  const std::uint32_t since = unit.count - counts_[index];
  if (shown_.has(index)) {
    if (since == 0) {  // a sweep brought it
      name(unit, index, out);
      return;
    }
    if (static_cast<std::int32_t>(since) > 1) head.conflated += since - 1;
  }
  put(unit, index, out);
}

void Cursor::put(const LiveUnit& unit, std::uint32_t index, FrameWriter& out) {
  name(unit, index, out);
  const unsigned snapshot =
      sweep_ == Sweep::None ? 0 : static_cast<unsigned>(wire::FixFlag::Snapshot);
  out.fix(with_flags(unit.newest, unit.newest.flags() | snapshot));
  counts_[index] = unit.count;
  shown_.set(index);
}

void Cursor::leave(const LiveUnit& unit, std::uint32_t index, FrameWriter& out) {
  name(unit, index, out);
  out.leave(index);
  shown_.set(index, false);
}

void Cursor::end_sweep() {
  sweep_ = Sweep::None;
  owes_ = paces_outside();
}

std::int64_t Cursor::wakeup_us(const SharedPicture& picture) const {
  if (sweep_ != Sweep::None) return kNever;
  const bool waits = !riding_ && paced() && (pass_end_ != 0 || version_at_ != picture.version());
  const bool turns = paces_outside() && !turns_.has_all(picture.version());
  return std::min(waits ? next_fix_us_ : kNever, turns ? turns_.next_us() : kNever);
}

}  // namespace vigie::web
