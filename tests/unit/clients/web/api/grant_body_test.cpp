#include "clients/web/server/api/grant_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace vigie::web::api {
namespace {

using testing::HasSubstr;
constexpr std::int64_t kNow = 1'772'000'000'000'000;

std::string refusal(const std::string& body) {
  const auto order = parse_grant_body(body, kNow);
  if (order) return "it was taken";
  EXPECT_EQ(order.error().status, 400);
  return order.error().detail;
}

std::string with(const std::string& members) {
  return R"({"name":"joint","to":"bravo",)" + members + "}";
}

TEST(GrantBody, OfANameAloneIsEverythingToAllOfThatOwner) {
  const auto order = parse_grant_body(R"({"name":"joint","to":"bravo"})", kNow);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->name, "joint");
  EXPECT_EQ(order->grant, (client::Grant{.to = "bravo"}));
}

TEST(GrantBody, HasEveryTerm) {
  const auto order = parse_grant_body(
      with(R"("classes":["track","event"],"groups":["-","north"],"units":["alpha/v1"],
              "area":[1.5,-2,3,4],"from":"2026-03-01T06:00:00Z","until":1772400000000000,
              "valid_s":3600,"past":true,"delay_s":600,"round_m":500,"every_s":60,
              "own_numbers":true)"),
      kNow);
  ASSERT_TRUE(order) << order.error().detail;
  const client::Grant& grant = order->grant;
  EXPECT_TRUE(grant.fixes && grant.events && !grant.states && grant.past && grant.own_numbers);
  EXPECT_THAT(grant.groups, testing::ElementsAre("-", "north"));
  EXPECT_THAT(grant.units, testing::ElementsAre("alpha/v1"));
  EXPECT_EQ(grant.area, (client::Area{15'000'000, -20'000'000, 30'000'000, 40'000'000}));
  EXPECT_EQ(grant.until_us - grant.from_us, 1'772'400'000'000'000 - 1'772'344'800'000'000);
  EXPECT_EQ(grant.ends_us, kNow + 3'600'000'000);
  EXPECT_EQ(grant.delay_s, 600u);
  EXPECT_EQ(grant.round_m, 500u);
  EXPECT_EQ(grant.every_s, 60u);
}

TEST(GrantBody, ThatIsNestedToExhaustTheStackIsRefused) {
  const std::size_t deep = 120'000;
  EXPECT_THAT(refusal(with("\"from\":" + std::string(deep, '[') + std::string(deep, ']'))),
              HasSubstr("too deeply"));
}

TEST(GrantBody, ThatIsWrongIsRefusedByItsField) {
  EXPECT_THAT(refusal("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal(R"({"to":"bravo"})"), HasSubstr("'name'"));
  EXPECT_THAT(refusal(with(R"("from":[1])")), HasSubstr("'from'"));
  EXPECT_THAT(refusal(with(R"("until":-5)")), HasSubstr("'until'"));
  EXPECT_THAT(refusal(with(R"("valid_s":0)")), HasSubstr("'valid_s'"));
  EXPECT_THAT(refusal(R"({"name":"a/b","to":"bravo"})"), HasSubstr("'name'"));
  EXPECT_THAT(refusal(R"({"name":"joint","to":"a/b/c"})"), HasSubstr("'to'"));
  EXPECT_THAT(refusal(with(R"("shown":true)")), HasSubstr("'shown'"));
  EXPECT_THAT(refusal(with(R"("classes":["fix"])")), HasSubstr("'classes'"));
  EXPECT_THAT(refusal(with(R"("classes":[])")), HasSubstr("'classes'"));
  EXPECT_THAT(refusal(with(R"("groups":["_access"])")), HasSubstr("'groups'"));
  EXPECT_THAT(refusal(with(R"("units":["v1"])")), HasSubstr("'units'"));
  EXPECT_THAT(refusal(with(R"("area":[1,2,3])")), HasSubstr("'area'"));
  EXPECT_THAT(refusal(with(R"("area":[1,4,3,2])")), HasSubstr("'area'"));
  EXPECT_THAT(refusal(with(R"("from":"tomorrow")")), HasSubstr("'from'"));
  EXPECT_THAT(refusal(with(R"("delay_s":-1)")), HasSubstr("'delay_s'"));
  EXPECT_THAT(refusal(with(R"("every_s":1.5)")), HasSubstr("'every_s'"));
  EXPECT_THAT(refusal(with(R"("round_m":100001)")), HasSubstr("'round_m'"));
  EXPECT_THAT(refusal(with(R"("past":1)")), HasSubstr("'past'"));
}

TEST(GrantBody, IsToldAsItStands) {
  client::StateItem item;
  item.state.kind = client::StateKind::Grant;
  item.state.name = "alpha/joint";
  item.state.grant = {.to = "bravo", .states = false, .ends_us = kNow, .every_s = 60};
  item.stamp.known_time_us = kNow - 1'000'000;
  const auto told = [&](std::int64_t now_us) {
    std::string text;
    JsonText json(text);
    add_grant(json, item, true, now_us);
    return nlohmann::json::parse(text);
  };
  EXPECT_EQ(told(kNow)["stands"], false) << "its time is over";
  EXPECT_EQ(told(kNow - 1)["stands"], true);
  EXPECT_EQ(told(kNow)["classes"], (nlohmann::json{"track", "event"}));
  EXPECT_EQ(told(kNow)["by_itself"], true);
  EXPECT_FALSE(told(kNow).contains("groups"));
  item.state.grant.ended = true;
  EXPECT_EQ(told(kNow - 1)["stands"], false);
}

}  // namespace
}  // namespace vigie::web::api
