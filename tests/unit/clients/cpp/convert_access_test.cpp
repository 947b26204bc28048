#include "clients/cpp/core/convert_access.h"

#include <gtest/gtest.h>

#include "clients/cpp/core/convert.h"
#include "clients/cpp/core/rows.h"
#include "tests/unit/schemas/access_samples.h"

namespace vigie::client {
namespace {

State read(const wire::StateT& native) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::State::Pack(builder, &native));
  return from_wire(*flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer()));
}

TEST(ConvertAccess, each_kind_comes_back_as_it_was) {
  for (const auto& native :
       {test::make_identity("blue/tablet", 0), test::make_invite("blue/tablet", 0),
        test::make_grant("blue/to-green", 0)}) {
    const State state = read(*native);
    EXPECT_EQ(read(to_wire(state)), state);
    EXPECT_EQ(to_wire(state).card, nullptr);
  }
}

TEST(ConvertAccess, a_signing_key_comes_back_as_it_was) {
  auto native = test::make_identity("blue/tablet", 0);
  EXPECT_EQ(read(*native).identity.sign_key, "");
  native->identity->sign_key = std::string(64, '5');
  const State state = read(*native);
  EXPECT_EQ(state.identity.sign_key, std::string(64, '5'));
  EXPECT_EQ(read(to_wire(state)), state);
}

TEST(ConvertAccess, every_field_is_read) {
  const State identity = read(*test::make_identity("blue/tablet", 0));
  EXPECT_EQ(identity.kind, StateKind::Identity);
  EXPECT_EQ(identity.identity, (Identity{.key = test::kKey,
                                         .role = Role::Tracker,
                                         .units = {"blue/v1", "blue/*"},
                                         .ends_us = test::kNoonUs + 3'600'000'000,
                                         .invite = test::kKey,
                                         .rank = 3}));
  const State invite = read(*test::make_invite("blue/tablet", 0));
  EXPECT_EQ(invite.invite, (Invite{.key = test::kKey,
                                   .role = Role::Gateway,
                                   .units = {"blue/*"},
                                   .identity_ends_us = test::kNoonUs + 7'200'000'000,
                                   .ends_us = test::kNoonUs + 3'600'000'000,
                                   .rank = 255}));
  const Grant grant = read(*test::make_grant("blue/to-green", 0)).grant;
  EXPECT_EQ(grant.to, "green");
  EXPECT_TRUE(grant.fixes && grant.events && !grant.states && grant.past && !grant.ended);
  EXPECT_EQ(grant.groups, (std::vector<std::string>{"patrol", "-"}));
  EXPECT_EQ(grant.units, std::vector<std::string>{"blue/v1"});
  EXPECT_EQ(grant.area, (Area{14'000'000, 158'000'000, 17'000'000, 160'000'000}));
  EXPECT_EQ(grant.from_us, test::kNoonUs);
  EXPECT_EQ(grant.until_us, test::kNoonUs + 3'600'000'000);
  EXPECT_EQ(grant.ends_us, test::kNoonUs + 7'200'000'000);
}

TEST(ConvertAccess, a_grant_of_all_classes_may_leave_them_out) {
  auto native = test::make_grant("blue/to-green", 0);
  native->grant->classes = static_cast<wire::Class>(0);
  const Grant grant = read(*native).grant;
  EXPECT_TRUE(grant.fixes && grant.events && grant.states);
}

TEST(ConvertAccess, a_grant_of_no_class_is_refused_and_shows_not_everything) {
  State state = read(*test::make_grant("blue/to-green", 0));
  EXPECT_TRUE(encode(state));
  state.grant.fixes = state.grant.events = state.grant.states = false;
  const auto encoded = encode(state);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.fault().code, FaultCode::Invalid);
}

}  // namespace
}  // namespace vigie::client
