#include "schemas/model/entitlement.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "schemas/messages/addressee.h"

namespace vigie {
namespace {

/// REQUIRES: sorted.
bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::binary_search(list.begin(), list.end(), text, std::less<>());
}

bool is_of(const AccessRule& rule, std::size_t message_class) {
  return (rule.classes & (1u << message_class)) != 0;
}

bool stands_at(const AccessRule& rule, std::int64_t us) {
  return us >= rule.made_us && us < rule.ended_us;
}

/// REQUIRES: the rule is of the channel's class.
bool covers_channel(const AccessRule& rule, std::string_view group) {
  const std::string_view written = group_or_none(group);
  return rule.groups.empty() ? !is_reserved_group(written) : contains(rule.groups, written);
}

bool covers_unit(const AccessRule& rule, const AccessEntry& entry) {
  if (rule.units.empty() || contains(rule.units, entry.unit)) return true;
  if (!rule.addressed) return false;
  std::string_view units = entry.addressed_to;
  for (std::string_view one = next_addressee(units); !one.empty(); one = next_addressee(units)) {
    if (contains(rule.units, one)) return true;
  }
  return false;
}

/// REQUIRES: the rule is of the entry's class.
bool covers(const AccessRule& rule, const AccessEntry& entry) {
  if (!covers_channel(rule, entry.group)) return false;
  if (!covers_unit(rule, entry)) return false;
  const bool is_state = entry.message_class == MessageClass::State;
  if (entry.known_us >= rule.until_us || (!is_state && entry.known_us < rule.from_us)) return false;
  if (!rule.area || is_state) return true;
  return entry.position && rule.area->contains(entry.position->lat_e7, entry.position->lon_e7);
}

/// True when the rule covers all that becomes known in its channels from from_us on.
bool is_whole(const AccessRule& rule) {
  return rule.units.empty() && !rule.area && rule.until_us == INT64_MAX;
}

std::string key_of(const AccessRule& rule) {
  std::string key = fmt::format("{}:{}:{}:{}:{}:{}:{}:{}", rule.owner, rule.classes,
                                fmt::join(rule.groups, ","), fmt::join(rule.units, ","),
                                rule.from_us, rule.until_us, rule.made_us, rule.ended_us);
  if (rule.addressed) key += ":to";
  if (rule.area) {
    key += fmt::format(":{},{},{},{}", rule.area->west_e7, rule.area->south_e7, rule.area->east_e7,
                       rule.area->north_e7);
  }
  if (rule.terms.any()) {
    key += fmt::format(":{},{},{},{}", rule.terms.delay_us, rule.terms.every_us, rule.terms.round_m,
                       rule.terms.own_numbers);
  }
  return key;
}

}  // namespace

Entitlement::Entitlement(std::vector<AccessRule> rules, std::int64_t now_us) {
  std::vector<std::string> keys;
  for (AccessRule& rule : rules) {
    for (const std::int64_t change_us : {rule.made_us, rule.ended_us}) {
      if (change_us > now_us) valid_until_us_ = std::min(valid_until_us_, change_us);
    }
    if (rule.terms.any()) terms_ = rule.terms;
    std::sort(rule.groups.begin(), rule.groups.end());
    std::sort(rule.units.begin(), rule.units.end());
    const bool today = stands_at(rule, now_us);
    keys.push_back((today ? "+" : "-") + key_of(rule));
    const bool of_units = is_of(rule, static_cast<std::size_t>(MessageClass::Track));
    const bool partly = !is_whole(rule) || !rule.groups.empty();
    units_can_leave_ = units_can_leave_ || (today && of_units && partly);
    Rules& of_owner = by_owner_[rule.owner];
    const auto put = [today, place = of_owner.all.size()](Places& places) {
      places.ever.push_back(place);
      if (today) places.today.push_back(place);
    };
    put(of_owner.places);
    for (std::size_t one = 0; one < kClassCount; ++one) {
      if (is_of(rule, one)) put(of_owner.of_class[one]);
    }
    of_owner.all.push_back(std::move(rule));
  }
  std::sort(keys.begin(), keys.end());
  key_ = fmt::format("{}", fmt::join(keys, ";"));
}

std::shared_ptr<const Entitlement> Entitlement::at_large() const {
  std::vector<AccessRule> rules;
  for (const auto& [owner, of_owner] : by_owner_) {
    for (const std::size_t place : of_owner.places.today) {
      const AccessRule& rule = of_owner.all[place];
      rules.push_back({.owner = owner,
                       .classes = rule.classes,
                       .units = rule.units,
                       .addressed = rule.addressed});
    }
  }
  return std::make_shared<const Entitlement>(std::move(rules), 0);
}

bool Entitlement::permits(const AccessEntry& entry, std::int64_t read_us) const {
  const auto found = by_owner_.find(entry.owner);
  if (found == by_owner_.end()) return false;
  const std::vector<AccessRule>& rules = found->second.all;
  const Places& places = found->second.of_class[static_cast<std::size_t>(entry.message_class)];
  const bool today = std::any_of(places.today.begin(), places.today.end(),
                                 [&](std::size_t place) { return covers(rules[place], entry); });
  if (!today || read_us == kPresentUs) return today;
  return std::any_of(places.ever.begin(), places.ever.end(), [&](std::size_t place) {
    return stands_at(rules[place], read_us) && covers(rules[place], entry);
  });
}

ChannelAccess Entitlement::channel(MessageClass message_class, std::string_view owner,
                                   std::string_view group) const {
  ChannelAccess access;
  const auto found = by_owner_.find(owner);
  if (found == by_owner_.end()) return access;
  const Places& places = found->second.of_class[static_cast<std::size_t>(message_class)];
  for (const std::size_t place : places.today) {
    const AccessRule& rule = found->second.all[place];
    if (!covers_channel(rule, group)) continue;
    access.some = true;
    // It stands today and has not begun to end: it stood whenever an entry became known since.
    if (!is_whole(rule) || rule.ended_us != INT64_MAX) continue;
    access.whole_from_us = std::min(access.whole_from_us, std::max(rule.from_us, rule.made_us));
  }
  return access;
}

}  // namespace vigie
