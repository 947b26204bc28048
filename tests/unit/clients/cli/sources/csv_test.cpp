#include "clients/cli/sources/csv.h"

#include <gtest/gtest.h>

#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

struct Parsed {
  std::vector<Reading> readings;
  Skips skips;
  std::optional<Fault> fault;
};

Parsed parse(std::string_view text, CsvOptions options = {}, std::size_t piece = 7) {
  Parsed parsed;
  CsvParser parser(std::move(options),
                   [&](Reading reading) { parsed.readings.push_back(std::move(reading)); });
  while (!text.empty() && !parsed.fault) {
    const auto part = text.substr(0, piece);
    text.remove_prefix(part.size());
    const auto done =
        parser.push({reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
    if (!done) parsed.fault = done.fault();
  }
  if (const auto done = parser.finish(); !done) parsed.fault = done.fault();
  parsed.skips = parser.skips();
  return parsed;
}

TEST(Csv, usual_column_names_are_recognised) {
  const auto parsed = parse(
      "vehicle_id,timestamp,speed,latitude,longitude\n"
      "2010,2015-03-07T10:03:34-06:00,17.43456,30.231535,-97.73347\n");
  ASSERT_FALSE(parsed.fault) << parsed.fault->sentence;
  ASSERT_EQ(parsed.readings.size(), 1u);
  const Reading& reading = parsed.readings[0];
  EXPECT_EQ(reading.name, "2010");
  EXPECT_EQ(reading.fix.lat_e7, 302315350);
  EXPECT_EQ(reading.fix.lon_e7, -977334700);
  EXPECT_EQ(reading.fix.speed_mm_s, 17435u);
  EXPECT_EQ(format_time(reading.fix.true_time_us), "2015-03-07T16:03:34.000000Z");
}

TEST(Csv, columns_can_be_named_and_units_of_speed_and_zone_given) {
  CsvOptions options;
  options.columns = "unit=who,time=when,lat=a,lon=b,speed=v";
  options.speed_unit = *parse_speed_unit("km/h");
  options.zone_offset_us = *parse_zone("+01:00");
  const auto parsed = parse(
      "who;b;a;v;when\r\nx1;1,5;2;3.6;2026-01-26 15:57:02\r\nx1;1.5;2;3.6;2026-01-26 "
      "15:57:02\r\n",
      options);
  ASSERT_EQ(parsed.readings.size(), 1u);
  EXPECT_EQ(parsed.readings[0].fix.speed_mm_s, 1000u);
  EXPECT_EQ(format_time(parsed.readings[0].fix.true_time_us), "2026-01-26T14:57:02.000000Z");
  EXPECT_EQ(parsed.skips.by_reason().at("rows without a valid longitude").first_place,
            "line 2: '1,5'");
}

TEST(Csv, quotes_line_breaks_and_a_byte_order_mark_are_understood) {
  const auto parsed = parse(
      "\xef\xbb\xbf\"unit\",note,time,lat,lon\n"
      "\"b\",\"he said \"\"go\"\",\nthen went\",2026-01-01T00:00:00Z,1,2\n"
      "b,,bad,1,2\n");
  ASSERT_FALSE(parsed.fault) << parsed.fault->sentence;
  ASSERT_EQ(parsed.readings.size(), 1u);
  EXPECT_EQ(parsed.skips.by_reason().begin()->second.first_place, "line 4: 'bad'");
}

TEST(Csv, numbers_are_times_in_seconds_milliseconds_or_microseconds) {
  const auto parsed =
      parse("unit,time,lat,lon\na,1767225600.5,1,2\na,1767225600500,1,2\na,1767225600500000,1,2");
  ASSERT_EQ(parsed.readings.size(), 3u);
  for (const Reading& reading : parsed.readings) {
    EXPECT_EQ(format_time(reading.fix.true_time_us), "2026-01-01T00:00:00.500000Z");
  }
}

TEST(Csv, a_missing_column_is_named_with_the_heading) {
  EXPECT_NE(parse("a,b\n1,2\n").fault->sentence.find("a, b"), std::string::npos);
  CsvOptions options;
  options.columns = "time=zeit";
  EXPECT_NE(parse("unit,time,lat,lon\n", options).fault->sentence.find("'zeit'"),
            std::string::npos);
  options.columns = "tempo=zeit";
  EXPECT_NE(parse("unit,time,lat,lon\n", options).fault->sentence.find("tempo"), std::string::npos);
  EXPECT_TRUE(parse("").fault);
}

TEST(Csv, rows_out_of_order_and_duplicates_are_passed_on_as_they_are) {
  const auto parsed = parse(
      "unit,time,lat,lon\na,2026-01-02T00:00:00Z,1,2\na,2026-01-01T00:00:00Z,1,2\n"
      "a,2026-01-01T00:00:00Z,1,2\n");
  EXPECT_EQ(parsed.readings.size(), 3u);
  EXPECT_EQ(parsed.skips.total(), 0u);
}

TEST(Csv, a_value_that_cannot_be_is_unknown_and_counted_by_column) {
  const auto parsed = parse(
      "unit,time,lat,lon,alt,speed,course,h_acc,v_acc,satellites,battery\n"
      "a,2026-01-01T00:00:00Z,1,2,nan,-5,1000,-1,x,300,250\n"
      "a,2026-01-01T00:00:01Z,1,2,,1e9,400,,,,\n"
      "a,2026-01-01T00:00:02Z,1,2,7.5,3,-90,4,6,9,100\n");
  ASSERT_EQ(parsed.readings.size(), 3u) << "the fixes themselves stay";
  for (std::size_t i = 0; i < 2; ++i) {
    const client::Fix& wrong = parsed.readings[i].fix;
    EXPECT_FALSE(wrong.altitude_mm || wrong.speed_mm_s || wrong.course_mdeg ||
                 wrong.h_accuracy_mm || wrong.v_accuracy_mm || wrong.satellites ||
                 wrong.battery_percent);
  }
  const client::Fix& right = parsed.readings[2].fix;
  EXPECT_EQ(right.altitude_mm, 7500);
  EXPECT_EQ(right.speed_mm_s, 3000u);
  EXPECT_EQ(right.course_mdeg, 270'000u);
  EXPECT_EQ(right.h_accuracy_mm, 4000u);
  EXPECT_EQ(right.v_accuracy_mm, 6000u);
  EXPECT_EQ(right.satellites, 9);
  EXPECT_EQ(right.battery_percent, 100);
  const auto& counted = parsed.skips.by_reason();
  EXPECT_EQ(counted.size(), 7u);
  EXPECT_EQ(parsed.skips.total(), 9u) << "an empty cell is no wrong one";
  EXPECT_EQ(counted.at("values of course").count, 2u);
  EXPECT_EQ(counted.at("values of course").first_place, "line 2: '1000'");
}

TEST(Csv, whether_a_satellite_gave_it_is_told_only_by_its_clock) {
  CsvOptions options;
  constexpr std::string_view kText = "unit,time,lat,lon\na,2026-01-01T00:00:00Z,1,2\n";
  EXPECT_EQ(parse(kText, options).readings.at(0).fix.source, client::FixSource::Unknown);
  options.clock = client::ClockKind::Satellite;
  EXPECT_EQ(parse(kText, options).readings.at(0).fix.source, client::FixSource::Satellite);
}

TEST(Csv, a_quote_that_is_never_closed_does_not_swallow_the_file) {
  std::string text = "unit,time,lat,lon\na,\"" + std::string(20'000, 'x') + "\n";
  text += "a,2026-01-01T00:00:00Z,1,2\n";
  const auto parsed = parse(text, {}, 4096);
  EXPECT_EQ(parsed.readings.size(), 1u);
  EXPECT_EQ(parsed.skips.by_reason().at("rows that are too long").count, 1u);
}

TEST(Csv, one_units_file_needs_no_unit_column) {
  CsvOptions options;
  options.unit_by_column = false;
  const auto parsed = parse("time,lat,lon\n2026-01-01T00:00:00Z,1,2\n", options);
  ASSERT_EQ(parsed.readings.size(), 1u);
  EXPECT_EQ(parsed.readings[0].name, "");
}

}  // namespace
}  // namespace vigie::cli
