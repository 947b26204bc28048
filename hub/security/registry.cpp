#include "hub/security/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/keys/key_pair.h"
#include "schemas/messages/check_access.h"
#include "schemas/messages/check_parts.h"
#include "schemas/words/times.h"

namespace vigie::security {
namespace {

using Texts = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

/// In order.
std::vector<std::string> texts(const Texts* list) {
  std::vector<std::string> all;
  for (const auto* text : each(list)) all.emplace_back(text_of(text));
  std::sort(all.begin(), all.end());
  return all;
}

std::int64_t end_of(std::int64_t us) {
  return us == 0 ? INT64_MAX : us;
}

/// `patterns` are in order: a gateway may have a thousand of them, and a batch as many units.
bool covers_unit(const std::vector<std::string>& patterns, std::string_view unit) {
  const auto has = [&](std::string_view pattern) {
    return std::binary_search(patterns.begin(), patterns.end(), pattern, std::less<>());
  };
  return !patterns.empty() && (has(unit) || has(fmt::format("{}/*", owner_of(unit))));
}

/// What may not change in a grant, as bytes.
std::vector<std::byte> content_of(const wire::Grant& grant) {
  wire::GrantT native;
  grant.UnPackTo(&native);
  native.ended = false;
  native.made_us = 0;
  if (native.classes == wire::Class()) native.classes = static_cast<wire::Class>(kAllClasses);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::Grant::Pack(builder, &native));
  const auto* first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {first, first + builder.GetSize()};
}

AccessRule rule_of(const wire::Grant& grant, std::string_view name, std::int64_t made_us) {
  AccessRule rule{.owner = std::string(owner_of(name))};
  const auto classes = static_cast<unsigned>(grant.classes());
  rule.classes = classes == 0 ? kAllClasses : classes;
  rule.groups = texts(grant.groups());
  rule.units = texts(grant.units());
  if (const wire::Area* area = grant.area()) {
    rule.area = {area->west_e7(), area->south_e7(), area->east_e7(), area->north_e7()};
  }
  rule.from_us = grant.from_us() == 0 ? INT64_MIN : grant.from_us();
  rule.until_us = end_of(grant.until_us());
  rule.made_us = grant.past() ? INT64_MIN : made_us;
  rule.ended_us = end_of(grant.ends_us());
  constexpr std::int64_t kSecondUs = kMicrosecondsPerSecond;
  rule.terms = {.delay_us = grant.delay_s() * kSecondUs,
                .every_us = grant.every_s() * kSecondUs,
                .round_m = grant.round_m(),
                .own_numbers = grant.own_numbers()};
  return rule;
}

WhyNot taken_by_grant(std::string_view name) {
  return fmt::format("'{}' is a grant: take another name for the identity", shown(name));
}

}  // namespace

std::string spool_name(const Holder& holder) {
  return holder.identity != nullptr ? holder.identity->name
                                    : "invite/" + holder.invitation->becomes.key;
}

void introduce(const Holder& holder, wire::WelcomeT& welcome) {
  const auto end = [](std::int64_t us) { return us == INT64_MAX ? 0 : us; };
  if (holder.identity != nullptr) {
    const Identity& who = *holder.identity;
    welcome.name = who.name;
    welcome.identity = std::make_unique<wire::IdentityT>();
    welcome.identity->key = who.key;
    welcome.identity->role = who.role;
    welcome.identity->units = who.units;
    welcome.identity->ends_us = end(who.ends_us);
    welcome.identity->rank = who.rank;
  } else if (holder.invitation != nullptr) {
    const Identity& becomes = holder.invitation->becomes;
    welcome.name = becomes.name;
    welcome.invite = std::make_unique<wire::InviteT>();
    welcome.invite->key = becomes.key;
    welcome.invite->role = becomes.role;
    welcome.invite->units = becomes.units;
    welcome.invite->identity_ends_us = end(becomes.ends_us);
    welcome.invite->ends_us = holder.invitation->ends_us;
    welcome.invite->rank = becomes.rank;
  }
}

Registry::Registry(const std::vector<HubAdministrator>& administrators) {
  for (const HubAdministrator& one : administrators) {
    const std::string name = fmt::format("{}/{}", kHubOwner, one.name);
    identities_[name] = {
        .value = {.name = name, .key = one.key, .role = wire::Role::Administrator, .units = {}},
        .seq = 0,
        .deleted = false};
    identity_by_key_[one.key] = name;
  }
}

void Registry::note_all(const Picture& picture) {
  for (const RetainedState& state : picture.states()) {
    if (!is_access(state.kind)) continue;
    BlockWalk walk(state.entry->bytes());
    const auto block = walk.next();
    note(*block->batch().states()->Get(0));
  }
}

bool Registry::note(const wire::State& state) {
  if (!is_access(state.kind()) || state.stamp() == nullptr) return false;
  ++version_;
  const std::uint64_t seq = state.stamp()->first_seq();
  const std::int64_t known_us = state.stamp()->known_time_us();
  for (StandingEnds* ends : {&identity_ends_, &invite_ends_, &grant_ends_}) {
    ends->forget_over(owner_of(text_of(state.name())), known_us);
  }
  if (state.kind() != wire::StateKind::Grant) owners_version_ = version_;
  if (state.kind() == wire::StateKind::Identity) note_identity(state, seq);
  if (state.kind() == wire::StateKind::Invite) note_invite(state, seq);
  if (state.kind() == wire::StateKind::Grant) {
    note_grant(state, seq, known_us);
  }
  return true;
}

void Registry::note_identity(const wire::State& state, std::uint64_t seq) {
  const std::string name(text_of(state.name()));
  Kept<Identity>& kept = identities_[name];
  if (seq <= kept.seq) return;
  const wire::Identity* identity = state.deleted() ? nullptr : state.identity();
  // After a restart nothing else says which key it had.
  const bool says_ended = identity == nullptr && state.identity() != nullptr;
  if (says_ended) kept.value.key = text_of(state.identity()->key());
  if (identity == nullptr || text_of(identity->key()) != kept.value.key) end_key(kept);
  kept.value = {.name = name, .source = spool_owner(name)};
  kept.seq = seq;
  kept.version = version_;
  kept.deleted = identity == nullptr;
  if (kept.counted) identity_ends_.remove(owner_of(name), *kept.counted);
  kept.counted.reset();
  if (const auto invite = invites_.find(name); invite != invites_.end()) {
    count_invite(name, invite->second);
  }
  if (identity == nullptr) return;
  kept.value.key = text_of(identity->key());
  kept.value.role = identity->role();
  kept.value.units = texts(identity->units());
  kept.value.ends_us = end_of(identity->ends_us());
  kept.value.rank = identity->rank();
  kept.value.sign_key = text_of(identity->sign_key());
  kept.value.invite = text_of(identity->invite());
  identity_by_key_[kept.value.key] = name;
  kept.counted = kept.value.ends_us;
  identity_ends_.add(owner_of(name), *kept.counted);
}

/// Of one that is revoked, or takes another.
void Registry::end_key(Kept<Identity>& kept) {
  if (kept.value.key.empty()) return;
  identity_by_key_.erase(kept.value.key);
  ended_keys_.erase(kept.ended_key);
  kept.ended_key = kept.value.key;
  ended_keys_.insert(kept.ended_key);
}

void Registry::note_invite(const wire::State& state, std::uint64_t seq) {
  const std::string name(text_of(state.name()));
  Kept<Invitation>& kept = invites_[name];
  if (seq <= kept.seq) return;
  if (!kept.deleted && !kept.value.becomes.key.empty()) {
    invite_by_key_.erase(kept.value.becomes.key);
    withdrawn_.erase(kept.ended_key);
    kept.ended_key = kept.value.becomes.key;
    withdrawn_[kept.ended_key] = name;
  }
  kept.value = {};
  kept.seq = seq;
  kept.deleted = true;
  count_invite(name, kept);
  const wire::Invite* invite = state.invite();
  if (state.deleted() || invite == nullptr) return;
  kept.deleted = false;
  kept.value.becomes = {.name = name,
                        .key = std::string(text_of(invite->key())),
                        .role = invite->role(),
                        .units = texts(invite->units()),
                        .ends_us = end_of(invite->identity_ends_us()),
                        .rank = invite->rank()};
  kept.value.ends_us = invite->ends_us();
  invite_by_key_[kept.value.becomes.key] = name;
  count_invite(name, kept);
}

void Registry::note_grant(const wire::State& state, std::uint64_t seq, std::int64_t known_us) {
  const wire::Grant* grant = state.grant();
  if (grant == nullptr) return;
  const std::string name(text_of(state.name()));
  const auto [found, is_new] = grants_.try_emplace(name);
  Granted& granted = found->second;
  if (!is_new && seq <= granted.seq) return;
  if (is_new) {
    granted.to = text_of(grant->to());
    granted.content = content_of(*grant);
    // Where it has ended, its first state is not kept any more, and it says itself.
    granted.made_us = grant->ended() && grant->made_us() != 0 ? grant->made_us() : known_us;
    granted.rule = std::make_shared<const SetRule>(rule_of(*grant, name, granted.made_us));
    granted.said = std::make_shared<const SetRule>(said_of(name));
    granted.name = name;
    add_to_party(granted);
  }
  Party& party = granted_to_[granted.to];
  party.version = party.parts[granted.part].version = version_;
  granted.seq = seq;
  if (is_new && !grant->ended()) grant_ends_.add(owner_of(name), granted.rule->rule.ended_us);
  if (!grant->ended()) return;
  if (!is_new) grant_ends_.remove(owner_of(name), granted.rule->rule.ended_us);
  granted.ended = true;
  AccessRule over = granted.rule->rule;
  over.ended_us = std::min(over.ended_us, known_us);
  granted.rule = std::make_shared<const SetRule>(std::move(over));
}

/// Each name of a grant has a place of its own in the set of rules.
std::size_t Registry::steps_of(const AccessRule& rule) {
  return std::max<std::size_t>(1, rule.units.size() + rule.groups.size());
}

void Registry::add_to_party(Granted& granted) {
  Party& party = granted_to_[granted.to];
  const std::size_t steps = steps_of(granted.rule->rule);
  if (party.parts.empty() || party.parts.back().steps + steps > kGrantsAPart) {
    party.parts.emplace_back();
  }
  party.parts.back().steps += steps;
  party.parts.back().grants.push_back(&granted);
  granted.part = party.parts.size() - 1;
}

bool Registry::is_open(const Kept<Invitation>& invite, std::int64_t now_us) const {
  return now_us < invite.value.ends_us && is_unused(invite);
}

bool Registry::is_unused(const Kept<Invitation>& invite) const {
  if (invite.deleted) return false;
  // Used, or overtaken by what happened to that identity since: it was revoked, say.
  const auto identity = identities_.find(invite.value.becomes.name);
  return identity == identities_.end() || identity->second.seq < invite.seq;
}

Holder Registry::find(std::string_view key, std::int64_t now_us) const {
  if (const auto named = identity_by_key_.find(std::string(key)); named != identity_by_key_.end()) {
    const Kept<Identity>& kept = identities_.find(named->second)->second;
    if (now_us < kept.value.ends_us) return {.identity = &kept.value};
    return {};
  }
  const auto named = invite_by_key_.find(std::string(key));
  if (named == invite_by_key_.end()) return {};
  const Kept<Invitation>& kept = invites_.find(named->second)->second;
  if (is_open(kept, now_us)) return {.invitation = &kept.value};
  return {};
}

bool Registry::is_free(std::string_view key, std::string_view name) const {
  const auto identity = identity_by_key_.find(std::string(key));
  return !invite_by_key_.contains(std::string(key)) &&
         (identity == identity_by_key_.end() || identity->second == name);
}

/// Whether the key may become, or stay, that of the name.
WhyNot Registry::may_have_key(std::string_view name, std::string_view key) const {
  if (!is_free(key, name)) return fmt::format("the key of '{}' is in use", shown(name));
  if (!ended_keys_.contains(std::string(key))) return {};
  return fmt::format(
      "the key of '{}' was revoked or replaced, and is nobody's again: another one comes by a new "
      "code (vigie invite)",
      shown(name));
}

/// Whether an administrator may say of the name that it has the key.
WhyNot Registry::may_stay(std::string_view name, std::string_view key) const {
  const auto found = identities_.find(name);
  if (found == identities_.end() || found->second.deleted) return {};  // it begins
  if (found->second.value.key == key) return {};
  return fmt::format(
      "'{}' has another key, {}: what is said of it must hold that one. Another one comes by the "
      "device itself (vigie rotate) or by a new code (vigie invite)",
      shown(name), found->second.value.key);
}

WhyNot Registry::may_publish(const Holder& holder, MessageClass message_class,
                             std::string_view unit) const {
  if (holder.invitation != nullptr) {
    return fmt::format("an invitation publishes nothing but the identity '{}'",
                       shown(holder.invitation->becomes.name));
  }
  if (holder.identity == nullptr) return "nobody known holds this key";
  const Identity& who = *holder.identity;
  if (covers_unit(who.units, unit)) return {};
  const bool says_as_itself =
      message_class == MessageClass::Event && unit == who.name && who.role != wire::Role::Partner;
  if (says_as_itself) return {};
  const bool keeps_cards = message_class == MessageClass::State && who.is_administrator() &&
                           owner_of(unit) == owner_of(who.name);
  if (keeps_cards) return {};
  return fmt::format("'{}' does not publish for unit '{}'", shown(who.name), shown(unit));
}

WhyNot Registry::may_publish(const Holder& holder, const wire::State& state) const {
  if (!is_access(state.kind())) {
    return may_publish(holder, MessageClass::State, text_of(state.name()));
  }
  if (holder.invitation != nullptr) return may_join(*holder.invitation, state);
  if (holder.identity == nullptr) return "nobody known holds this key";
  const Identity& who = *holder.identity;
  if (state.kind() == wire::StateKind::Grant) return may_grant(who, state);
  if (state.kind() == wire::StateKind::Identity) return may_change_identity(who, state);
  const std::string_view name = text_of(state.name());
  const bool of_its_owner = owner_of(name) == owner_of(who.name);
  if (!who.is_administrator() || (!of_its_owner && owner_of(who.name) != kHubOwner)) {
    return fmt::format("'{}' is no administrator of {}", shown(who.name), shown(owner_of(name)));
  }
  if (state.invite() != nullptr && grants_.contains(name)) return taken_by_grant(name);
  if (state.invite() == nullptr) return {};
  const std::string key(text_of(state.invite()->key()));
  if (!is_free(key, {}) || ended_keys_.contains(key)) {
    return fmt::format("the key of the invitation of '{}' is in use, or was", shown(name));
  }
  return {};
}

WhyNot Registry::may_join(const Invitation& invitation, const wire::State& state) const {
  const Identity& becomes = invitation.becomes;
  const wire::Identity* identity = state.identity();
  if (identity == nullptr || text_of(state.name()) != becomes.name ||
      text_of(identity->invite()) != becomes.key || identity->role() != becomes.role ||
      texts(identity->units()) != becomes.units || end_of(identity->ends_us()) != becomes.ends_us ||
      identity->rank() != becomes.rank) {
    return fmt::format("the invitation is for the identity '{}' as it says, and for nothing else",
                       shown(becomes.name));
  }
  return may_have_key(becomes.name, text_of(identity->key()));
}

WhyNot Registry::may_change_identity(const Identity& who, const wire::State& state) const {
  const std::string_view name = text_of(state.name());
  const wire::Identity* identity = state.identity();
  if (identity != nullptr && grants_.contains(name)) return taken_by_grant(name);
  const bool rules = who.is_administrator() &&
                     (owner_of(name) == owner_of(who.name) || owner_of(who.name) == kHubOwner);
  if (rules && identity != nullptr && name != who.name) {
    WhyNot why = may_stay(name, text_of(identity->key()));
    if (!why.empty()) return why;
  }
  if (identity != nullptr) {
    WhyNot why = may_have_key(name, text_of(identity->key()));
    if (!why.empty()) return why;
  }
  if (rules) return {};
  // Whoever holds a key may take another one, and nothing more by it.
  const bool rotates = identity != nullptr && name == who.name && identity->role() == who.role &&
                       texts(identity->units()) == who.units &&
                       end_of(identity->ends_us()) == who.ends_us && identity->rank() == who.rank;
  // Each time everybody's rights are looked at anew: not for what is so already.
  const bool is_other = rotates && (text_of(identity->key()) != who.key ||
                                    (who.sign_key.empty() && identity->sign_key() != nullptr &&
                                     identity->sign_key()->size() != 0));
  if (is_other) return {};
  if (rotates) return fmt::format("'{}' has this key already: take another one", shown(name));
  return fmt::format("'{}' is no administrator of {}", shown(who.name), shown(owner_of(name)));
}

WhyNot Registry::may_grant(const Identity& who, const wire::State& state) const {
  const std::string_view name = text_of(state.name());
  if (!who.is_administrator() || owner_of(name) != owner_of(who.name)) {
    return fmt::format("'{}' is no administrator of {}: an owner alone grants what is its own",
                       shown(who.name), shown(owner_of(name)));
  }
  const wire::Grant& grant = *state.grant();
  const auto known = grants_.find(name);
  if (known == grants_.end()) {
    if (identities_.contains(name) || invites_.contains(name)) {
      return fmt::format("'{}' is or was an identity: take another name for the grant",
                         shown(name));
    }
    if (!grant.ended() && grant.made_us() == 0) return {};
    return fmt::format("there is no grant '{}' to end", shown(name));
  }
  const Granted& standing = known->second;
  if (standing.ended) {
    return fmt::format("grant '{}' has ended; take another name", shown(name));
  }
  if (!grant.ended() || grant.made_us() != standing.made_us ||
      content_of(grant) != standing.content) {
    return fmt::format("grant '{}' can't be changed, only ended, by what it is and made_us {}",
                       shown(name), standing.made_us);
  }
  return {};
}

}  // namespace vigie::security
