// What the audit asks of the registry.

#include <algorithm>

#include "hub/security/registry.h"

namespace vigie::security {

const Identity* Registry::named(std::string_view name) const {
  const auto found = identities_.find(name);
  return found == identities_.end() || found->second.deleted ? nullptr : &found->second.value;
}

std::vector<HubAdministrator> Registry::administrators() const {
  std::vector<HubAdministrator> all;
  for (const auto& [name, kept] : identities_) {
    // What the log says has a seq.
    if (owner_of(name) != kHubOwner || kept.seq != 0) continue;
    all.push_back({.name = name.substr(kHubOwner.size() + 1), .key = kept.value.key});
  }
  return all;
}

std::vector<ShownBy> Registry::shown_by(const Identity& identity, std::string_view grant,
                                        std::int64_t now_us) const {
  std::vector<ShownBy> all;
  const bool sees_by_grants = identity.role == wire::Role::Console ||
                              identity.role == wire::Role::Partner ||
                              (identity.is_administrator() && owner_of(identity.name) != kHubOwner);
  if (!sees_by_grants) return all;
  for (const Party* party : parties_of(identity)) {
    if (party == nullptr) continue;
    for (const Part& part : party->parts) {
      for (const Granted* one : part.grants) {
        const AccessRule& rule = one->rule->rule;
        const bool meant = grant.empty() ? !rule.terms.any() : one->name == grant;
        if (!meant || now_us >= rule.ended_us) continue;
        all.push_back({.grant = one->name, .past = rule.made_us == INT64_MIN});
      }
    }
  }
  return all;
}

}  // namespace vigie::security
