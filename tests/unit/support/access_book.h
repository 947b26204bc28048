#pragma once
// A log of who may do what, written by hand: for tests of what hangs on it.

#include <gtest/gtest.h>

#include "hub/security/registry.h"
#include "schemas/messages/check_access.h"
#include "tests/unit/schemas/access_samples.h"

namespace vigie::test {

constexpr std::int64_t kHour = 3'600'000'000;

/// A key that can be told by its digit.
inline std::string key(char digit) {
  return std::string(64, digit);
}

/// What a registry says to a state, as the holder of the key says it; empty: yes.
inline security::WhyNot why_not(const security::Registry& registry, const std::string& as_key,
                                std::unique_ptr<wire::StateT> state) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::State::Pack(builder, state.get()));
  return registry.may_publish(registry.find(as_key, kNoonUs),
                              *flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer()));
}

/// A log of who may do what: each state is given the next seq and the time, if it is allowed.
class Book {
 public:
  Book() : registry({{.name = "chief", .key = key('0')}}) {}

  /// Says it as the holder of the key; why not, or empty.
  security::WhyNot say(const std::string& as_key, std::unique_ptr<wire::StateT> state) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(wire::State::Pack(builder, state.get()));
    const auto* asked = flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer());
    std::string reason;
    EXPECT_EQ(check_access(*asked, &reason), wire::Refusal::None) << reason;
    const security::WhyNot why = registry.may_publish(registry.find(as_key, now_us), *asked);
    if (!why.empty()) return why;
    state->stamp = std::make_unique<wire::Stamp>(++seq, now_us, 0, 0, 0);
    wire::BatchT batch;
    batch.spool = std::make_unique<wire::Spool>(1, 1);
    batch.states.push_back(std::move(state));
    BodyBuilder body;
    body.append(wire::BlockKind::Batch, packed<wire::Batch>(batch), 1, seq);
    const BodyPtr closed = body.close(seq, seq, now_us);
    picture.fold(closed->bytes());
    BlockWalk walk(closed->bytes());
    EXPECT_TRUE(registry.note(*walk.next()->batch().states()->Get(0)));
    return {};
  }
  void must(const std::string& as_key, std::unique_ptr<wire::StateT> state) {
    EXPECT_EQ(say(as_key, std::move(state)), "");
  }

  /// The hub's chief invites it, and it joins.
  void enrol(const std::string& name, char digit, wire::Role role,
             const std::vector<std::string>& units = {}) {
    must(key('0'), invite(name, static_cast<char>(digit + 5), role, units));
    must(key(static_cast<char>(digit + 5)),
         identity(name, digit, role, units, static_cast<char>(digit + 5)));
  }

  static std::unique_ptr<wire::StateT> invite(const std::string& name, char digit, wire::Role role,
                                              std::vector<std::string> units = {}) {
    auto state = make_access_state(wire::StateKind::Invite, name, 0);
    state->invite = std::make_unique<wire::InviteT>();
    state->invite->key = key(digit);
    state->invite->role = role;
    state->invite->units = std::move(units);
    state->invite->ends_us = kNoonUs + kHour;
    return state;
  }
  static std::unique_ptr<wire::StateT> identity(const std::string& name, char digit,
                                                wire::Role role,
                                                std::vector<std::string> units = {},
                                                char by_invite = 0) {
    auto state = make_access_state(wire::StateKind::Identity, name, 0);
    state->identity = std::make_unique<wire::IdentityT>();
    state->identity->key = key(digit);
    state->identity->role = role;
    state->identity->units = std::move(units);
    if (by_invite != 0) state->identity->invite = key(by_invite);
    return state;
  }
  static std::unique_ptr<wire::StateT> revoked(const std::string& name) {
    auto state = make_access_state(wire::StateKind::Identity, name, 0);
    state->deleted = true;
    return state;
  }
  static std::unique_ptr<wire::StateT> grant(const std::string& name, const std::string& to) {
    auto state = make_access_state(wire::StateKind::Grant, name, 0);
    state->grant = std::make_unique<wire::GrantT>();
    state->grant->to = to;
    return state;
  }
  static std::unique_ptr<wire::StateT> ended(std::unique_ptr<wire::StateT> state,
                                             std::int64_t made_us) {
    state->grant->ended = true;
    state->grant->made_us = made_us;
    return state;
  }

  bool may(char digit, MessageClass message_class, const std::string& unit) const {
    return registry.may_publish(registry.find(key(digit), now_us), message_class, unit).empty();
  }
  bool sees(char digit, MessageClass message_class, const std::string& unit,
            const std::string& group = "", std::int64_t known_us = kNoonUs,
            std::int64_t read_us = kPresentUs) const {
    const security::Holder holder = registry.find(key(digit), now_us);
    if (holder.identity == nullptr) return false;
    return registry.entitlement(*holder.identity, now_us)
        ->permits({.message_class = message_class,
                   .owner = owner_of(unit),
                   .group = group,
                   .unit = unit,
                   .known_us = known_us,
                   .position = {}},
                  read_us);
  }

  security::Registry registry;
  Picture picture;
  std::uint64_t seq = 0;
  std::int64_t now_us = kNoonUs;
};

}  // namespace vigie::test
