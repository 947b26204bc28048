#include "clients/web/server/live/interest.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace vigie::web {
namespace {

/// As the hub would be asked for it; pace and what lies outside are the cursor's. No class at all
/// is asked for by nobody but a page: of a view none means all.
std::optional<View> view_of(const Interest& interest) {
  if (interest.classes == 0) return std::nullopt;
  wire::ViewT asked;
  asked.channels = interest.channels;
  asked.units = interest.units;
  asked.classes = static_cast<wire::Class>(interest.classes);
  if (const auto& area = interest.area) {
    asked.area =
        std::make_unique<wire::Area>(area->west_e7, area->south_e7, area->east_e7, area->north_e7);
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::View::Pack(builder, &asked));
  RefusedRequest refused;  // by no interest that was read strictly (page_message.h)
  return View::parse(flatbuffers::GetRoot<wire::View>(builder.GetBufferPointer()), refused);
}

}  // namespace

InterestFilter::InterestFilter(Interest interest)
    : interest_(std::move(interest)), view_(view_of(interest_)) {}

bool InterestFilter::takes_channel(MessageClass message_class, const std::string& unit,
                                   const std::string& group) const {
  return view_ && view_->takes_channel(message_class, owner_of(unit), group_or_none(group));
}

bool InterestFilter::takes_event(const std::string& unit, const std::string& group) const {
  return takes_channel(MessageClass::Event, unit, group);
}

bool InterestFilter::takes_card(const std::string& unit, const std::string& group) const {
  return takes_channel(MessageClass::State, unit, group);
}

bool InterestFilter::takes_unit(std::uint32_t index, const std::string& name,
                                const std::string& group) {
  if (!takes_class(MessageClass::Track)) return false;
  if (view_->takes_all_units() && !view_->has_channels()) return true;
  return (known(index, name, group) & kTaken) != 0;
}

std::uint8_t InterestFilter::known(std::uint32_t index, const std::string& name,
                                   const std::string& group) {
  if (known_.size() <= index) known_.resize(std::size_t{index} + 1, 0);
  if (known_[index] == 0) {
    const bool taken =
        view_ && view_->takes_unit(name) && takes_channel(MessageClass::Track, name, group);
    const bool always = std::ranges::find(interest_.always, name) != interest_.always.end();
    known_[index] =
        static_cast<std::uint8_t>(kKnown | (taken ? kTaken : 0) | (always ? kAlways : 0));
  }
  return known_[index];
}

std::size_t InterestFilter::bytes() const {
  std::size_t bytes = sizeof *this + known_.capacity();
  // A view has its own copies, and a key of both.
  for (const std::string& unit : interest_.units) bytes += 2 * sizeof unit + 3 * unit.size();
  for (const std::string& channel : interest_.channels) {
    bytes += 2 * sizeof channel + 3 * channel.size();
  }
  for (const std::string& unit : interest_.always) bytes += sizeof unit + unit.size();
  return bytes;
}

}  // namespace vigie::web
