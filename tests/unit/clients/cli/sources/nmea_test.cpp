#include "clients/cli/sources/nmea.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "clients/cli/sources/nmea_fields.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

std::string sentence(std::string_view body) {
  int sum = 0;
  for (const char c : body) sum ^= static_cast<unsigned char>(c);
  return fmt::format("${}*{:02X}\r\n", body, sum);
}

struct Parse {
  std::vector<client::Fix> fixes;
  NmeaParser parser{[this](const client::Fix& fix) { fixes.push_back(fix); }};
  void push(std::string_view text) {
    parser.push({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
};

TEST(Nmea, the_sentences_of_one_moment_make_one_fix) {
  Parse parse;
  parse.push(sentence("GPRMC,193221.00,A,2037.7279,N,08704.0848,W,00.1,201.8,231207,01,W,A"));
  parse.push(sentence("GPGGA,193221.00,2037.72792,N,08704.08478,W,1,04,1.7,-30.40,M,-13.9,M,,"));
  parse.push(sentence("GPGSA,A,3,10,28,09,13,,,,,,,,,03.4,01.7,03.0"));
  EXPECT_TRUE(parse.fixes.empty());
  parse.parser.flush();
  ASSERT_EQ(parse.fixes.size(), 1u);
  const client::Fix& fix = parse.fixes[0];
  EXPECT_EQ(format_time(fix.true_time_us), "2007-12-23T19:32:21.000000Z");
  EXPECT_EQ(fix.lat_e7, 206287987);
  EXPECT_EQ(fix.lon_e7, -870680797);
  EXPECT_EQ(fix.altitude_mm, -30400);
  EXPECT_EQ(fix.speed_mm_s, 51u);
  EXPECT_EQ(fix.course_mdeg, 201800u);
  EXPECT_EQ(fix.satellites, 4);
  EXPECT_EQ(fix.fix_type, client::FixType::ThreeD);
  EXPECT_EQ(fix.h_accuracy_mm, 8500u);
  EXPECT_EQ(fix.clock, client::ClockKind::Satellite);
}

TEST(Nmea, noise_and_torn_sentences_do_not_disturb) {
  Parse parse;
  const std::string good = sentence("GNRMC,120000,A,4807.038,N,01131.000,E,022.4,084.4,230394,,");
  parse.push("$GPRMC,1200\x01\xff\xfe$$!$GP");
  parse.push("$GPRMC,120000,A,48" + sentence("GPRMC,115959,A,4807.038,N,01131.000,E,1,2,230326,,"));
  parse.push(std::string(5000, '$') + std::string(5000, 'x') + "\r\n");
  parse.push("$GPRMC,115959,A,4807.038,N,01131.000,E,1,2,230326,,*00\r\n");
  parse.parser.flush();
  ASSERT_EQ(parse.fixes.size(), 1u);
  EXPECT_EQ(parse.parser.skips().by_reason().at("sentences with a wrong checksum").count, 1u);
}

TEST(Nmea, a_sentence_that_calls_the_position_void_silences_the_moment) {
  Parse parse;
  parse.push(sentence("GPRMC,125106,V,3854.5087,N,07726.4523,W,0.0,0.0,241011,10.5,W,S"));
  parse.push(sentence("GPGGA,125106,3854.5087,N,07726.4523,W,8,10,2.0,268.8,M,-33.9,M,,"));
  parse.parser.flush();
  EXPECT_TRUE(parse.fixes.empty());
  EXPECT_EQ(parse.parser.skips().total(), 1u);
}

TEST(Nmea, the_date_goes_on_over_midnight) {
  Parse parse;
  parse.push(sentence("GPZDA,235958.00,31,12,2025,00,00"));
  parse.push(sentence("GPGGA,235959.00,1500.0000,N,00100.0000,E,1,04,1.0,200,M,,M,,"));
  parse.push(sentence("GPGGA,000000.00,1500.0000,N,00100.0000,E,1,04,1.0,200,M,,M,,"));
  parse.push(sentence("GPGGA,000001.00,1500.0000,N,00100.0000,E,1,04,1.0,200,M,,M,,"));
  parse.parser.flush();
  ASSERT_EQ(parse.fixes.size(), 3u);
  EXPECT_EQ(format_time(parse.fixes[0].true_time_us), "2025-12-31T23:59:59.000000Z");
  EXPECT_EQ(format_time(parse.fixes[1].true_time_us), "2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(parse.fixes[2].true_time_us), "2026-01-01T00:00:01.000000Z");
}

TEST(Nmea, positions_before_any_date_are_counted_not_invented) {
  Parse parse;
  parse.push(sentence("GPGLL,4916.45,N,12311.12,W,225444,A"));
  parse.parser.flush();
  EXPECT_TRUE(parse.fixes.empty());
  EXPECT_EQ(parse.parser.skips().by_reason().count("positions before any date was known"), 1u);
}

TEST(Nmea, a_live_receiver_is_not_kept_waiting_for_the_next_second) {
  Parse parse;
  parse.parser.set_live(true);
  for (int second = 10; second < 16; ++second) {
    parse.push(sentence(fmt::format("GPRMC,1200{},A,1500,N,00100,E,1,2,010326,,", second)));
    parse.push(sentence(fmt::format("GPGGA,1200{},1500,N,00100,E,1,04,1.0,200,M,,M,,", second)));
  }
  EXPECT_EQ(parse.fixes.size(), 6u);
  parse.parser.flush();
  EXPECT_EQ(parse.fixes.size(), 6u);
}

TEST(Nmea, deviations_beat_dilutions) {
  Parse parse;
  parse.push(sentence("GPRMC,120010,A,1500,N,00100,E,1,2,010326,,"));
  parse.push(sentence("GPGST,120010,10,,,,3.0,4.0,7.5"));
  parse.push(sentence("GPGGA,120010,1500,N,00100,E,2,04,1.0,200,M,,M,,"));
  parse.parser.flush();
  ASSERT_EQ(parse.fixes.size(), 1u);
  EXPECT_EQ(parse.fixes[0].h_accuracy_mm, 5000u);
  EXPECT_EQ(parse.fixes[0].v_accuracy_mm, 7500u);
  EXPECT_EQ(parse.fixes[0].fix_type, client::FixType::Differential);
}

TEST(NmeaFields, angles_are_exact_and_bounded) {
  EXPECT_EQ(nmea_angle("1500.0000", "N"), 150000000);
  EXPECT_EQ(nmea_angle("00130.6", "W"), -15100000);
  EXPECT_EQ(nmea_angle("9000.0", "N"), 900000000);
  EXPECT_FALSE(nmea_angle("9000.1", "N"));
  EXPECT_FALSE(nmea_angle("1260.0", "N"));
  EXPECT_FALSE(nmea_angle("1x00.0", "N"));
  EXPECT_FALSE(nmea_angle("", "N"));
  EXPECT_FALSE(nmea_angle("1500.0", "Q"));
}

}  // namespace
}  // namespace vigie::cli
