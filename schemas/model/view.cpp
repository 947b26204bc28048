#include "schemas/model/view.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/messages/addressee.h"

namespace vigie {
namespace {

std::int64_t known_us(const wire::Stamp* stamp) {
  return stamp == nullptr ? INT64_MIN : stamp->known_time_us();
}

}  // namespace

std::optional<View> View::parse(const wire::View* view, RefusedRequest& refused) {
  refused = check_view(view);
  if (refused) return std::nullopt;
  View parsed;
  if (view != nullptr) {
    for (const auto* prefix : each(view->channels())) parsed.channels_.push_back(prefix->str());
    for (const auto* unit : each(view->units())) parsed.units_.insert(unit->str());
    const auto classes = static_cast<unsigned>(view->classes());
    parsed.classes_ = classes == 0 ? 7 : classes & 7;
    if (const wire::Area* area = view->area()) {
      parsed.area_ = {area->west_e7(), area->south_e7(), area->east_e7(), area->north_e7()};
    }
    parsed.area_cuts_events_ = view->area_cuts_events();
    parsed.pace_ms_ = view->pace_ms();
  }
  parsed.make_key();
  return parsed;
}

void View::make_key() {
  std::sort(channels_.begin(), channels_.end());
  std::vector<std::string> units(units_.begin(), units_.end());
  std::sort(units.begin(), units.end());
  key_ = fmt::format("{}|{}|{}|{}|{}", fmt::join(channels_, ","), classes_, fmt::join(units, ","),
                     pace_ms_, area_cuts_events_);
  if (area_) {
    key_ += fmt::format("|{},{},{},{}", area_->west_e7, area_->south_e7, area_->east_e7,
                        area_->north_e7);
  }
  if (entitlement_) key_ += "|" + entitlement_->key();
}

void View::cut_to(std::shared_ptr<const Entitlement> entitlement) {
  entitlement_ = std::move(entitlement);
  make_key();
}

View View::permitted() const {
  View all;
  all.cut_to(entitlement_);
  return all;
}

View View::at_large() const {
  View large = *this;
  large.channels_.clear();  // a unit leaves a view by changing its channel
  large.area_.reset();
  large.pace_ms_ = 0;
  large.cut_to(entitlement_->at_large());
  return large;
}

std::string View::text() const {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> parts;
  const auto add_list = [&](const char* what, std::vector<std::string> list) {
    if (list.empty()) return;
    std::sort(list.begin(), list.end());
    const std::size_t more = list.size() > kShown ? list.size() - kShown : 0;
    list.resize(list.size() - more);
    parts.push_back(fmt::format("{} {}", what, fmt::join(list, ", ")));
    if (more != 0) parts.back() += fmt::format(" and {} more", more);
  };
  if (classes_ != 7) {
    std::vector<std::string_view> classes;
    if (takes_class(MessageClass::Track)) classes.emplace_back("tracks");
    if (takes_class(MessageClass::Event)) classes.emplace_back("events");
    if (takes_class(MessageClass::State)) classes.emplace_back("states");
    parts.push_back(fmt::format("{}", fmt::join(classes, ", ")));
  }
  add_list("channels", channels_);
  add_list("units", {units_.begin(), units_.end()});
  if (area_) {
    const auto degrees = [](std::int32_t e7) { return static_cast<double>(e7) / 1e7; };
    parts.push_back(fmt::format("area {},{},{},{}{}", degrees(area_->west_e7),
                                degrees(area_->south_e7), degrees(area_->east_e7),
                                degrees(area_->north_e7), area_cuts_events_ ? ", events too" : ""));
  }
  if (pace_ms_ != 0) {
    parts.push_back(fmt::format("fixes every {} s", static_cast<double>(pace_ms_) / 1000));
  }
  return parts.empty() ? "everything" : fmt::format("{}", fmt::join(parts, "; "));
}

bool View::takes_channel(MessageClass message_class, std::string_view owner,
                         std::string_view group) const {
  if (!takes_class(message_class)) return false;
  if (entitlement_ && !entitlement_->channel(message_class, owner, group).some) return false;
  return channels_.empty() ||
         std::any_of(channels_.begin(), channels_.end(), [&](const std::string& prefix) {
           return channel_matches(prefix, message_class, owner, group);
         });
}

bool View::takes_event(const wire::Event& event) const {
  const std::string_view unit = text_of(event.unit());
  if (!takes_channel(MessageClass::Event, owner_of(unit), text_of(event.group())) ||
      !takes_unit(unit)) {
    return false;
  }
  const wire::Position* position = event.position();
  if (area_cuts_events_ && position != nullptr &&
      !in_area(position->lat_e7(), position->lon_e7())) {
    return false;
  }
  if (entitlement_ == nullptr) return true;
  AccessEntry entry{.message_class = MessageClass::Event,
                    .owner = owner_of(unit),
                    .group = text_of(event.group()),
                    .unit = unit,
                    .known_us = known_us(event.stamp()),
                    .position = {},
                    .addressed_to = addressed_to(event)};
  if (position != nullptr) entry.position = {position->lat_e7(), position->lon_e7()};
  return permits(entry, entry.known_us);
}

bool View::takes_state(const wire::State& state) const {
  const std::string_view name = text_of(state.name());
  if (!takes_channel(MessageClass::State, owner_of(name), text_of(state.group())) ||
      !takes_unit(name)) {
    return false;
  }
  const std::int64_t known = known_us(state.stamp());
  return permits({.message_class = MessageClass::State,
                  .owner = owner_of(name),
                  .group = text_of(state.group()),
                  .unit = name,
                  .known_us = known,
                  .position = {}},
                 known);
}

bool View::takes_section(const wire::UnitFixes& section) const {
  const std::string_view unit = text_of(section.unit());
  return takes_channel(MessageClass::Track, owner_of(unit), text_of(section.group())) &&
         takes_unit(unit);
}

bool View::takes_fix(const wire::UnitFixes& section, const wire::Fix& fix) const {
  if (!in_area(fix.lat_e7(), fix.lon_e7())) return false;
  if (entitlement_ == nullptr) return true;
  const std::string_view unit = text_of(section.unit());
  const std::int64_t known = known_us(section.stamp());
  return permits({.message_class = MessageClass::Track,
                  .owner = owner_of(unit),
                  .group = text_of(section.group()),
                  .unit = unit,
                  .known_us = known,
                  .position = AccessPoint{fix.lat_e7(), fix.lon_e7()}},
                 known);
}

}  // namespace vigie
