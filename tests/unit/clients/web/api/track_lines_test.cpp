#include "clients/web/server/api/track_lines.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "clients/web/server/api/track_export.h"
#include "tests/unit/clients/web/api/samples.h"

namespace vigie::web::api {
namespace {

using Json = nlohmann::json;

Json features(const std::vector<client::FixItem>& fixes, std::size_t positions_max = 1'000) {
  TrackLines lines(track_id, positions_max);
  std::string out = "[";
  for (const client::FixItem& fix : fixes) lines.fix(out, fix);
  lines.end_unit(out);
  return Json::parse(out + "]");
}

/// What RFC 7946 and the reader ask of a track's feature.
void expect_good(const Json& feature) {
  const Json& geometry = feature["geometry"];
  const Json& times = feature["properties"]["coordTimes"];
  if (geometry["type"] == "Point") return;
  ASSERT_EQ(geometry["type"], "MultiLineString");
  ASSERT_EQ(geometry["coordinates"].size(), times.size());
  for (std::size_t line = 0; line < times.size(); ++line) {
    const Json& positions = geometry["coordinates"][line];
    ASSERT_GE(positions.size(), 2u);
    ASSERT_EQ(positions.size(), times[line].size());
    for (std::size_t i = 0; i < positions.size(); ++i) {
      EXPECT_LE(std::abs(positions[i][0].get<double>()), 180.0);
      if (i == 0) continue;
      EXPECT_LE(std::abs(positions[i][0].get<double>() - positions[i - 1][0].get<double>()), 180.0);
    }
  }
}

TEST(TrackLines, AreOneFeatureForEachUnitWithATimeForEachPosition) {
  const Json json = features(
      {fix_at(1, 2), fix_at(1, 3, 10), fix_at(7, 8, 0, "bravo/v1"), fix_at(7, 9, 5, "bravo/v1")});
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["geometry"]["coordinates"], Json::parse("[[[2.0,1.0],[3.0,1.0]]]"));
  EXPECT_EQ(json[0]["properties"]["coordTimes"][0][1], "2026-03-01T06:00:10.000000Z");
  EXPECT_EQ(json[1]["properties"]["unit"], "bravo/v1");
  EXPECT_EQ(json[1]["properties"]["fixes"], 2);
}

TEST(TrackLines, OfOneFixIsAPoint) {
  const Json json = features({fix_at(1, 2)});
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0]["geometry"]["type"], "Point");
  EXPECT_EQ(json[0]["properties"]["coordTimes"], "2026-03-01T06:00:00.000000Z");
}

TEST(TrackLines, OfNoFixIsNothing) {
  EXPECT_EQ(features({}).size(), 0u);
}

TEST(TrackLines, AreCutAtTheAntimeridianWhereTheWayCrossesIt) {
  const Json json = features({fix_at(0, 179), fix_at(2, -179, 10)});
  EXPECT_EQ(json[0]["geometry"]["coordinates"],
            Json::parse("[[[179.0,0.0],[180.0,1.0]],[[-180.0,1.0],[-179.0,2.0]]]"));
  EXPECT_EQ(json[0]["properties"]["coordTimes"][1][0], "2026-03-01T06:00:05.000000Z");
  const Json west = features({fix_at(0, -179), fix_at(2, 179, 10)});
  EXPECT_EQ(west[0]["geometry"]["coordinates"],
            Json::parse("[[[-179.0,0.0],[-180.0,1.0]],[[180.0,1.0],[179.0,2.0]]]"));
}

TEST(TrackLines, OfALongTrackGoOnWhereThePartBeforeEnded) {
  std::vector<client::FixItem> fixes;
  for (int i = 0; i < 10; ++i) fixes.push_back(fix_at(0, i, i));
  const Json json = features(fixes, 4);
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[1]["id"], "alpha/v1#2");
  std::size_t count = 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    expect_good(json[i]);
    count += json[i]["properties"]["fixes"].get<std::size_t>();
    if (i == 0) continue;
    EXPECT_EQ(json[i]["geometry"]["coordinates"][0].front(),
              json[i - 1]["geometry"]["coordinates"].back().back());
  }
  EXPECT_EQ(count, fixes.size());
}

TEST(TrackLines, AreGoodWhateverTheWay) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<client::FixItem> fixes;
    for (unsigned i = 0; i < random() % 12; ++i) {
      constexpr double kLongitudes[] = {-180, 180, -179.9999999, 179.9999999, 0, 90, -90};
      fixes.push_back(fix_at(10, kLongitudes[random() % std::size(kLongitudes)], i));
    }
    for (const Json& feature : features(fixes, 2 + random() % 6)) expect_good(feature);
  }
}

TEST(Thinning, KeepsOfEachUnitAtMostOneFixInSoLong) {
  Thinning thinning(10'000'000);
  EXPECT_TRUE(thinning.passes(fix_at(0, 0, 0)));
  EXPECT_FALSE(thinning.passes(fix_at(0, 0, 9)));
  EXPECT_TRUE(thinning.passes(fix_at(0, 0, 9, "bravo/v1")));
  EXPECT_TRUE(thinning.passes(fix_at(0, 0, 10)));
  EXPECT_FALSE(thinning.passes(fix_at(0, 0, 5)));
}

}  // namespace
}  // namespace vigie::web::api
