// Of the registry, what somebody may see at a moment: by its role, and by the grants for it.

#include <algorithm>

#include "hub/security/registry.h"
#include "schemas/messages/names.h"

namespace vigie::security {
namespace {

constexpr unsigned kStates = 1u << static_cast<unsigned>(MessageClass::State);
constexpr unsigned kEvents = 1u << static_cast<unsigned>(MessageClass::Event);

}  // namespace

/// Sight of the states of that name which say who may do what. Grants and identities never share a
/// name.
AccessRule said_of(std::string_view name) {
  return {.owner = std::string(owner_of(name)),
          .classes = kStates,
          .groups = {std::string(kAccessGroup)},
          .units = {std::string(name)}};
}

/// Its owner and itself; null: nothing was ever granted to it.
std::array<const Registry::Party*, 2> Registry::parties_of(const Identity& identity) const {
  const auto party = [this](std::string_view name) {
    const auto found = granted_to_.find(name);
    return found == granted_to_.end() ? nullptr : &found->second;
  };
  return {party(owner_of(identity.name)), party(identity.name)};
}

std::uint64_t Registry::sight_version(const Identity& identity) const {
  const auto kept = identities_.find(identity.name);
  std::uint64_t version = kept == identities_.end() ? 0 : kept->second.version;
  if (is_shown_by_terms(identity)) {
    for (const Party* party : parties_of(identity)) {
      if (party != nullptr) version = std::max(version, party->version);
    }
  }
  // The hub's own see who there is, of each owner.
  return owner_of(identity.name) == kHubOwner ? std::max(version, owners_version_) : version;
}

const Registry::Shown& Registry::shown_by_part(const Part& part, std::int64_t now_us) const {
  Shown& shown = part.shown;
  if (shown.version == part.version && now_us >= shown.from_us && now_us < shown.until_us) {
    return shown;
  }
  shown = {};
  shown.version = part.version;
  shown.from_us = now_us;
  std::vector<SetRulePtr> standing, ended;
  for (const Granted* granted : part.grants) {
    const AccessRule& rule = granted->rule->rule;
    grants_read_ += steps_of(rule);
    // The grant itself is shown to whom it is for.
    standing.push_back(granted->said);
    const bool stands = now_us < rule.ended_us;
    for (const std::int64_t change_us : {rule.made_us, rule.ended_us}) {
      if (change_us > now_us) shown.until_us = std::min(shown.until_us, change_us);
    }
    if (rule.terms.any()) {
      if (stands) shown.with_terms.push_back(granted->name);
      continue;
    }
    (stands ? shown.standing_of : shown.ended_of)[rule.owner] |= rule.classes;
    (stands ? standing : ended).push_back(granted->rule);
  }
  shown.standing = std::make_shared<const RuleSet>(std::move(standing), now_us);
  if (!ended.empty()) shown.ended = std::make_shared<const RuleSet>(std::move(ended), now_us);
  return shown;
}

/// What others show it: by the rules that stand, and by those that ended where one that stands
/// may show what became known in their time, which they judge too (entitlement.h). The others show
/// nothing any more, and there may be many.
void Registry::add_granted(const Identity& identity, std::int64_t now_us,
                           std::vector<RuleSetPtr>& sets) const {
  std::vector<const Shown*> parts;
  std::map<std::string_view, unsigned> standing;  // owners: classes
  for (const Party* party : parties_of(identity)) {
    if (party == nullptr) continue;
    for (const Part& part : party->parts) {
      parts.push_back(&shown_by_part(part, now_us));
      sets.push_back(parts.back()->standing);
      for (const auto& [owner, classes] : parts.back()->standing_of) standing[owner] |= classes;
    }
  }
  for (const Shown* shown : parts) {
    const bool judges =
        std::any_of(shown->ended_of.begin(), shown->ended_of.end(), [&](const auto& one) {
          const auto found = standing.find(one.first);
          return found != standing.end() && (found->second & one.second) != 0;
        });
    if (judges) sets.push_back(shown->ended);
  }
}

std::shared_ptr<const Entitlement> Registry::entitlement(const Identity& identity,
                                                         std::int64_t now_us) const {
  std::vector<AccessRule> rules;
  std::vector<RuleSetPtr> granted;
  const std::string owner(owner_of(identity.name));
  const std::vector<std::string> reserved{std::string(kAccessGroup), std::string(kAuditGroup)};
  rules.push_back(said_of(identity.name));
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
      add_granted(identity, now_us, granted);
      break;
    case wire::Role::None:
      break;
  }
  granted.insert(granted.begin(), rule_set_of(std::move(rules), now_us));
  return std::make_shared<const Entitlement>(std::move(granted));
}

bool Registry::is_shown_by_terms(const Identity& identity) {
  return identity.role == wire::Role::Console || identity.role == wire::Role::Partner ||
         (identity.role == wire::Role::Administrator && owner_of(identity.name) != kHubOwner);
}

bool Registry::is_for(const Granted& granted, const Identity& identity) {
  return is_shown_by_terms(identity) && granted.rule->rule.terms.any() &&
         (granted.to == identity.name || granted.to == owner_of(identity.name));
}

std::shared_ptr<const Entitlement> Registry::entitlement_by(std::string_view grant,
                                                            const Identity& identity,
                                                            std::int64_t now_us) const {
  const auto found = grants_.find(grant);
  if (found == grants_.end() || !is_for(found->second, identity)) return nullptr;
  const AccessRule& rule = found->second.rule->rule;
  if (now_us >= rule.ended_us) return nullptr;
  return std::make_shared<const Entitlement>(std::vector<AccessRule>{rule}, now_us);
}

std::vector<std::string> Registry::grants_with_terms(const Identity& identity,
                                                     std::int64_t now_us) const {
  std::vector<std::string> names;
  if (!is_shown_by_terms(identity)) return names;
  for (const Party* party : parties_of(identity)) {
    if (party == nullptr) continue;
    for (const Part& part : party->parts) {
      const std::vector<std::string>& more = shown_by_part(part, now_us).with_terms;
      names.insert(names.end(), more.begin(), more.end());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace vigie::security
