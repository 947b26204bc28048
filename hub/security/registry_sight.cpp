// Of the registry, what somebody may see at a moment: by its role, and by the grants for it.

#include <algorithm>

#include "hub/security/registry.h"
#include "schemas/messages/names.h"

namespace vigie::security {
namespace {

constexpr unsigned kStates = 1u << static_cast<unsigned>(MessageClass::State);
constexpr unsigned kEvents = 1u << static_cast<unsigned>(MessageClass::Event);

/// Sight of the states of those names which say who may do what. Grants and identities never share
/// a name. REQUIRES: names of one owner, at least one.
AccessRule said_of(std::vector<std::string> names) {
  std::string owner(owner_of(names.front()));
  return {.owner = std::move(owner),
          .classes = kStates,
          .groups = {std::string(kAccessGroup)},
          .units = std::move(names)};
}

}  // namespace

/// What others show it: by the rules that stand, and by those that ended where one that stands
/// may show what became known in their time, which they judge too (entitlement.h). The others show
/// nothing any more, and there may be many.
void Registry::add_granted(const Identity& identity, std::int64_t now_us,
                           std::vector<AccessRule>& rules) const {
  std::map<std::string_view, std::vector<std::string>> said;  // by owner
  std::map<std::string_view, unsigned> standing;              // the same: classes
  std::vector<const AccessRule*> ended;
  for (const std::string_view to : {owner_of(identity.name), std::string_view(identity.name)}) {
    const auto found = granted_to_.find(to);
    if (found == granted_to_.end()) continue;
    for (const std::string& name : found->second) {
      // The grant itself is shown to whom it is for.
      said[owner_of(name)].push_back(name);
      const AccessRule& rule = grants_.find(name)->second.rule;
      if (rule.terms.any()) continue;
      if (now_us >= rule.ended_us) {
        ended.push_back(&rule);
        continue;
      }
      standing[rule.owner] |= rule.classes;
      rules.push_back(rule);
    }
  }
  for (const AccessRule* rule : ended) {
    const auto found = standing.find(rule->owner);
    if (found != standing.end() && (found->second & rule->classes) != 0) rules.push_back(*rule);
  }
  for (auto& [owner, names] : said) rules.push_back(said_of(std::move(names)));
}

std::shared_ptr<const Entitlement> Registry::entitlement(const Identity& identity,
                                                         std::int64_t now_us) const {
  std::vector<AccessRule> rules;
  const std::string owner(owner_of(identity.name));
  const std::vector<std::string> reserved{std::string(kAccessGroup), std::string(kAuditGroup)};
  rules.push_back(said_of({identity.name}));
  const auto add_access = [&](const std::string& of) {
    rules.push_back({.owner = of, .classes = kEvents | kStates, .groups = reserved});
  };
  switch (identity.role) {
    case wire::Role::Tracker:
    case wire::Role::Gateway: {
      // What concerns its own units, and what is addressed to them.
      const bool all = std::any_of(identity.units.begin(), identity.units.end(),
                                   [](const std::string& unit) { return unit.ends_with("/*"); });
      rules.push_back({.owner = owner,
                       .classes = kEvents | kStates,
                       .units = all ? std::vector<std::string>() : identity.units,
                       .addressed = !all});
      break;
    }
    case wire::Role::Administrator:
      if (owner == kHubOwner) {
        std::vector<std::string> owners{owner};
        for (const auto& [name, kept] : identities_) owners.emplace_back(owner_of(name));
        for (const auto& [name, kept] : invites_) owners.emplace_back(owner_of(name));
        std::sort(owners.begin(), owners.end());
        owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
        for (const std::string& one : owners) add_access(one);
        break;
      }
      add_access(owner);
      [[fallthrough]];
    case wire::Role::Console:
      rules.push_back({.owner = owner});
      [[fallthrough]];
    case wire::Role::Partner:
      add_granted(identity, now_us, rules);
      break;
    case wire::Role::None:
      break;
  }
  return std::make_shared<const Entitlement>(std::move(rules), now_us);
}

bool Registry::is_for(const Granted& granted, const Identity& identity) {
  const bool reads =
      identity.role == wire::Role::Console || identity.role == wire::Role::Partner ||
      (identity.role == wire::Role::Administrator && owner_of(identity.name) != kHubOwner);
  return reads && granted.rule.terms.any() &&
         (granted.to == identity.name || granted.to == owner_of(identity.name));
}

std::shared_ptr<const Entitlement> Registry::entitlement_by(std::string_view grant,
                                                            const Identity& identity,
                                                            std::int64_t now_us) const {
  const auto found = grants_.find(grant);
  if (found == grants_.end() || !is_for(found->second, identity)) return nullptr;
  if (now_us >= found->second.rule.ended_us) return nullptr;
  return std::make_shared<const Entitlement>(std::vector<AccessRule>{found->second.rule}, now_us);
}

std::vector<std::string> Registry::grants_with_terms(const Identity& identity,
                                                     std::int64_t now_us) const {
  std::vector<std::string> names;
  for (const std::string& to : {std::string(owner_of(identity.name)), identity.name}) {
    const auto granted = granted_to_.find(to);
    if (granted == granted_to_.end()) continue;
    for (const std::string& name : granted->second) {
      const Granted& one = grants_.find(name)->second;
      if (is_for(one, identity) && now_us < one.rule.ended_us) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace vigie::security
