#include "clients/cli/outputs/access_line.h"

#include <gtest/gtest.h>

namespace vigie::cli {
namespace {

using namespace client;  // NOLINT: the library's values, all over

constexpr std::int64_t kNoonUs = 1'772'366'400'000'000;  // 2026-03-01T12:00:00Z

std::string line_of(const State& state) {
  JsonLine line;
  add_access(line, state);
  return line.finish();
}

TEST(AccessLine, names_kinds_and_roles) {
  EXPECT_EQ(state_kind_name(StateKind::UnitCard), "unit_card");
  EXPECT_EQ(state_kind_name(StateKind::Grant), "grant");
  EXPECT_EQ(state_kind_name(static_cast<StateKind>(99)), "unknown");
  EXPECT_EQ(role_name(Role::Administrator), "administrator");
  EXPECT_EQ(role_name(static_cast<Role>(99)), "unknown");
}

TEST(AccessLine, tells_an_identity) {
  State state{.kind = StateKind::Identity};
  state.identity = {.key = "beef", .role = Role::Tracker, .units = {"blue/v1", "blue/v2"}};
  EXPECT_EQ(line_of(state), R"({"key":"beef","role":"tracker","units":["blue/v1","blue/v2"]})"
                            "\n");
  state.identity.ends_us = kNoonUs;
  state.identity.invite = "cafe";
  state.identity.sign_key = "f00d";
  EXPECT_EQ(line_of(state),
            R"({"key":"beef","role":"tracker","units":["blue/v1","blue/v2"],)"
            R"("ends":"2026-03-01T12:00:00.000000Z","invite":"cafe","sign_key":"f00d"})"
            "\n");
}

TEST(AccessLine, tells_a_rank_that_is_not_the_first) {
  State state{.kind = StateKind::Identity};
  state.identity = {.key = "beef", .role = Role::Tracker, .rank = 2};
  EXPECT_EQ(line_of(state), R"({"key":"beef","role":"tracker","rank":2})"
                            "\n");
  state.kind = StateKind::Invite;
  state.invite = {.key = "beef", .role = Role::Tracker, .rank = 255};
  EXPECT_EQ(line_of(state), R"({"key":"beef","role":"tracker","rank":255})"
                            "\n");
}

TEST(AccessLine, tells_an_invitation) {
  State state{.kind = StateKind::Invite};
  state.invite = {.key = "beef", .role = Role::Console, .ends_us = kNoonUs};
  EXPECT_EQ(line_of(state),
            R"({"key":"beef","role":"console","ends":"2026-03-01T12:00:00.000000Z"})"
            "\n");
}

TEST(AccessLine, tells_a_grant) {
  State state{.kind = StateKind::Grant};
  state.grant.to = "green";
  EXPECT_EQ(line_of(state), R"({"to":"green","classes":["track","event","state"]})"
                            "\n");
  state.grant.events = false;
  state.grant.groups = {"patrol"};
  state.grant.area = Area{14'000'000, 158'000'000, 17'000'001, 160'000'000};
  state.grant.past = state.grant.ended = true;
  state.grant.made_us = kNoonUs;
  EXPECT_EQ(line_of(state), R"({"to":"green","classes":["track","state"],"groups":["patrol"],)"
                            R"("area":[1.4,15.8,1.7000001,16],"past":true,"ended":true,)"
                            R"("made":"2026-03-01T12:00:00.000000Z"})"
                            "\n");
}

TEST(AccessLine, tells_nothing_of_a_unit_card) {
  EXPECT_EQ(line_of(State{}), "{}\n");
}

}  // namespace
}  // namespace vigie::cli
