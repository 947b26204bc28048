#include "clients/web/server/api/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/web/server/api/ogc_request.h"
#include "tests/unit/clients/web/api/samples.h"

namespace vigie::web::api {
namespace {

using testing::HasSubstr;

Request asked(std::vector<std::pair<std::string, std::string>> query) {
  Request request;
  request.query = std::move(query);
  return request;
}

std::string refusal(const Parameters& parameters) {
  return parameters.trouble() ? parameters.trouble()->detail : "";
}

TEST(Parameters, RefusesOneThatThereIsNotAndSaysWhatThereIs) {
  const Request request = asked({{"limmit", "3"}});
  const Parameters parameters(request, {"limit", "next"});
  EXPECT_EQ(refusal(parameters), "there is no parameter 'limmit'; there is limit, next");
}

TEST(Parameters, RefusesOneThatIsGivenTwice) {
  const Request request = asked({{"limit", "3"}, {"limit", "4"}});
  const Parameters parameters(request, {"limit"});
  EXPECT_EQ(refusal(parameters), "parameter 'limit' is given twice");
}

TEST(Parameters, KeepsTheFirstTroubleAndNamesTheValue) {
  const Request request = asked({{"limit", "0"}, {"area", "1,2"}});
  Parameters parameters(request, {"limit", "area"});
  EXPECT_EQ(parameters.whole("limit", 1, 10, 5), 5u);
  EXPECT_FALSE(parameters.area("area"));
  EXPECT_EQ(refusal(parameters), "parameter 'limit' is '0'; it is a whole number, 1..10");
}

TEST(Parameters, CutsALongValueInItsError) {
  const Request request = asked({{"format", std::string(5'000, 'x')}});
  Parameters parameters(request, {"format"});
  parameters.one_of("format", {"json"}, 0);
  EXPECT_LT(refusal(parameters).size(), 200u);
}

TEST(Parameters, ReadsAGrantForKnownTimeAlone) {
  const Request request = asked({{"grant", "alpha/aid"}});
  Parameters parameters(request, {"grant"});
  EXPECT_EQ(parameters.grant(false), "alpha/aid");
  EXPECT_FALSE(parameters.trouble());
  EXPECT_EQ(parameters.grant(true), "alpha/aid");
  EXPECT_THAT(refusal(parameters), HasSubstr("parameter 'clock' has to be 'known' with 'grant'"));
}

TEST(Parameters, RefusesWhatIsNoGrantsNameAndNothingWhereNoneIsGiven) {
  const Request none = asked({});
  EXPECT_EQ(Parameters(none, {"grant"}).grant(true), "");
  for (const char* text : {"", "alpha", "alpha/", "alpha/aid/x", "al pha/aid"}) {
    const Request request = asked({{"grant", text}});
    Parameters parameters(request, {"grant"});
    EXPECT_EQ(parameters.grant(false), "") << text;
    EXPECT_THAT(refusal(parameters), HasSubstr("is no grant: write OWNER/NAME")) << text;
  }
}

TEST(Parameters, ReadsListsOnceEach) {
  const Request request = asked({{"units", "a/1,b/2,a/1"}, {"kind", "sos,te xt"}});
  Parameters parameters(request, {"units", "kind"});
  EXPECT_EQ(parameters.units("units", 2), (std::vector<std::string>{"a/1", "b/2"}));
  EXPECT_FALSE(parameters.trouble());
  EXPECT_TRUE(parameters.kinds("kind", 9).empty());
  EXPECT_THAT(refusal(parameters), HasSubstr("'te xt' is no kind"));
}

struct Moment {
  const char* text;
  std::int64_t us;  // -1: refused
};
TEST(ParseMoment, TakesRfc3339AndMicroseconds) {
  constexpr Moment kMoments[] = {{"2026-03-01T06:00:00Z", kSampleUs},
                                 {"2026-03-01T07:00:00+01:00", kSampleUs},
                                 {"1772344800000000", kSampleUs},
                                 {"1772344800", -1},  // seconds: before 2000
                                 {"", -1},
                                 {"yesterday", -1},
                                 {"2026-02-30T00:00:00Z", -1},
                                 {"99999999999999999999999", -1},
                                 {"-1772344800000000", -1},
                                 {"1999-12-31T23:59:59Z", -1}};
  for (const Moment& moment : kMoments) {
    const auto parsed = parse_moment(moment.text);
    EXPECT_EQ(parsed ? *parsed : -1, moment.us) << moment.text;
  }
}

TEST(ParseArea, TakesFourNumbersOfDegrees) {
  ASSERT_TRUE(parse_area("1.5,-2,3,4"));
  EXPECT_EQ(parse_area("1.5,-2,3,4")->west_e7, 15'000'000);
  EXPECT_TRUE(parse_area("170,-10,-170,10"));  // across the antimeridian
  for (const char* bad : {"", "1,2,3", "1,2,3,4,5", "1,2,3,", "a,2,3,4", "1,9,3,4", "nan,2,3,4",
                          "-181,0,1,1", "0,0,1,91", " 1,2,3,4", "inf,0,1,1"}) {
    EXPECT_FALSE(parse_area(bad)) << bad;
  }
}

TEST(ParseBbox, TakesHeightsAndCutsWhatLiesBeyondTheEarth) {
  ASSERT_TRUE(parse_bbox("-200,-95,0,200,95,10"));
  EXPECT_EQ(parse_bbox("-200,-95,0,200,95,10")->west_e7, -1'800'000'000);
  EXPECT_EQ(parse_bbox("-200,-95,0,200,95,10")->north_e7, 900'000'000);
  EXPECT_FALSE(parse_bbox("1,2,3,4,5"));
  EXPECT_FALSE(parse_bbox("0,5,1,4"));
}

TEST(ParseOgcTime, TakesMomentsAndOpenIntervals) {
  const auto instant = parse_ogc_time("2026-03-01T06:00:00Z");
  ASSERT_TRUE(instant);
  EXPECT_TRUE(instant->instant);
  const auto open = parse_ogc_time("../2026-03-01T06:00:00Z");
  ASSERT_TRUE(open);
  EXPECT_FALSE(open->from_us);
  EXPECT_EQ(open->until_us, kSampleUs);
  EXPECT_FALSE(parse_ogc_time("2026-03-01T06:00:00Z/")->until_us);
  EXPECT_FALSE(parse_ogc_time("2026-03-02T06:00:00Z/2026-03-01T06:00:00Z"));
  EXPECT_FALSE(parse_ogc_time("a/b/c"));
  EXPECT_FALSE(parse_ogc_time(""));
}

TEST(OgcAddresses, KeepTheRequestAndReplaceOneParameter) {
  Request request = asked({{"limit", "2"}, {"offset", "4"}, {"kind", "a b"}});
  request.path = "/ogc/collections/units/items";
  request.host = "room.example:7780";
  const std::string base = ogc_base(request, "");
  EXPECT_EQ(base, "http://room.example:7780/ogc");
  EXPECT_EQ(address_with(request, base, "offset", "6"),
            base + "/collections/units/items?limit=2&kind=a%20b&offset=6");
  request.secure = true;
  EXPECT_EQ(ogc_base(request, ""), "https://room.example:7780/ogc");
  EXPECT_EQ(ogc_base(request, "https://a.example/"), "https://a.example/ogc");
}

TEST(FeatureIds, AreTheUnitsNameAndThePart) {
  EXPECT_EQ(feature_id("alpha/v1"), "alpha:v1");
  ASSERT_TRUE(parse_feature_id("alpha:v1:2"));
  EXPECT_EQ(parse_feature_id("alpha:v1:2")->part, 2);
  EXPECT_EQ(parse_feature_id("alpha:v1")->unit, "alpha/v1");
  for (const char* bad : {"", "alpha", "alpha:", "alpha:v1:1", "alpha:v1:x", "a:b:2:3", "a/b"}) {
    EXPECT_FALSE(parse_feature_id(bad)) << bad;
  }
}

}  // namespace
}  // namespace vigie::web::api
