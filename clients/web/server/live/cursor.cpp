// A cursor that rides the ring, and how it gets on and off.

#include "clients/web/server/live/cursor.h"

#include <algorithm>

namespace vigie::web {
namespace {

constexpr unsigned kStays =
    static_cast<unsigned>(wire::FixFlag::Late) | static_cast<unsigned>(wire::FixFlag::Aside);

}  // namespace

Cursor::Cursor(bool json, Interest interest, std::size_t frame_bytes_goal)
    : json_(json), frame_bytes_goal_(frame_bytes_goal), filter_(std::move(interest)) {}

void Cursor::begin(const SharedPicture& picture) {
  riding_ = false;
  shown_.clear();
  counts_.clear();
  for (const LiveUnit& unit : picture.units()) counts_.push_back(unit.count);
  filter_.forget();
  early_.clear();
  early_end_ = 0;
  gap_ = false;
  event_at_ = picture.events().end();
  event_seq_ = picture.event_seq();
  version_at_ = picture.version();
  fix_seq_ = picture.fix_seq();
  pass_end_ = 0;
  turns_.begin({picture.version(), picture.fix_seq()});
  owes_ = paces_outside();
  begin_sweep(picture, Sweep::Snapshot, 0);
  ++counts_told_.snapshots;
}

void Cursor::resume(const SharedPicture& picture, const ResumeToken& token) {
  begin(picture);
  event_seq_ = token.event_seq;
  const auto place = picture.events().after(token.event_seq);
  gap_ = !place;
  event_at_ = place.value_or(picture.events().first());
  // What left before the picture was last listed is not known, nor what was to be seen then: it is
  // listed whole.
  if (token.fix_seq <= picture.listed_seq()) return;
  --counts_told_.snapshots;
  fix_seq_ = token.fix_seq;
  begin_sweep(picture, Sweep::Resume, token.fix_seq);
}

void Cursor::begin_sweep(const SharedPicture& picture, Sweep sweep, std::uint64_t since_seq) {
  sweep_ = sweep;
  sweep_since_ = since_seq;
  sweep_at_ = 0;
  sweep_cards_ = sweep == Sweep::Snapshot;
  card_at_.clear();
  cards_taken_.reset();
  first_page_ = sweep == Sweep::Snapshot;
  if (counts_.size() < picture.units().size()) counts_.resize(picture.units().size(), 0);
}

void Cursor::set_interest(const SharedPicture& picture, Interest interest) {
  if (riding_) get_off(picture);
  InterestFilter before = std::exchange(filter_, InterestFilter(std::move(interest)));
  if (!paced()) next_fix_us_ = INT64_MIN;
  if (!owes_) turns_.begin({version_at_, fix_seq_});
  turns_.leave_turn();
  owes_ = owes_ || paces_outside();
  // What the page shows is not known yet while it comes back: then it is listed whole too.
  if (sweep_ == Sweep::Snapshot || sweep_ == Sweep::Resume) {
    shown_.clear();
    begin_sweep(picture, Sweep::Snapshot, 0);
    return;
  }
  const Interest& now = filter_.interest();
  const bool other_cards =
      before.interest().channels != now.channels || before.interest().classes != now.classes;
  const bool whole = before.interest().whole() && now.whole() && !other_cards &&
                     before.interest().units == now.units;
  // A sweep that is left is made up for by the new one.
  const bool cards_wait = sweep_cards_;
  const bool units_wait = sweep_ == Sweep::Interest && !sweep_brings_no_unit_;
  begin_sweep(picture, Sweep::Interest, UINT64_MAX);
  sweep_brings_no_unit_ = whole && !units_wait;
  sweep_cards_ = other_cards || cards_wait;
  if (other_cards && !cards_wait) cards_taken_ = std::move(before);
}

void Cursor::keep_up(const SharedPicture& picture, std::int64_t now_us, std::int64_t ride_us_max) {
  if (!riding_ || frame_at_ == picture.ring().end()) return;
  const bool fell_out = frame_at_ < picture.ring().first() || event_at_ < picture.events().first();
  if (fell_out || now_us - picture.ring().at(frame_at_).at_us > ride_us_max) get_off(picture);
}

void Cursor::get_off(const SharedPicture& picture) {
  riding_ = false;
  const auto& units = picture.units();
  counts_.assign(units.size(), 0);
  for (std::size_t i = 0; i < units.size(); ++i) counts_[i] = units[i].count;
  // Backwards through what was not had: the count before the first fix of each unit stays.
  for (std::uint64_t number = picture.ring().end();
       number > std::max(frame_at_, picture.ring().first()); --number) {
    const auto* fixes = picture.ring().at(number - 1).frame().fixes();
    if (fixes == nullptr) continue;
    for (auto i = fixes->size(); i > 0; --i) {
      const wire::PageFix& fix = *fixes->Get(i - 1);
      counts_[fix.unit()] = fix.count() - 1;
    }
  }
  if (!filter_.interest().everything()) return;
  // Whoever takes everything shows whatever moved.
  for (std::uint32_t i = 0; i < units.size(); ++i) shown_.set(i, units[i].version != 0);
}

void Cursor::get_on(const SharedPicture& picture) {
  riding_ = true;
  frame_at_ = picture.ring().end();
  event_seq_ = picture.event_seq();
  fix_seq_ = picture.fix_seq();
  counts_ = {};
  if (filter_.interest().everything()) shown_ = {};
}

std::optional<Cursor::Message> Cursor::next(const SharedPicture& picture, std::int64_t now_us) {
  if (riding_ && event_at_ < picture.events().first()) get_off(picture);
  if (riding_ && frame_at_ < picture.ring().first()) get_off(picture);
  return riding_ ? ride(picture, now_us) : walk(picture, now_us);
}

std::optional<Cursor::Message> Cursor::ride(const SharedPicture& picture, std::int64_t now_us) {
  if (frame_at_ == picture.ring().end() && !paces_outside()) return std::nullopt;
  if (filter_.interest().everything()) return ride_shared(picture);
  look_at_groups(picture);
  FrameWriter out;
  FrameHead head;
  // One frame's at a time: the leaves of one hold before the fixes of the next.
  while (frame_at_ != picture.ring().end() && out.empty() && head.lost_last == 0) {
    take_frame(picture, picture.ring().at(frame_at_), out, head);
  }
  // Turns go by the picture, which is ahead of a frame that was not taken yet.
  if (out.empty() && head.lost_last == 0) take_turns(picture, now_us, out);
  if (out.empty() && head.lost_last == 0) return std::nullopt;
  return finish(picture, out, head);
}

std::optional<Cursor::Message> Cursor::ride_shared(const SharedPicture& picture) {
  const SharedFrame& shared = picture.ring().at(frame_at_);
  const wire::Frame& frame = shared.frame();
  std::vector<std::uint32_t> named;  // by the frame itself
  if (const auto* names = frame.names()) {
    for (const wire::UnitName* one : *names) named.push_back(one->index());
    std::sort(named.begin(), named.end());
  }
  FrameWriter missing;
  const auto need = [&](std::uint32_t index) {
    if (named_.has(index) || std::binary_search(named.begin(), named.end(), index)) return;
    name(picture.units()[index], index, missing);
  };
  if (const auto* fixes = frame.fixes()) {
    for (const wire::PageFix* fix : *fixes) need(fix->unit());
  }
  if (const auto* leaves = frame.leaves()) {
    for (const std::uint32_t unit : *leaves) need(unit);
  }
  if (!missing.empty()) {
    FrameHead head;
    return finish(picture, missing, head);
  }
  for (const std::uint32_t index : named) named_.set(index);
  ++frame_at_;
  version_at_ = shared.version_end;
  event_at_ = shared.events_end;
  event_seq_ = frame.event_seq();
  fix_seq_ = frame.fix_seq();
  counts_told_.conflated += frame.conflated();
  if (!json_) return Message{shared.bytes, true};
  auto json = shared.json.lock();
  if (json == nullptr) {
    json = std::make_shared<const std::string>(json_of(frame));
    shared.json = json;
  }
  return Message{std::move(json), true};
}

void Cursor::take_frame(const SharedPicture& picture, const SharedFrame& shared, FrameWriter& out,
                        FrameHead& head) {
  const wire::Frame& frame = shared.frame();
  if (const auto* names = frame.names()) {
    for (const wire::UnitName* one : *names) {
      // Who was named before is in another group now.
      if (!named_.has(one->index())) continue;
      named_.set(one->index(), false);
      name(picture.units()[one->index()], one->index(), out);
    }
  }
  for (; event_at_ < shared.events_end; ++event_at_) {
    say_one(picture.events().at(event_at_), out, head);
  }
  std::vector<std::uint32_t> left;
  if (const auto* fixes = frame.fixes()) {
    for (const wire::PageFix* fix : *fixes) {
      const LiveUnit& unit = picture.units()[fix->unit()];
      const bool moves = (static_cast<unsigned>(fix->flags()) & kStays) == 0;
      const bool taken = filter_.takes_unit(fix->unit(), unit.name, unit.group);
      if (taken &&
          filter_.is_near(fix->unit(), unit.name, unit.group, fix->lat_e7(), fix->lon_e7())) {
        name(unit, fix->unit(), out);
        out.fix(*fix);
        if (moves) shown_.set(fix->unit());
      } else if (taken && paces_outside()) {
        continue;  // its turn comes
      } else if (moves && shown_.has(fix->unit())) {
        shown_.set(fix->unit(), false);
        left.push_back(fix->unit());
      }
    }
  }
  if (const auto* leaves = frame.leaves()) {
    for (const std::uint32_t unit : *leaves) {
      if (shown_.has(unit)) left.push_back(unit);
      shown_.set(unit, false);
    }
  }
  std::sort(left.begin(), left.end());
  left.erase(std::unique(left.begin(), left.end()), left.end());
  for (const std::uint32_t unit : left) {
    if (!shown_.has(unit)) leave(picture.units()[unit], unit, out);
  }
  head.conflated += frame.conflated();
  ++frame_at_;
  version_at_ = shared.version_end;
  event_seq_ = frame.event_seq();
  fix_seq_ = frame.fix_seq();
}

void Cursor::look_at_groups(const SharedPicture& picture) {
  if (regroupings_ == picture.regroupings()) return;
  regroupings_ = picture.regroupings();
  filter_.forget();
}

void Cursor::name(const LiveUnit& unit, std::uint32_t index, FrameWriter& out) {
  if (named_.has(index)) return;
  named_.set(index);
  out.name(index, unit.name, unit.group);
}

Cursor::Message Cursor::finish(const SharedPicture& picture, FrameWriter& out, FrameHead& head) {
  // Before a sweep is over there is no place among the fixes to come back to.
  head.event_seq = event_seq_;
  head.fix_seq = token_holds() ? token_fix_seq() : 0;
  head.hub_time_us = picture.hub_time_us();
  counts_told_.conflated += head.conflated;
  auto bytes = out.finish(head);
  if (!json_) return {std::move(bytes), false};
  return {std::make_shared<const std::string>(json_of(*wire::GetFrame(bytes->data()))), false};
}

std::size_t Cursor::bytes() const {
  std::size_t bytes = sizeof *this + filter_.bytes() + named_.bytes() + shown_.bytes() +
                      counts_.capacity() * sizeof(std::uint32_t);
  if (cards_taken_) bytes += cards_taken_->bytes();
  for (const Said& said : early_) bytes += bytes_of(said);
  return bytes;
}

}  // namespace vigie::web
