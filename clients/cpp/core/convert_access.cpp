#include "clients/cpp/core/convert_access.h"

#include "clients/cpp/core/convert.h"

namespace vigie::client {
namespace {

static_assert(static_cast<int>(Role::Administrator) == static_cast<int>(wire::Role::MAX));

std::unique_ptr<wire::GrantT> to_wire(const Grant& grant) {
  auto native = std::make_unique<wire::GrantT>();
  native->to = grant.to;
  const unsigned classes =
      (grant.fixes ? 1u : 0u) | (grant.events ? 2u : 0u) | (grant.states ? 4u : 0u);
  native->classes = static_cast<wire::Class>(classes);
  native->groups = grant.groups;
  native->units = grant.units;
  if (grant.area) {
    native->area = std::make_unique<wire::Area>(grant.area->west_e7, grant.area->south_e7,
                                                grant.area->east_e7, grant.area->north_e7);
  }
  native->from_us = grant.from_us;
  native->until_us = grant.until_us;
  native->ends_us = grant.ends_us;
  native->past = grant.past;
  native->ended = grant.ended;
  native->made_us = grant.made_us;
  native->delay_s = grant.delay_s;
  native->round_m = grant.round_m;
  native->every_s = grant.every_s;
  native->own_numbers = grant.own_numbers;
  return native;
}

Grant from_wire(const wire::Grant& grant) {
  Grant value;
  const auto classes = static_cast<unsigned>(grant.classes());
  value.to = text_of(grant.to());
  value.fixes = classes == 0 || (classes & 1u) != 0;
  value.events = classes == 0 || (classes & 2u) != 0;
  value.states = classes == 0 || (classes & 4u) != 0;
  value.groups = texts(grant.groups());
  value.units = texts(grant.units());
  if (const wire::Area* area = grant.area()) {
    value.area = Area{area->west_e7(), area->south_e7(), area->east_e7(), area->north_e7()};
  }
  value.from_us = grant.from_us();
  value.until_us = grant.until_us();
  value.ends_us = grant.ends_us();
  value.past = grant.past();
  value.ended = grant.ended();
  value.made_us = grant.made_us();
  value.delay_s = grant.delay_s();
  value.round_m = grant.round_m();
  value.every_s = grant.every_s();
  value.own_numbers = grant.own_numbers();
  return value;
}

Identity from_wire(const wire::Identity& identity) {
  return {.key = std::string(text_of(identity.key())),
          .role = static_cast<Role>(identity.role()),
          .units = texts(identity.units()),
          .ends_us = identity.ends_us(),
          .invite = std::string(text_of(identity.invite())),
          .rank = identity.rank(),
          .sign_key = std::string(text_of(identity.sign_key()))};
}

Invite from_wire(const wire::Invite& invite) {
  return {.key = std::string(text_of(invite.key())),
          .role = static_cast<Role>(invite.role()),
          .units = texts(invite.units()),
          .identity_ends_us = invite.identity_ends_us(),
          .ends_us = invite.ends_us(),
          .rank = invite.rank()};
}

}  // namespace

std::shared_ptr<const TakenFor> taken_for(const wire::Welcome& welcome) {
  if (welcome.name() == nullptr) return nullptr;
  TakenFor taken{.name = std::string(text_of(welcome.name()))};
  if (welcome.identity() != nullptr) taken.identity = from_wire(*welcome.identity());
  if (welcome.invite() != nullptr) taken.invite = from_wire(*welcome.invite());
  return std::make_shared<const TakenFor>(std::move(taken));
}

void add_access(const State& state, wire::StateT& native) {
  if (state.kind == StateKind::Identity) {
    native.identity = std::make_unique<wire::IdentityT>();
    native.identity->key = state.identity.key;
    native.identity->role = static_cast<wire::Role>(state.identity.role);
    native.identity->units = state.identity.units;
    native.identity->ends_us = state.identity.ends_us;
    native.identity->invite = state.identity.invite;
    native.identity->rank = state.identity.rank;
    native.identity->sign_key = state.identity.sign_key;
  } else if (state.kind == StateKind::Invite) {
    native.invite = std::make_unique<wire::InviteT>();
    native.invite->key = state.invite.key;
    native.invite->role = static_cast<wire::Role>(state.invite.role);
    native.invite->units = state.invite.units;
    native.invite->identity_ends_us = state.invite.identity_ends_us;
    native.invite->ends_us = state.invite.ends_us;
    native.invite->rank = state.invite.rank;
  } else if (state.kind == StateKind::Grant) {
    native.grant = to_wire(state.grant);
  }
}

void read_access(const wire::State& state, State& value) {
  if (state.identity() != nullptr) value.identity = from_wire(*state.identity());
  if (state.invite() != nullptr) value.invite = from_wire(*state.invite());
  if (const wire::Grant* grant = state.grant()) value.grant = from_wire(*grant);
}

}  // namespace vigie::client
