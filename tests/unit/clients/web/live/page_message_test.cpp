#include "clients/web/server/live/page_message.h"

#include <gmock/gmock.h>

namespace vigie::web {
namespace {

using ::testing::HasSubstr;

PageMessage taken(std::string_view text) {
  auto parsed = parse_page_message(text);
  const auto* refusal = std::get_if<PageRefusal>(&parsed);
  EXPECT_EQ(refusal, nullptr) << text << ": " << (refusal == nullptr ? "" : refusal->reason);
  return refusal == nullptr ? std::get<PageMessage>(parsed) : PageMessage();
}

PageRefusal refused(std::string_view text) {
  const auto parsed = parse_page_message(text);
  EXPECT_TRUE(std::holds_alternative<PageRefusal>(parsed)) << text;
  const auto* refusal = std::get_if<PageRefusal>(&parsed);
  return refusal == nullptr ? PageRefusal() : *refusal;
}

TEST(PageMessageTest, ReadsAnOpenWithAllItsFields) {
  const auto open = std::get<OpenMessage>(
      taken(R"({"type":"open","format":"json","resume":{"log":"0123456789abcdef0123456789abcdef",)"
            R"("event_seq":7,"fix_seq":9},"area":[170,-10.5,-170,10],"units":["a/b"],)"
            R"("channels":["track/a"],"classes":["track","state"],"pace_ms":500,)"
            R"("outside_ms":10000,"always":["c/d"]})"));
  EXPECT_TRUE(open.json);
  ASSERT_TRUE(open.resume);
  EXPECT_EQ(open.resume->event_seq, 7u);
  EXPECT_EQ(open.resume->fix_seq, 9u);
  ASSERT_TRUE(open.interest.area);
  EXPECT_EQ(open.interest.area->west_e7, 1'700'000'000);
  EXPECT_EQ(open.interest.area->south_e7, -105'000'000);
  EXPECT_EQ(open.interest.classes, 5u);
  EXPECT_EQ(open.interest.pace_ms, 500u);
  EXPECT_EQ(open.interest.outside_ms, 10'000u);
  EXPECT_EQ(open.interest.always, std::vector<std::string>{"c/d"});
  EXPECT_EQ(open.interest.units, std::vector<std::string>{"a/b"});
}

TEST(PageMessageTest, TakesWhatIsAbsentOrNullForNoLimit) {
  const auto open = std::get<OpenMessage>(taken(R"({"type":"open","area":null,"units":null})"));
  EXPECT_FALSE(open.json);
  EXPECT_FALSE(open.resume);
  EXPECT_TRUE(open.interest.everything());
}

TEST(PageMessageTest, ReadsProbeAndPastAndControl) {
  EXPECT_EQ(std::get<ProbeMessage>(taken(R"({"type":"probe","id":12})")).id, 12u);
  const auto past = std::get<PastMessage>(taken(
      R"({"type":"past","request":3,"clock":"known","time_us":1700000000000000,"speed":60})"));
  EXPECT_EQ(past.request, 3u);
  EXPECT_TRUE(past.known_clock);
  EXPECT_EQ(past.time_us, 1'700'000'000'000'000);
  EXPECT_EQ(past.speed, 60);
  EXPECT_FALSE(past.paused);
  const auto control =
      std::get<ControlMessage>(taken(R"({"type":"control","request":3,"do":"speed","speed":2.5})"));
  EXPECT_EQ(control.what, PastControl::Speed);
  EXPECT_EQ(control.speed, 2.5);
}

TEST(PageMessageTest, NamesTheFieldAndTheValueThatAreWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"type":"probe","id":-1})", "id is -1"},
      {R"({"type":"probe"})", "id is missing"},
      {R"({"type":"probe","id":1,"more":2})", "\"more\" is no field"},
      {R"({"type":"interest","area":[1,2,3]})", "area is [1,2,3]"},
      {R"({"type":"interest","area":[0,10,0,-10]})", "area is [0,10,0,-10]"},
      {R"({"type":"interest","area":[-181,0,0,0]})", "area is [-181,0,0,0]"},
      {R"({"type":"interest","units":["nobody"]})", "units is \"nobody\""},
      {R"({"type":"interest","channels":["no channel"]})", "channels is \"no channel\""},
      {R"({"type":"interest","classes":["fix"]})", "classes is \"fix\""},
      {R"({"type":"interest","pace_ms":60001})", "pace_ms is 60001"},
      {R"({"type":"interest","outside_ms":499})", "outside_ms is 499"},
      {R"({"type":"interest","outside_ms":60001})", "outside_ms is 60001"},
      {R"({"type":"interest","always":["nobody"]})", "always is \"nobody\""},
      {R"({"type":"open","format":"xml"})", "format is \"xml\""},
      {R"({"type":"open","resume":{"log":"x","event_seq":1,"fix_seq":1}})", "resume.log is \"x\""},
      {R"({"type":"past","request":1,"time_us":1.5})", "time_us is 1.5"},
      {R"({"type":"past","request":1,"time_us":1,"speed":0})", "speed is 0"},
      {R"({"type":"past","request":1,"time_us":1,"clock":"sun"})", "clock is \"sun\""},
      {R"({"type":"control","request":1})", "do is missing"},
      {R"({"type":"control","request":1,"do":"speed"})", "speed is missing"},
  };
  for (const auto& [text, reason] : cases) {
    const PageRefusal refusal = refused(text);
    EXPECT_FALSE(refusal.broken) << text;
    EXPECT_EQ(refusal.code, "bad_field") << text;
    EXPECT_THAT(refusal.reason, HasSubstr(reason)) << text;
  }
}

TEST(PageMessageTest, AnswersAnUnknownTypeAndChangesNothing) {
  const PageRefusal refusal = refused(R"({"type":"dance"})");
  EXPECT_EQ(refusal.code, "unknown_type");
  EXPECT_EQ(refusal.about, "dance");
  EXPECT_FALSE(refusal.broken);
}

TEST(PageMessageTest, BreaksOffAtWhatIsNoMessage) {
  for (const char* text : {"", "{", "[]", "3", "null", R"({"id":1})", R"({"type":3})",
                           R"({"type":"probe","id":[[[[[[[1]]]]]]]})"}) {
    EXPECT_TRUE(refused(text).broken) << text;
  }
  EXPECT_TRUE(refused(std::string(60'000, '[')).broken);
}

TEST(PageMessageTest, ShowsNoMoreOfAValueThanHelps) {
  const std::string text = R"({"type":"open","format":")" + std::string(50'000, 'x') + "\"}";
  EXPECT_LT(refused(text).reason.size(), 300u);
}

TEST(PageMessageTest, BoundsTheListsOfAnInterest) {
  std::string text = R"({"type":"interest","channels":[)";
  for (std::size_t i = 0; i <= kInterestChannelsMax; ++i) {
    text += i == 0 ? "\"track\"" : ",\"track\"";
  }
  EXPECT_THAT(refused(text + "]}").reason, HasSubstr("at most 64"));
}

TEST(PageMessageTest, ReadsTheGrantOfAnOpening) {
  const auto open = std::get<OpenMessage>(
      std::get<PageMessage>(parse_page_message(R"({"type":"open","grant":"alpha/aid"})")));
  EXPECT_EQ(open.grant, "alpha/aid");
  for (const char* grant : {"\"alpha\"", "\"\"", "3", "[\"alpha/aid\"]"}) {
    const std::string text = std::string(R"({"type":"open","grant":)") + grant + "}";
    EXPECT_THAT(refused(text).reason, HasSubstr("grant is ")) << text;
  }
}

TEST(PageMessageTest, TakesAPlaceToItsLastDigitWhereItIsWrittenAsDigits) {
  const auto resumed = [](const std::string& seq) {
    return parse_page_message(
        R"({"type":"open","resume":{"fix_seq":7,"log":"0123456789abcdef0123456789abcdef",)"
        R"("event_seq":)" +
        seq + "}}");
  };
  const auto open =
      std::get<OpenMessage>(std::get<PageMessage>(resumed("\"7258000000000004097\"")));
  EXPECT_EQ(open.resume->event_seq, 7258000000000004097u);
  EXPECT_EQ(open.resume->fix_seq, 7u);
  for (const char* seq : {"\"\"", "\"-1\"", "\"1x\"", "\" 1\"", "\"9223372036854775808\""}) {
    EXPECT_TRUE(std::holds_alternative<PageRefusal>(resumed(seq))) << seq;
  }
}

}  // namespace
}  // namespace vigie::web
