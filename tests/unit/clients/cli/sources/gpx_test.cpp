#include "clients/cli/sources/gpx.h"

#include <gtest/gtest.h>

#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

Result<GpxTrack> parse(std::string_view text) {
  return parse_gpx({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TEST(Gpx, a_track_point_keeps_its_last_digit) {
  const auto track =
      parse(R"(<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
      <trkpt lat="15.9012345" lon="-1.5000001"><ele>287.45</ele><time>2026-03-01T06:00:00.25Z</time>
      <fix>3d</fix><sat>9</sat><hdop>1.2</hdop></trkpt></trkseg></trk></gpx>)");
  ASSERT_TRUE(track) << track.fault().sentence;
  ASSERT_EQ(track->fixes.size(), 1u);
  const client::Fix& fix = track->fixes[0];
  EXPECT_EQ(fix.lat_e7, 159012345);
  EXPECT_EQ(fix.lon_e7, -15000001);
  EXPECT_EQ(fix.altitude_mm, 287450);
  EXPECT_EQ(format_time(fix.true_time_us), "2026-03-01T06:00:00.250000Z");
  EXPECT_EQ(fix.satellites, 9);
  EXPECT_EQ(fix.h_accuracy_mm, 6000u);
  EXPECT_EQ(fix.fix_type, client::FixType::ThreeD);
  EXPECT_FALSE(fix.speed_mm_s);
}

TEST(Gpx, speed_and_course_are_found_in_1_0_and_in_extensions_of_any_prefix) {
  const auto track = parse(R"(<gpx><trk><trkseg>
    <trkpt lat="1" lon="2"><time>2026-03-01T06:00:00Z</time>
      <speed>4.25</speed><course>359.9</course></trkpt>
    <trkpt lat="1" lon="2"><time>2026-03-01T06:00:01Z</time><extensions><tpx:TrackPointExtension>
      <tpx:speed>1.5</tpx:speed><tpx:course>-90</tpx:course><tpx:hr>120</tpx:hr>
      </tpx:TrackPointExtension></extensions></trkpt></trkseg></trk></gpx>)");
  ASSERT_TRUE(track);
  ASSERT_EQ(track->fixes.size(), 2u);
  EXPECT_EQ(track->fixes[0].speed_mm_s, 4250u);
  EXPECT_EQ(track->fixes[0].course_mdeg, 359900u);
  EXPECT_EQ(track->fixes[1].speed_mm_s, 1500u);
  EXPECT_EQ(track->fixes[1].course_mdeg, 270000u);
}

TEST(Gpx, points_that_are_no_positions_at_a_time_are_counted_with_the_first_place) {
  const auto track = parse(R"(<gpx><trk><trkseg>
    <trkpt lat="1" lon="2"/><trkpt lat="1" lon="3"/>
    <trkpt lat="91" lon="2"><time>2026-03-01T06:00:00Z</time></trkpt>
    <trkpt lon="2"><time>2026-03-01T06:00:00Z</time></trkpt>
    <trkpt lat="1" lon="2"><time>yesterday</time></trkpt>
    <trkpt lat="1" lon="2"><time>1970-01-01T00:00:00Z</time></trkpt>
    </trkseg></trk><wpt lat="1" lon="2"/></gpx>)");
  ASSERT_TRUE(track);
  EXPECT_TRUE(track->fixes.empty());
  EXPECT_EQ(track->skips.total(), 6u);
  const auto& reasons = track->skips.by_reason();
  EXPECT_EQ(reasons.at("points without a time").count, 2u);
  EXPECT_EQ(reasons.at("points without a valid position").count, 2u);
  EXPECT_NE(reasons.at("points without a time").first_place.find("point 1"), std::string::npos);
}

TEST(Gpx, what_is_no_gpx_is_refused_with_the_place) {
  EXPECT_NE(parse("<gpx><trk></gpx>").fault().sentence.find("byte"), std::string::npos);
  EXPECT_NE(parse("<kml/>").fault().sentence.find("<kml>"), std::string::npos);
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(parse("\x01\x02 not xml"));
}

TEST(Gpx, entities_of_a_document_are_not_expanded) {
  const auto track = parse(R"(<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
    <gpx><trk><name>&b;</name><trkseg/></trk></gpx>)");
  ASSERT_TRUE(track) << track.fault().sentence;
  EXPECT_TRUE(track->fixes.empty());
}

}  // namespace
}  // namespace vigie::cli
