// Of the registry, who stands at a moment: how many of an owner, how they rank, whose keys may
// connect, when one of them ends.

#include <algorithm>

#include "hub/security/registry.h"

namespace vigie::security {

std::size_t Registry::standing(wire::StateKind kind, std::string_view owner,
                               std::int64_t now_us) const {
  if (kind == wire::StateKind::Grant) return grant_ends_.count(owner, now_us);
  if (kind == wire::StateKind::Identity) return identity_ends_.count(owner, now_us);
  return invite_ends_.count(owner, now_us);
}

bool Registry::begins(const wire::State& state, std::int64_t now_us) const {
  const std::string_view name = text_of(state.name());
  if (state.grant() != nullptr) return !state.grant()->ended() && !grants_.contains(name);
  if (state.deleted()) return false;
  if (state.kind() == wire::StateKind::Identity) {
    const auto known = identities_.find(name);
    return known == identities_.end() || known->second.deleted ||
           now_us >= known->second.value.ends_us;
  }
  const auto known = invites_.find(name);
  return known == invites_.end() || !is_open(known->second, now_us);
}

/// After anything was said of its name.
void Registry::count_invite(const std::string& name, Kept<Invitation>& kept) {
  if (kept.counted) invite_ends_.remove(owner_of(name), *kept.counted);
  kept.counted.reset();
  if (!is_unused(kept)) return;
  kept.counted = kept.value.ends_us;
  invite_ends_.add(owner_of(name), *kept.counted);
}

SourceRanks Registry::source_ranks(std::int64_t now_us) const {
  SourceRanks ranks;
  for (const auto& [name, kept] : identities_) {
    const bool is_over = kept.deleted || now_us >= kept.value.ends_us;
    const Rank rank = is_over ? kNoRank : Rank{kept.value.rank};
    if (rank != 0) ranks.by_source[kept.value.source] = rank;
  }
  return ranks;
}

std::vector<std::string> Registry::keys(std::int64_t now_us) const {
  std::vector<std::string> all;
  for (const auto& [name, kept] : identities_) {
    if (!kept.deleted && now_us < kept.value.ends_us) all.push_back(kept.value.key);
  }
  for (const auto& [name, kept] : invites_) {
    if (is_open(kept, now_us)) all.push_back(kept.value.becomes.key);
  }
  return all;
}

std::vector<std::string> Registry::closed_keys(std::int64_t now_us) const {
  std::vector<std::string> all;
  for (const auto& [name, kept] : invites_) {
    if (!kept.deleted && !is_open(kept, now_us)) all.push_back(kept.value.becomes.key);
  }
  for (const auto& [key, name] : withdrawn_) all.push_back(key);
  return all;
}

std::optional<ClosedInvitation> Registry::closed(std::string_view key, std::int64_t now_us) const {
  if (const auto named = withdrawn_.find(std::string(key)); named != withdrawn_.end()) {
    return ClosedInvitation{named->second, "was withdrawn or replaced by another"};
  }
  const auto named = invite_by_key_.find(std::string(key));
  if (named == invite_by_key_.end()) return std::nullopt;
  const Kept<Invitation>& kept = invites_.find(named->second)->second;
  if (is_open(kept, now_us)) return std::nullopt;
  const auto became = identities_.find(named->second);
  const bool is_overtaken = became != identities_.end() && became->second.seq > kept.seq;
  if (!is_overtaken) return ClosedInvitation{named->second, "is over"};
  const bool was_used = became->second.value.invite == key;
  return ClosedInvitation{named->second,
                          was_used ? "was used" : "was overtaken by what was said of that name"};
}

std::int64_t Registry::next_end_us(std::int64_t now_us) const {
  std::int64_t next_us = INT64_MAX;
  const auto ends = [&](std::int64_t us) {
    if (us > now_us) next_us = std::min(next_us, us);
  };
  for (const auto& [name, kept] : identities_) {
    if (!kept.deleted) ends(kept.value.ends_us);
  }
  for (const auto& [name, kept] : invites_) {
    if (is_open(kept, now_us)) ends(kept.value.ends_us);
  }
  return next_us;
}

}  // namespace vigie::security
