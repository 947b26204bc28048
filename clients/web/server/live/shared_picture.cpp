#include "clients/web/server/live/shared_picture.h"

#include <algorithm>

#include "clients/web/server/live/frame_writer.h"

namespace vigie::web {
namespace {

constexpr std::uint8_t kStays = static_cast<std::uint8_t>(wire::FixFlag::Late) |
                                static_cast<std::uint8_t>(wire::FixFlag::Aside);

bool moves(const wire::PageFix& fix) {
  return (fix.flags() & kStays) == 0;
}

}  // namespace

/// The frame that is being filled.
struct SharedPicture::Pending {
  FrameWriter writer;
  FrameHead head;
  std::int64_t now_us = 0;
  /// Seqs of what is taken rise, so that each frame is a place to go on from. In a snapshot those
  /// of its units and cards do not: from its frames but the last only events go on.
  bool in_order = true;
  std::vector<std::uint32_t> left = {};  // units that left in this frame
};

SharedPicture::SharedPicture(const SharedPictureOptions& options)
    : options_(options),
      events_(options.events_max, options.event_bytes_max),
      ring_(options.ring_bytes_max) {}

void SharedPicture::take(const std::vector<Change>& changes, std::int64_t now_us,
                         std::int64_t hub_time_us) {
  Pending frame;
  frame.now_us = now_us;
  hub_time_us_ = hub_time_us;
  if (first_seq_ == 0) {
    // What is said from the first event on is whole; without one, from the picture's end on.
    std::uint64_t floor = UINT64_MAX;
    for (const Change& change : changes) {
      if (const auto* end = std::get_if<PictureEnds>(&change)) floor = std::min(floor, end->seq);
      const auto* said = std::get_if<EventSaid>(&change);
      if (said != nullptr && said->event->seq != 0) floor = std::min(floor, said->event->seq - 1);
    }
    if (floor != UINT64_MAX) events_.begin(floor);
  }
  frame.in_order = std::none_of(changes.begin(), changes.end(), [](const Change& change) {
    return std::holds_alternative<PictureEnds>(change);
  });
  for (const Change& change : changes) {
    take_one(change, frame);
    if (frame.writer.bytes() >= options_.frame_bytes_goal) close(frame);
  }
  frame.in_order = true;
  if (!frame.writer.empty() || frame.head.lost_last != 0 || frame.head.conflated != 0) {
    close(frame);
  }
}

void SharedPicture::take_one(const Change& change, Pending& frame) {
  if (const auto* fix = std::get_if<wire::PageFix>(&change)) {
    take_fix(*fix, frame);
  } else if (const auto* named = std::get_if<UnitNamed>(&change)) {
    take_name(*named, frame);
  } else if (const auto* left = std::get_if<UnitLeft>(&change)) {
    take_leave(*left, frame);
  } else if (const auto* said = std::get_if<EventSaid>(&change)) {
    take_event(*said, frame);
  } else if (const auto* told = std::get_if<CardTold>(&change)) {
    take_card(*told, frame);
  } else if (const auto* lost = std::get_if<SeqsLost>(&change)) {
    // Frames tell one range: several become the range that holds them.
    frame.head.lost_first =
        frame.head.lost_last == 0 ? lost->first : std::min(frame.head.lost_first, lost->first);
    frame.head.lost_last = std::max(frame.head.lost_last, lost->last);
    events_.add({lost->last, nullptr, nullptr, *lost});
  } else if (const auto* left_out = std::get_if<LeftOut>(&change)) {
    frame.head.conflated += left_out->fixes;
  } else if (const auto* end = std::get_if<PictureEnds>(&change)) {
    if (first_seq_ == 0) first_seq_ = std::max<std::uint64_t>(end->seq, 1);
    event_seq_ = std::max(event_seq_, end->seq);
    fix_seq_ = std::max({fix_seq_, end->seq, first_seq_});
    listed_seq_ = fix_seq_;
  }
}

LiveUnit& SharedPicture::unit_at(std::uint32_t index) {
  if (units_.size() <= index) units_.resize(std::size_t{index} + 1);
  return units_[index];
}

void SharedPicture::take_name(const UnitNamed& named, Pending& frame) {
  LiveUnit& unit = unit_at(named.unit);
  if (unit.name.empty()) {
    unit.name = named.name;
    by_name_.emplace(named.name, named.unit);
    name_bytes_ += 2 * named.name.size() + named.group.size() + 96;
  } else if (unit.group != named.group) {
    ++regroupings_;
    unit.group_version = version_ + 1;
  }
  unit.group = named.group;
  frame.writer.name(named.unit, named.name, named.group);
}

void SharedPicture::touch(std::uint32_t index) {
  LiveUnit& unit = units_[index];
  unit.version = ++version_;
  if (last_moved_ == index) return;
  if (unit.earlier != kNoUnit) units_[unit.earlier].later = unit.later;
  if (unit.later != kNoUnit) units_[unit.later].earlier = unit.earlier;
  if (first_moved_ == index) first_moved_ = unit.later;
  unit.earlier = last_moved_;
  unit.later = kNoUnit;
  if (last_moved_ != kNoUnit) units_[last_moved_].later = index;
  last_moved_ = index;
  if (first_moved_ == kNoUnit) first_moved_ = index;
}

void SharedPicture::take_fix(const wire::PageFix& fix, Pending& frame) {
  LiveUnit& unit = unit_at(fix.unit());
  // A snapshot lists again what stands already.
  if (unit.present && fix.seq() <= unit.newest.seq() && moves(fix)) return;
  // The leaves of a frame hold behind its fixes.
  const bool has_left =
      std::find(frame.left.begin(), frame.left.end(), fix.unit()) != frame.left.end();
  if (has_left) close(frame);
  frame.writer.fix(fix);
  fix_seq_ = std::max(fix_seq_, fix.seq());
  if (static_cast<std::int32_t>(fix.count() - unit.count) > 0 || !unit.present) {
    unit.count = fix.count();
  }
  if (!moves(fix)) return;
  unit.newest = fix;
  unit.present = true;
  touch(fix.unit());
}

void SharedPicture::take_leave(const UnitLeft& left, Pending& frame) {
  LiveUnit& unit = unit_at(left.unit);
  if (!unit.present) return;
  unit.present = false;
  unit.gone_seq = left.seq;
  touch(left.unit);
  frame.left.push_back(left.unit);
  frame.writer.leave(left.unit);
}

void SharedPicture::take_event(const EventSaid& said, Pending& frame) {
  frame.writer.event(*said.event);
  event_seq_ = std::max(event_seq_, said.event->seq);
  events_.add({said.event->seq, said.event, nullptr, {}});
}

void SharedPicture::take_card(const CardTold& told, Pending& frame) {
  const auto found = cards_.find(told.card->unit);
  if (found != cards_.end() && found->second->seq >= told.card->seq && !told.card->deleted) return;
  if (told.card->deleted) {
    if (found != cards_.end()) cards_.erase(found);
  } else {
    cards_.insert_or_assign(told.card->unit, told.card);
  }
  frame.writer.card(*told.card);
  event_seq_ = std::max(event_seq_, told.card->seq);
  events_.add({told.card->seq, nullptr, told.card, {}});
}

void SharedPicture::close(Pending& frame) {
  frame.head.event_seq = event_seq_;
  frame.head.fix_seq = frame.in_order ? fix_seq_ : 0;
  frame.head.hub_time_us = hub_time_us_;
  ring_.push({frame.writer.finish(frame.head), frame.now_us, version_, events_.end(), {}});
  frame.head = {};
  frame.left.clear();
}

void SharedPicture::clear() {
  for (LiveUnit& unit : units_) {
    unit.present = false;
    unit.newest = {};
    unit.count = 0;
    unit.version = unit.group_version = 0;
    unit.gone_seq = 0;
    unit.earlier = unit.later = kNoUnit;
  }
  first_moved_ = last_moved_ = kNoUnit;
  cards_.clear();
  events_.begin(0);
  ring_.clear();
  event_seq_ = fix_seq_ = first_seq_ = listed_seq_ = 0;
}

const LiveUnit* SharedPicture::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &units_[found->second];
}

std::size_t SharedPicture::bytes() const {
  return units_.capacity() * sizeof(LiveUnit) + name_bytes_ + events_.bytes() + ring_.bytes() +
         cards_.size() * (sizeof(wire::CardT) + 128);
}

}  // namespace vigie::web
