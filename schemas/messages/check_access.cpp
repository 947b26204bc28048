#include "schemas/messages/check_access.h"

#include <algorithm>
#include <set>

#include "schemas/messages/check_parts.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie {
namespace {

using wire::Refusal;
using Texts = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

constexpr unsigned kClasses = (1u << kClassCount) - 1;

/// Rights hang on the content: it has what its kind says and nothing else.
Refusal check_content(const wire::State& state, std::string* reason) {
  const bool wanted = !state.deleted();
  if (!wanted && state.kind() == wire::StateKind::Grant) {
    return refuse(Refusal::BadValue, reason,
                  "grant '{}' can't be deleted: what it showed stays known; say that it is ended",
                  shown(text_of(state.name())));
  }
  const bool fits =
      (state.identity() != nullptr) == (wanted && state.kind() == wire::StateKind::Identity) &&
      (state.invite() != nullptr) == (wanted && state.kind() == wire::StateKind::Invite) &&
      (state.grant() != nullptr) == (wanted && state.kind() == wire::StateKind::Grant) &&
      state.card() == nullptr;
  if (fits) return Refusal::None;
  return refuse(Refusal::BadValue, reason, "state '{}' does not hold what its kind {} says",
                shown(text_of(state.name())), wire::EnumNameStateKind(state.kind()));
}

Refusal check_key(std::string_view key, const char* field, std::string* reason) {
  if (is_key(key)) return Refusal::None;
  return refuse(Refusal::BadValue, reason, "{} '{}' is not 64 lower-case hexadecimal digits", field,
                shown(key));
}

Refusal check_end(std::int64_t us, const char* field, std::string* reason) {
  if (us == 0 || (us >= kTrueTimeUsMin && us <= kTrueTimeUsMax)) return Refusal::None;
  return refuse(Refusal::BadTime, reason, "{} {} is not between 2000 and 2100", field, us);
}

/// What an identity is or will be: a role that is known, and units of its own owner.
Refusal check_rights(wire::Role role, const Texts* units, std::string_view name,
                     std::string* reason) {
  if (role == wire::Role::None || role > wire::Role::MAX) {
    return refuse(Refusal::BadValue, reason, "role {} of '{}' is not known", static_cast<int>(role),
                  shown(name));
  }
  const bool publishes = role == wire::Role::Tracker || role == wire::Role::Gateway;
  if (publishes && size_of(units) == 0) {
    return refuse(Refusal::BadValue, reason, "'{}' names no units that it publishes for",
                  shown(name));
  }
  if (size_of(units) > limits::kIdentityUnitsMax) {
    return refuse(Refusal::TooLarge, reason, "'{}' names {} units, at most {} are taken",
                  shown(name), size_of(units), limits::kIdentityUnitsMax);
  }
  for (const auto* unit : each(units)) {
    if (!is_unit_pattern(text_of(unit)) || owner_of(text_of(unit)) != owner_of(name)) {
      return refuse(Refusal::BadName, reason,
                    "unit '{}' of '{}' is not OWNER/NAME or OWNER/* of {}", shown(text_of(unit)),
                    shown(name), shown(owner_of(name)));
    }
  }
  return Refusal::None;
}

Refusal check_identity(const wire::Identity& identity, std::string_view name, std::string* reason) {
  Refusal bad = check_key(text_of(identity.key()), "key", reason);
  if (bad != Refusal::None) return bad;
  bad = check_rights(identity.role(), identity.units(), name, reason);
  if (bad != Refusal::None) return bad;
  if (identity.invite() != nullptr) {
    bad = check_key(text_of(identity.invite()), "invite", reason);
    if (bad != Refusal::None) return bad;
  }
  if (identity.sign_key() != nullptr) {
    bad = check_key(text_of(identity.sign_key()), "sign_key", reason);
    if (bad != Refusal::None) return bad;
  }
  return check_end(identity.ends_us(), "ends_us", reason);
}

Refusal check_invite(const wire::Invite& invite, std::string_view name, std::string* reason) {
  Refusal bad = check_key(text_of(invite.key()), "key", reason);
  if (bad != Refusal::None) return bad;
  bad = check_rights(invite.role(), invite.units(), name, reason);
  if (bad != Refusal::None) return bad;
  bad = check_end(invite.identity_ends_us(), "identity_ends_us", reason);
  if (bad != Refusal::None) return bad;
  if (invite.ends_us() == 0) {
    return refuse(Refusal::BadTime, reason, "the invitation of '{}' has no end", shown(name));
  }
  return check_end(invite.ends_us(), "ends_us", reason);
}

/// The lists of what is granted.
Refusal check_granted(const wire::Grant& grant, std::string_view name, std::string* reason) {
  const std::size_t longest = std::max(size_of(grant.groups()), size_of(grant.units()));
  if (longest > limits::kGrantGroupsMax) {
    return refuse(Refusal::TooLarge, reason, "grant '{}' names {} groups or units, at most {}",
                  shown(name), longest, limits::kGrantGroupsMax);
  }
  for (const auto& [value, most, term] :
       {std::tuple{grant.delay_s(), limits::kGrantDelaySMax, "delay_s"},
        std::tuple{grant.round_m(), limits::kGrantRoundMMax, "round_m"},
        std::tuple{grant.every_s(), limits::kGrantEverySMax, "every_s"}}) {
    if (value <= most) continue;
    return refuse(Refusal::BadValue, reason, "{} {} of grant '{}' is above {}", term, value,
                  shown(name), most);
  }
  for (const auto* group : each(grant.groups())) {
    if (!is_segment(text_of(group)) || is_reserved_group(text_of(group))) {
      return refuse(Refusal::BadName, reason, "group '{}' of grant '{}' can't be granted",
                    shown(text_of(group)), shown(name));
    }
  }
  for (const auto* unit : each(grant.units())) {
    if (!is_unit_name(text_of(unit)) || owner_of(text_of(unit)) != owner_of(name)) {
      return refuse(Refusal::BadName, reason, "unit '{}' of grant '{}' is not OWNER/NAME of {}",
                    shown(text_of(unit)), shown(name), shown(owner_of(name)));
    }
  }
  if (static_cast<unsigned>(grant.classes()) > kClasses) {
    // A class of tomorrow is not to be granted by somebody who means all of today's.
    return refuse(Refusal::BadValue, reason, "classes {} of grant '{}' are not known",
                  static_cast<int>(grant.classes()), shown(name));
  }
  return Refusal::None;
}

Refusal check_grant(const wire::Grant& grant, std::string_view name, std::string* reason) {
  const std::string_view to = text_of(grant.to());
  if ((!is_segment(to) && !is_unit_name(to)) || owner_of(to) == owner_of(name)) {
    return refuse(Refusal::BadName, reason,
                  "to '{}' of grant '{}' is not another OWNER or OWNER/NAME", shown(to),
                  shown(name));
  }
  const Refusal bad = check_granted(grant, name, reason);
  if (bad != Refusal::None) return bad;
  if (grant.area() != nullptr && !is_area(*grant.area())) {
    return refuse(Refusal::BadPosition, reason, "area of grant '{}' is out of range", shown(name));
  }
  for (const auto& [us, field] :
       {std::pair{grant.from_us(), "from_us"}, std::pair{grant.until_us(), "until_us"},
        std::pair{grant.ends_us(), "ends_us"}, std::pair{grant.made_us(), "made_us"}}) {
    const Refusal bad_time = check_end(us, field, reason);
    if (bad_time != Refusal::None) return bad_time;
  }
  if (grant.until_us() != 0 && grant.until_us() <= grant.from_us()) {
    return refuse(Refusal::BadTime, reason, "grant '{}' is from {} until {}: that is never",
                  shown(name), grant.from_us(), grant.until_us());
  }
  return Refusal::None;
}

std::size_t bytes_of(const Texts* texts) {
  std::size_t bytes = 0;
  for (const auto* text : each(texts)) bytes += text_of(text).size();
  return bytes;
}

}  // namespace

wire::Refusal check_access(const wire::State& state, std::string* reason) {
  const std::string_view name = text_of(state.name());
  if (text_of(state.group()) != kAccessGroup) {
    return refuse(Refusal::BadName, reason, "group '{}' of '{}' must be {}",
                  shown(text_of(state.group())), shown(name), kAccessGroup);
  }
  const Refusal bad = check_content(state, reason);
  if (bad != Refusal::None) return bad;
  if (state.identity() != nullptr) return check_identity(*state.identity(), name, reason);
  if (state.invite() != nullptr) return check_invite(*state.invite(), name, reason);
  return state.grant() == nullptr ? Refusal::None : check_grant(*state.grant(), name, reason);
}

void check_access_alone(const wire::Batch& batch, std::vector<RefusedNumbers>& refused) {
  std::set<std::string_view> spoken_of;
  for (const wire::State* state : each(batch.states())) {
    if (!is_access(state->kind())) continue;
    const std::uint64_t number = state->number();
    const bool bad = std::any_of(refused.begin(), refused.end(), [&](const RefusedNumbers& one) {
      return number >= one.first && number <= one.last;
    });
    if (bad) continue;
    // No name is a key: it has a '/'.
    std::string_view key;
    if (state->identity() != nullptr) key = text_of(state->identity()->key());
    if (state->invite() != nullptr) key = text_of(state->invite()->key());
    const bool fresh_name = spoken_of.insert(text_of(state->name())).second;
    const bool fresh_key = key.empty() || spoken_of.insert(key).second;
    if (fresh_name && fresh_key) continue;
    std::string reason;
    refuse(Refusal::BadValue, &reason, "{} '{}' speaks of what an earlier state of its batch does",
           wire::EnumNameStateKind(state->kind()), shown(text_of(state->name())));
    refused.push_back({number, number, Refusal::BadValue, std::move(reason)});
  }
}

std::size_t access_bytes(const wire::State& state) {
  std::size_t bytes = 0;
  if (state.identity() != nullptr) bytes += bytes_of(state.identity()->units());
  if (state.invite() != nullptr) bytes += bytes_of(state.invite()->units());
  if (state.grant() != nullptr) {
    bytes += bytes_of(state.grant()->groups()) + bytes_of(state.grant()->units());
  }
  return bytes;
}

}  // namespace vigie
