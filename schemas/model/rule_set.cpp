#include "schemas/model/rule_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "schemas/messages/addressee.h"

namespace vigie {
namespace {

/// A longer key is told by its hash.
constexpr std::size_t kKeyBytesMax = 512;

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

bool covers(const AccessRule& rule, const AccessEntry& entry) {
  if (!is_of(rule, static_cast<std::size_t>(entry.message_class))) return false;
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

SetRule::SetRule(AccessRule said) : rule(std::move(said)) {
  std::sort(rule.groups.begin(), rule.groups.end());
  std::sort(rule.units.begin(), rule.units.end());
  key = key_of(rule);
  key_hash = blake2b({octets(key)});
}

RuleSet::RuleSet(std::vector<SetRulePtr> rules, std::int64_t now_us) : rules_(std::move(rules)) {
  today_.reserve(rules_.size());
  for (const SetRulePtr& one : rules_) {
    const AccessRule& rule = one->rule;
    for (const std::int64_t change_us : {rule.made_us, rule.ended_us}) {
      if (change_us > now_us) valid_until_us_ = std::min(valid_until_us_, change_us);
    }
    if (rule.terms.any()) terms_ = rule.terms;
    today_.push_back(stands_at(rule, now_us));
    put(static_cast<std::uint32_t>(today_.size() - 1));
  }
  make_key();
}

void RuleSet::put(std::uint32_t place) {
  const AccessRule& rule = rules_[place]->rule;
  OfOwner& of_owner = by_owner_[rule.owner];
  if (!rule.units.empty() && !rule.addressed) {
    for (const std::string& unit : rule.units) of_owner.by_unit[unit].push_back(place);
  } else if (rule.units.empty() && !rule.groups.empty()) {
    for (const std::string& group : rule.groups) of_owner.by_group[group].push_back(place);
  } else {
    of_owner.others.push_back(place);
  }
  if (today_[place]) put_today(rule, of_owner);
}

void RuleSet::put_today(const AccessRule& rule, OfOwner& of_owner) {
  ChannelAccess access{.some = true};
  // It stands today and has not begun to end: it stood whenever an entry became known since.
  if (is_whole(rule) && rule.ended_us == INT64_MAX) {
    access.whole_from_us = std::max(rule.from_us, rule.made_us);
  }
  for (std::size_t one = 0; one < kClassCount; ++one) {
    if (!is_of(rule, one)) continue;
    if (rule.groups.empty()) of_owner.any_group[one].add(access);
    for (const std::string& group : rule.groups) of_owner.of_group[one][group].add(access);
  }
  const bool of_units = is_of(rule, static_cast<std::size_t>(MessageClass::Track));
  units_can_leave_ = units_can_leave_ || (of_units && (!is_whole(rule) || !rule.groups.empty()));
}

void RuleSet::make_key() {
  std::size_t bytes = 0;
  for (const SetRulePtr& one : rules_) bytes += one->key.size() + 2;
  if (bytes <= kKeyBytesMax) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      keys.push_back((today_[i] ? "+" : "-") + rules_[i]->key);
    }
    std::sort(keys.begin(), keys.end());
    key_ = fmt::format("{}", fmt::join(keys, ";"));
    return;
  }
  std::vector<Hash> today, ended;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    (today_[i] ? today : ended).push_back(rules_[i]->key_hash);
  }
  const auto octets_of = [](std::vector<Hash>& hashes) {
    std::sort(hashes.begin(), hashes.end());
    return octets(std::as_bytes(std::span(hashes)));
  };
  const Hash all = blake2b({octets_of(today), octets_of(ended)});
  key_ = fmt::format("#{},{},{:02x}", today.size(), ended.size(), fmt::join(all, ""));
}

template <typename Ask>
bool RuleSet::any_of(const AccessEntry& entry, const Ask& ask) const {
  const auto found = by_owner_.find(entry.owner);
  if (found == by_owner_.end()) return false;
  const OfOwner& of_owner = found->second;
  const auto in = [&](const ByText& lists, std::string_view text) {
    const auto list = lists.find(text);
    return list != lists.end() && std::any_of(list->second.begin(), list->second.end(), ask);
  };
  return in(of_owner.by_group, group_or_none(entry.group)) || in(of_owner.by_unit, entry.unit) ||
         std::any_of(of_owner.others.begin(), of_owner.others.end(), ask);
}

bool RuleSet::permits_today(const AccessEntry& entry) const {
  return any_of(entry, [&](std::uint32_t place) {
    return today_[place] && covers(rules_[place]->rule, entry);
  });
}

bool RuleSet::permitted_at(const AccessEntry& entry, std::int64_t read_us) const {
  return any_of(entry, [&](std::uint32_t place) {
    const AccessRule& rule = rules_[place]->rule;
    return stands_at(rule, read_us) && covers(rule, entry);
  });
}

std::size_t RuleSet::asked_for(const AccessEntry& entry) const {
  std::size_t asked = 0;
  any_of(entry, [&](std::uint32_t) {
    ++asked;
    return false;
  });
  return asked;
}

ChannelAccess RuleSet::channel(MessageClass message_class, std::string_view owner,
                               std::string_view group) const {
  const auto found = by_owner_.find(owner);
  if (found == by_owner_.end()) return {};
  const auto of_class = static_cast<std::size_t>(message_class);
  const std::string_view written = group_or_none(group);
  ChannelAccess access;
  if (!is_reserved_group(written)) access.add(found->second.any_group[of_class]);
  const Channels& channels = found->second.of_group[of_class];
  if (const auto named = channels.find(written); named != channels.end()) {
    access.add(named->second);
  }
  return access;
}

RuleSetPtr rule_set_of(std::vector<AccessRule> rules, std::int64_t now_us) {
  std::vector<SetRulePtr> all;
  all.reserve(rules.size());
  for (AccessRule& rule : rules) all.push_back(std::make_shared<const SetRule>(std::move(rule)));
  return std::make_shared<const RuleSet>(std::move(all), now_us);
}

std::vector<const AccessRule*> RuleSet::today() const {
  std::vector<const AccessRule*> all;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (today_[i]) all.push_back(&rules_[i]->rule);
  }
  return all;
}

}  // namespace vigie
