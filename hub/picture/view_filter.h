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
  bool in_area(std::int32_t lat_e7, std::int32_t lon_e7) const {
    return !view_.area() || view_.area()->contains(lat_e7, lon_e7);
  }
  /// Whether the unit's newest fix passes: class, channel, unit and area.
  bool shows(UnitIndex index) {
    const Unit& unit = picture_.units()[index];
    return unit.seq != 0 && takes_channel(MessageClass::Track, unit.channel) && takes_unit(index) &&
           in_area(unit.fix.lat_e7(), unit.fix.lon_e7());
  }
  bool takes_event(const FoldedEvent& event) {
    if (!takes_channel(MessageClass::Event, event.channel)) return false;
    return (view_.takes_all_units() && !view_.area_cuts_events()) ||
           view_.takes_event(*event.event);
  }
  bool takes_state(const FoldedState& state) {
    return takes_channel(MessageClass::State, state.channel) &&
           view_.takes_unit(text_of(state.state->name()));
  }
  bool shows(const RetainedState& state) {
    return takes_channel(MessageClass::State, state.channel) && view_.takes_unit(state.name);
  }
  /// True when a unit can leave this view by moving or by changing its group.
  bool units_can_leave() const { return view_.area().has_value() || view_.has_channels(); }

 private:
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
};

}  // namespace vigie::picture
