#include "schemas/model/entitlement.h"

#include <algorithm>

namespace vigie {
Entitlement::Entitlement(std::vector<AccessRule> rules, std::int64_t now_us)
    : Entitlement(std::vector{rule_set_of(std::move(rules), now_us)}) {}

Entitlement::Entitlement(std::vector<RuleSetPtr> sets) : sets_(std::move(sets)) {
  std::erase(sets_, nullptr);
  for (const RuleSetPtr& set : sets_) {
    units_can_leave_ = units_can_leave_ || set->units_can_leave();
    valid_until_us_ = std::min(valid_until_us_, set->valid_until_us());
    if (!key_.empty()) key_ += ";";
    key_ += set->key();
    if (set->terms().any()) terms_ = set->terms();
  }
}

std::shared_ptr<const Entitlement> Entitlement::at_large() const {
  std::vector<AccessRule> rules;
  for (const RuleSetPtr& set : sets_) {
    for (const AccessRule* rule : set->today()) {
      rules.push_back({.owner = rule->owner,
                       .classes = rule->classes,
                       .units = rule->units,
                       .addressed = rule->addressed});
    }
  }
  return std::make_shared<const Entitlement>(std::move(rules), 0);
}

bool Entitlement::permits(const AccessEntry& entry, std::int64_t read_us) const {
  const bool today = std::any_of(sets_.begin(), sets_.end(),
                                 [&](const RuleSetPtr& set) { return set->permits_today(entry); });
  if (!today || read_us == kPresentUs) return today;
  return std::any_of(sets_.begin(), sets_.end(),
                     [&](const RuleSetPtr& set) { return set->permitted_at(entry, read_us); });
}

ChannelAccess Entitlement::channel(MessageClass message_class, std::string_view owner,
                                   std::string_view group) const {
  ChannelAccess access;
  for (const RuleSetPtr& set : sets_) {
    access.add(set->channel(message_class, owner, group));
  }
  return access;
}

}  // namespace vigie
