#pragma once
// A view, asked by the picture's own indexes: the answer for each channel and unit is worked out
// once and kept. Front thread. Borrows the picture, which outlives it.

#include "schemas/model/picture.h"
#include "schemas/model/view.h"

namespace vigie::picture {

class ViewFilter {
 public:
  ViewFilter(View view, const Picture& picture) : view_(std::move(view)), picture_(picture) {}

  const View& view() const { return view_; }
  bool takes_channel(MessageClass message_class, ChannelIndex channel) {
    auto& known = channels_[static_cast<std::size_t>(message_class)];
    if (channel >= known.size()) known.resize(picture_.channels().size(), kUnknown);
    if (known[channel] == kUnknown) known[channel] = ask_channel(message_class, channel);
    return known[channel] == kYes;
  }
  bool takes_unit(UnitIndex unit) {
    if (view_.takes_all_units()) return true;
    if (unit >= units_.size()) units_.resize(picture_.units().size(), kUnknown);
    if (units_[unit] == kUnknown) {
      units_[unit] = view_.takes_unit(picture_.units()[unit].name) ? kYes : kNo;
    }
    return units_[unit] == kYes;
  }
  /// True when the console may see all that a channel holds which became known at that time:
  /// nothing of it needs to be asked for.
  bool permits_whole(MessageClass message_class, ChannelIndex channel, std::int64_t known_us) {
    if (view_.entitlement() == nullptr) return true;
    auto& known = whole_from_us_[static_cast<std::size_t>(message_class)];
    if (channel >= known.size()) known.resize(picture_.channels().size(), kNotAsked);
    if (known[channel] == kNotAsked) {
      const ChannelKey& key = picture_.channels()[channel];
      const ChannelAccess access =
          view_.entitlement()->channel(message_class, key.owner, key.group);
      known[channel] = std::max(access.whole_from_us, kNotAsked + 1);
    }
    return known_us >= known[channel];
  }
  /// Whether a fix of a section that was just folded passes: area, and what is permitted. Channel
  /// and unit were asked for.
  bool takes_fix(const FoldedFixes& folded, const wire::Fix& fix) {
    return view_.in_area(fix.lat_e7(), fix.lon_e7()) &&
           (permits_whole(MessageClass::Track, folded.channel,
                          folded.fixes->stamp()->known_time_us()) ||
            view_.takes_fix(*folded.fixes, fix));
  }
  /// Whether the unit was shown where it stood before the section was folded.
  bool showed_before(const FoldedFixes& folded) {
    return folded.had_position && takes_channel(MessageClass::Track, folded.channel_before) &&
           takes_unit(folded.unit) && view_.in_area(folded.lat_e7_before, folded.lon_e7_before) &&
           permits_in_picture(folded.unit, folded.channel_before, folded.known_us_before,
                              {folded.lat_e7_before, folded.lon_e7_before});
  }
  /// Whether the unit's newest fix passes: class, channel, unit, area, and what is permitted.
  bool shows(UnitIndex index) {
    const Unit& unit = picture_.units()[index];
    return unit.seq != 0 && takes_channel(MessageClass::Track, unit.channel) && takes_unit(index) &&
           view_.in_area(unit.fix.lat_e7(), unit.fix.lon_e7()) &&
           permits_in_picture(index, unit.channel, unit.stamp.known_time_us(),
                              {unit.fix.lat_e7(), unit.fix.lon_e7()});
  }
  bool takes_event(const FoldedEvent& event) {
    if (!takes_channel(MessageClass::Event, event.channel)) return false;
    return (view_.takes_all_units() && !view_.area_cuts_events() &&
            permits_whole(MessageClass::Event, event.channel,
                          event.event->stamp()->known_time_us())) ||
           view_.takes_event(*event.event);
  }
  bool takes_state(const FoldedState& state) {
    return takes_channel(MessageClass::State, state.channel) &&
           view_.takes_unit(text_of(state.state->name())) &&
           (permits_whole(MessageClass::State, state.channel,
                          state.state->stamp()->known_time_us()) ||
            view_.takes_state(*state.state));
  }
  bool shows(const RetainedState& state) {
    if (!takes_channel(MessageClass::State, state.channel) || !view_.takes_unit(state.name)) {
      return false;
    }
    const ChannelKey& key = picture_.channels()[state.channel];
    return view_.permits({.message_class = MessageClass::State,
                          .owner = key.owner,
                          .group = key.group,
                          .unit = state.name,
                          .known_us = state.entry->known_time_us(),
                          .position = {}},
                         kPresentUs);
  }
  /// True when a unit can leave this view by moving, by changing its group or by time.
  bool units_can_leave() const {
    return view_.area().has_value() || view_.has_channels() ||
           (view_.entitlement() != nullptr && view_.entitlement()->units_can_leave());
  }

 private:
  static constexpr std::int64_t kNotAsked = INT64_MIN;
  bool permits_in_picture(UnitIndex unit, ChannelIndex channel, std::int64_t known_us,
                          AccessPoint position) {
    if (permits_whole(MessageClass::Track, channel, known_us)) return true;
    const ChannelKey& key = picture_.channels()[channel];
    return view_.permits({.message_class = MessageClass::Track,
                          .owner = key.owner,
                          .group = key.group,
                          .unit = picture_.units()[unit].name,
                          .known_us = known_us,
                          .position = position},
                         kPresentUs);
  }
  static constexpr std::uint8_t kUnknown = 0;
  static constexpr std::uint8_t kNo = 1;
  static constexpr std::uint8_t kYes = 2;
  std::uint8_t ask_channel(MessageClass message_class, ChannelIndex channel) const {
    const ChannelKey& key = picture_.channels()[channel];
    return view_.takes_channel(message_class, key.owner, key.group) ? kYes : kNo;
  }
  View view_;
  const Picture& picture_;
  std::vector<std::uint8_t> channels_[kClassCount];
  std::vector<std::uint8_t> units_;
  std::vector<std::int64_t> whole_from_us_[kClassCount];
};

}  // namespace vigie::picture
