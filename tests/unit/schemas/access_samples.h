#pragma once
// Well-formed identities, invitations and grants, to send or to spoil in one place.

#include "schemas/messages/names.h"
#include "tests/unit/schemas/samples.h"

namespace vigie::test {

inline const std::string kKey = std::string(60, '0') + "beef";

inline std::unique_ptr<wire::StateT> make_access_state(wire::StateKind kind,
                                                       const std::string& name,
                                                       std::uint64_t number) {
  auto state = std::make_unique<wire::StateT>();
  state->stamp = std::make_unique<wire::Stamp>();
  state->number = number;
  state->kind = kind;
  state->name = name;
  state->group = kAccessGroup;
  state->true_time_us = kNoonUs;
  return state;
}

inline std::unique_ptr<wire::StateT> make_identity(const std::string& name, std::uint64_t number) {
  auto state = make_access_state(wire::StateKind::Identity, name, number);
  state->identity = std::make_unique<wire::IdentityT>();
  state->identity->key = kKey;
  state->identity->role = wire::Role::Tracker;
  state->identity->units = {"blue/v1", "blue/*"};
  state->identity->ends_us = kNoonUs + 3'600'000'000;
  state->identity->invite = kKey;
  state->identity->rank = 3;
  return state;
}

inline std::unique_ptr<wire::StateT> make_invite(const std::string& name, std::uint64_t number) {
  auto state = make_access_state(wire::StateKind::Invite, name, number);
  state->invite = std::make_unique<wire::InviteT>();
  state->invite->key = kKey;
  state->invite->role = wire::Role::Gateway;
  state->invite->units = {"blue/*"};
  state->invite->identity_ends_us = kNoonUs + 7'200'000'000;
  state->invite->ends_us = kNoonUs + 3'600'000'000;
  state->invite->rank = 255;
  return state;
}

inline std::unique_ptr<wire::StateT> make_grant(const std::string& name, std::uint64_t number) {
  auto state = make_access_state(wire::StateKind::Grant, name, number);
  state->grant = std::make_unique<wire::GrantT>();
  state->grant->to = "green";
  state->grant->classes = wire::Class::Track | wire::Class::Event;
  state->grant->groups = {"patrol", "-"};
  state->grant->units = {"blue/v1"};
  state->grant->area =
      std::make_unique<wire::Area>(14'000'000, 158'000'000, 17'000'000, 160'000'000);
  state->grant->from_us = kNoonUs;
  state->grant->until_us = kNoonUs + 3'600'000'000;
  state->grant->ends_us = kNoonUs + 7'200'000'000;
  state->grant->past = true;
  return state;
}

}  // namespace vigie::test
