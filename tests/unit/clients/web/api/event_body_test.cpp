#include "clients/web/server/api/event_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigie::web::api {
namespace {

using testing::HasSubstr;

TEST(EventBody, IsAnEventInTheNameOfWhoSendsIt) {
  const auto event = parse_event_body(
      R"({"kind":"sos","text":"casualty","severity":"severe","position":{"lat":15.5,"lon":-1.25},
          "group":"patrol","references":["00000000000000010000000000000002:9"],
          "fields":{"heard_by":"all"}})",
      "alpha/room");
  ASSERT_TRUE(event.has_value()) << event.error().detail;
  EXPECT_EQ(event->unit, "alpha/room");
  EXPECT_EQ(event->severity, client::Severity::Severe);
  EXPECT_EQ(event->position, (client::Place{155'000'000, -12'500'000}));
  EXPECT_EQ(event->references, (std::vector<client::MessageName>{{{1, 2}, 9}}));
  EXPECT_EQ(event->fields, (std::vector<client::Field>{{"heard_by", "all"}}));
}

struct Bad {
  const char* body;
  const char* names;
};
TEST(EventBody, IsRefusedWithTheMemberThatIsWrong) {
  constexpr Bad kBad[] = {
      {"", "no JSON object"},
      {"[]", "no JSON object"},
      {"{\"kind\":\"sos\"", "no JSON object"},
      {"{\"kind\":\"s\xff\"}", "no JSON object"},
      {"{}", "'kind': it is missing"},
      {R"({"kind":"SOS"})", "'kind': 'SOS' is no kind"},
      {R"({"kind":"sos","kind":"halt"})", "'kind': it is given twice"},
      {R"({"kind":"sos","txt":"x"})", "'txt': there is no such member"},
      {R"({"kind":"text"})", "'text': there is nothing to say"},
      {R"({"kind":"sos","text":5})", "'text': it is a text"},
      {R"({"kind":"sos","text":"a\u001bb"})", "'text': it has control characters"},
      {R"({"kind":"sos","severity":"high"})", "'severity': 'high' is not one of"},
      {R"({"kind":"sos","position":[1,2]})", "'position': it is an object"},
      {R"({"kind":"sos","position":{"lat":91,"lon":0}})", "'position': lat is -90..90"},
      {R"({"kind":"sos","position":{"lat":1e999,"lon":0}})", "no JSON object"},
      {R"({"kind":"sos","group":"a/b"})", "'group': 'a/b' is no group"},
      {R"({"kind":"sos","unit":"alpha"})", "'unit': 'alpha' is no unit"},
      {R"({"kind":"sos","references":["x"]})", "'references': each is"},
      {R"({"kind":"sos","fields":{"a":1}})", "'fields': each is a text"},
      {R"({"kind":"sos","fields":{"":"1"}})", "'fields': each is a text"}};
  for (const Bad& bad : kBad) {
    const auto event = parse_event_body(bad.body, "alpha/room");
    ASSERT_FALSE(event.has_value()) << bad.body;
    EXPECT_EQ(event.error().status, 400);
    EXPECT_THAT(event.error().detail, HasSubstr(bad.names)) << bad.body;
  }
}

TEST(EventBody, NeedsAUnitWhereNobodySignedIn) {
  EXPECT_FALSE(parse_event_body(R"({"kind":"sos"})", "").has_value());
  EXPECT_TRUE(parse_event_body(R"({"kind":"sos","unit":"alpha/hq"})", "").has_value());
}

TEST(EventBody, OfDeepNestingIsRefusedAndDoesNoHarm) {
  const std::string deep = "{\"kind\":" + std::string(100'000, '[');
  EXPECT_FALSE(parse_event_body(deep, "alpha/room").has_value());
  const std::string closed =
      "{\"fields\":" + std::string(50'000, '[') + std::string(50'000, ']') + ",\"kind\":\"sos\"}";
  EXPECT_FALSE(parse_event_body(closed, "alpha/room").has_value());
}

}  // namespace
}  // namespace vigie::web::api
