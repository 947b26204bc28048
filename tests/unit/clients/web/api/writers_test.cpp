#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "clients/web/server/api/csv.h"
#include "clients/web/server/api/geojson.h"
#include "clients/web/server/api/gpx.h"
#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/ndjson.h"
#include "clients/web/server/api/timeline_bins.h"
#include "clients/web/server/api/track_writer.h"
#include "clients/web/server/api/unit_now.h"
#include "tests/unit/clients/web/api/samples.h"

namespace vigie::web::api {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::string csv_cell(std::string_view text) {
  std::string out;
  append_csv_text(out, text);
  return out;
}

std::string document(TrackFormat format, const std::vector<client::FixItem>& fixes,
                     const std::vector<std::string>& notices = {}) {
  const auto writer = make_track_writer(format);
  std::string out;
  writer->begin(out, {.from_us = kSampleUs, .until_us = kSampleUs + 1, .made_us = kSampleUs});
  for (const client::FixItem& fix : fixes) writer->fix(out, fix);
  writer->end(out, notices);
  return out;
}

TEST(JsonText, WritesScaledIntegersToTheLastDigit) {
  std::string out;
  append_scaled(out, 287'450, 3);
  append_scaled(out += ' ', -5, 7, 7);
  append_scaled(out += ' ', INT64_MIN, 0);
  append_scaled(out += ' ', 1'000, 3);
  EXPECT_EQ(out, "287.45 -0.0000005 -9223372036854775808 1");
}

TEST(JsonText, EscapesWhatIsForeign) {
  std::string out;
  append_json_text(out, "a\"\\\n\x1b\xc2\x9b</script>\xff");
  EXPECT_EQ(Json::parse(out).get<std::string>(), "a\"\\\n\x1b\xc2\x9b</script>\xef\xbf\xbd");
}

TEST(Csv, QuotesWhatNeedsIt) {
  EXPECT_EQ(csv_cell("plain"), "plain");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("say \"no\""), "\"say \"\"no\"\"\"");
  EXPECT_EQ(csv_cell("two\nlines"), "\"two\nlines\"");
}

TEST(Csv, TakesTheFormulaOutOfTexts) {
  EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
  EXPECT_EQ(csv_cell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(csv_cell("-2"), "'-2");
  EXPECT_EQ(csv_cell("\t=1"), "'\t=1");
  EXPECT_EQ(csv_cell("+1,2"), "\"'+1,2\"");
}

TEST(Csv, EveryRowHasAsManyCellsAsTheHeader) {
  const auto commas = [](const std::string& line) {
    return std::count(line.begin(), line.end(), ',');
  };
  std::string row;
  append_fix_csv(row, fix_at(-1, -2));
  EXPECT_EQ(commas(row), commas(fixes_csv_header()));
  EXPECT_THAT(row, HasSubstr(",-1.0000000,-2.0000000,"));
  EXPECT_TRUE(row.ends_with("\r\n"));
  row.clear();
  append_event_csv(row, event_of("plain"));
  EXPECT_EQ(commas(row), commas(events_csv_header()));
}

TEST(Gpx, IsOneTrackForEachUnit) {
  const std::string gpx =
      document(TrackFormat::Gpx, {fix_at(1, 2), fix_at(1, 3, 1), fix_at(5, 6, 0, "alpha/<v2>&")});
  EXPECT_THAT(gpx, HasSubstr("<trk><name>alpha/v1</name><trkseg>"));
  EXPECT_THAT(gpx, HasSubstr("<trk><name>alpha/&lt;v2&gt;&amp;</name>"));
  EXPECT_THAT(gpx, HasSubstr("<trkpt lat=\"1.0000000\" lon=\"3.0000000\">"));
  EXPECT_TRUE(gpx.ends_with("</trkseg></trk>\n</gpx>\n"));
}

TEST(Gpx, HasNoLongitudeOf180AndNoHyphensInComments) {
  const std::string gpx = document(TrackFormat::Gpx, {fix_at(0, 180)}, {"a -- b"});
  EXPECT_THAT(gpx, HasSubstr("lon=\"-180.0000000\""));
  EXPECT_THAT(gpx, HasSubstr("<!-- a ~~ b -->"));
}

TEST(Gpx, OfAnEmptyRangeHasNoTrack) {
  const std::string gpx = document(TrackFormat::Gpx, {});
  EXPECT_THAT(gpx, Not(HasSubstr("<trk>")));
  EXPECT_TRUE(gpx.ends_with("</gpx>\n"));
}

TEST(GeoJsonPoints, IsAFeatureForEachFix) {
  const Json json =
      Json::parse(document(TrackFormat::GeoJsonPoints, {fix_at(1, 2), fix_at(3, 4, 1)}, {"gone"}));
  ASSERT_EQ(json["features"].size(), 2u);
  EXPECT_EQ(json["features"][1]["geometry"]["coordinates"], Json::parse("[4.0,3.0]"));
  EXPECT_EQ(json["features"][0]["properties"]["unit"], "alpha/v1");
  EXPECT_EQ(json["notices"][0], "gone");
}

TEST(GeoJson, AnEventWithoutAPlaceHasNoGeometry) {
  std::string out;
  append_event_feature(out, event_of("<b>"), "1");
  const Json json = Json::parse(out);
  EXPECT_TRUE(json["geometry"].is_null());
  EXPECT_EQ(json["properties"]["text"], "<b>");
}

TEST(Ndjson, IsOneObjectALineAndHasTheNoticesAtItsEnd) {
  const std::string lines = document(TrackFormat::Ndjson, {fix_at(1, 2)}, {"damaged"});
  const std::size_t end = lines.find('\n');
  const Json fix = Json::parse(lines.substr(0, end));
  EXPECT_EQ(fix["class"], "track");
  EXPECT_EQ(fix["channel"], "track/alpha/patrol");
  EXPECT_EQ(fix["true_time"], "2026-03-01T06:00:00.000000Z");
  EXPECT_FALSE(fix.contains("late"));
  EXPECT_EQ(Json::parse(lines.substr(end + 1))["reason"], "damaged");
}

TEST(UnitNow, SaysHowFreshAUnitIsByTheHubsThresholds) {
  PictureNow picture{
      .time_us = kSampleUs + 61'000'000, .overdue_after_ms = 60'000, .silent_after_ms = 600'000};
  UnitNow unit;
  unit.fix = fix_at(1, 2);
  unit.card = client::UnitCard{.call_sign = "ALPHA 1"};
  std::string out;
  append_unit_json(out, picture, unit, true);
  const Json json = Json::parse(out);
  EXPECT_EQ(json["freshness"], "overdue");
  EXPECT_EQ(json["age_s"], 61.0);
  EXPECT_EQ(json["call_sign"], "ALPHA 1");
  EXPECT_EQ(json["owner"], "alpha");
  EXPECT_EQ(json["name"], "v1");
}

TEST(TimelineBins, CountsEachEventOnceAndInItsBin) {
  TimelineBins bins(0, 1'000, 3);
  for (std::int64_t time = -5; time < 1'005; ++time) bins.add(time, client::Severity::Warning);
  EXPECT_EQ(bins.total(), 1'000u);
  EXPECT_EQ(bins.counts(2), (std::vector<std::uint64_t>{334, 334, 332}));
  EXPECT_EQ(TimelineBins(0, 2, 100).counts(0).size(), 2u);
}

}  // namespace
}  // namespace vigie::web::api
