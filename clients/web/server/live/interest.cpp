#include "clients/web/server/live/interest.h"

#include <algorithm>

namespace vigie::web {

InterestFilter::InterestFilter(Interest interest)
    : interest_(std::move(interest)),
      units_(interest_.units.begin(), interest_.units.end()),
      always_(interest_.always.begin(), interest_.always.end()) {}

bool InterestFilter::takes_channel(MessageClass message_class, const std::string& unit,
                                   const std::string& group) const {
  if (!takes_class(message_class)) return false;
  if (interest_.channels.empty()) return true;
  const auto matches = [&](const std::string& prefix) {
    return channel_matches(prefix, message_class, owner_of(unit), group_or_none(group));
  };
  return std::any_of(interest_.channels.begin(), interest_.channels.end(), matches);
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
  if (interest_.units.empty() && interest_.channels.empty()) return true;
  return (known(index, name, group) & kTaken) != 0;
}

std::uint8_t InterestFilter::known(std::uint32_t index, const std::string& name,
                                   const std::string& group) {
  if (known_.size() <= index) known_.resize(std::size_t{index} + 1, 0);
  if (known_[index] == 0) {
    const bool taken = (units_.empty() || units_.contains(name)) &&
                       takes_channel(MessageClass::Track, name, group);
    known_[index] = static_cast<std::uint8_t>(kKnown | (taken ? kTaken : 0) |
                                              (always_.contains(name) ? kAlways : 0));
  }
  return known_[index];
}

std::size_t InterestFilter::bytes() const {
  std::size_t bytes = sizeof *this + known_.capacity();
  for (const std::string& unit : interest_.units) bytes += 2 * (sizeof unit + unit.size());
  for (const std::string& unit : interest_.always) bytes += 2 * (sizeof unit + unit.size());
  for (const std::string& channel : interest_.channels) bytes += sizeof channel + channel.size();
  return bytes;
}

}  // namespace vigie::web
