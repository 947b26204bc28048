#include "vigie/values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "clients/cpp/core/convert.h"
#include "clients/cpp/core/rows.h"
#include "clients/cpp/face/endpoint.h"

namespace vigie::client {
namespace {

TEST(Values, degrees_round_to_the_nearest_ten_millionth) {
  EXPECT_EQ(e7_from_degrees(15.9001234), 159001234);
  EXPECT_EQ(e7_from_degrees(-0.00000005), -1);  // the double nearest to it lies just beyond
  EXPECT_EQ(e7_from_degrees(1.50034), 15003400);
  EXPECT_EQ(e7_from_degrees(-180.0), -1800000000);
  EXPECT_EQ(e7_from_degrees(0.5 / 1e7 * 0.999), 0);
  EXPECT_FALSE(e7_from_degrees(NAN));
  EXPECT_FALSE(e7_from_degrees(INFINITY));
  EXPECT_FALSE(e7_from_degrees(300.0));
}

TEST(Values, every_seven_decimal_text_comes_back_to_the_last_digit) {
  for (std::int64_t e7 = -1'800'000'000; e7 <= 1'800'000'000; e7 += 7'919'993) {
    const std::string text = std::to_string(e7 / 10'000'000) + "." +
                             std::to_string(10'000'000 + std::abs(e7) % 10'000'000).substr(1);
    const std::string sign = e7 < 0 && e7 > -10'000'000 ? "-" : "";
    EXPECT_EQ(e7_from_degrees(std::strtod((sign + text).c_str(), nullptr)), e7) << text;
  }
}

TEST(Values, a_position_out_of_range_is_not_set) {
  Fix fix;
  EXPECT_FALSE(fix.set_position(90.0000001, 0));
  EXPECT_FALSE(fix.set_position(0, -180.0000001));
  EXPECT_TRUE(fix.set_position(-90, 180));
  EXPECT_FALSE(Area::from_degrees(0, 2, 1, 1));
  EXPECT_TRUE(Area::from_degrees(179, 1, -179, 2));
}

TEST(Values, a_fix_survives_the_way_to_the_wire_and_back) {
  Fix fix;
  fix.true_time_us = 1'772'000'000'123'456;
  fix.clock = ClockKind::Satellite;
  fix.lat_e7 = -1;
  fix.lon_e7 = 15003400;
  fix.altitude_mm = -400;
  fix.course_mdeg = 359'999;
  fix.satellites = 9;
  fix.fix_type = FixType::ThreeD;
  EXPECT_EQ(from_wire(to_wire(fix)), fix);
  EXPECT_EQ(from_wire(to_wire(Fix())), Fix());
}

TEST(Values, a_row_keeps_its_message) {
  Fix fix;
  fix.unit = "red/alpha";
  fix.group = "patrol-1";
  fix.true_time_us = 1'772'000'000'000'000;
  fix.readings = {1, 2, 3};
  const Row row{1, MessageKind::Fix, *encode(fix)};
  const auto decoded = decode_fix(row);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->unit, "red/alpha");
  EXPECT_EQ(decoded->group, "patrol-1");
  EXPECT_EQ(decoded->readings.size(), 3u);
  EXPECT_FALSE(decode_fix({1, MessageKind::Fix, {}}));
  EXPECT_EQ(decode_event({1, MessageKind::Event, row.payload}), nullptr);
}

TEST(Values, what_the_hub_would_refuse_is_refused_before_it_is_taken) {
  Fix fix;
  fix.unit = "nobody";
  EXPECT_EQ(encode(fix).fault().code, FaultCode::Invalid);
  fix.unit = "red/alpha";
  EXPECT_NE(encode(fix).fault().sentence.find("true_time"), std::string::npos);
  fix.true_time_us = 1'772'000'000'000'000;
  fix.lat_e7 = 900'000'001;
  EXPECT_NE(encode(fix).fault().sentence.find("900000001"), std::string::npos);
  Event event;
  event.unit = "red/alpha";
  event.true_time_us = fix.true_time_us;
  event.kind = "SOS";
  EXPECT_EQ(encode(event).fault().code, FaultCode::Invalid);
  event.kind = "sos";
  EXPECT_TRUE(encode(event));
  State state;
  state.name = "red/alpha";
  state.true_time_us = fix.true_time_us;
  EXPECT_TRUE(encode(state));
  state.card.carried_by = "not a unit";
  EXPECT_FALSE(encode(state));
}

TEST(Values, a_correction_stops_at_the_ends_of_the_range) {
  FixItem item;
  item.fix.true_time_us = 1'772'366'400'000'000;
  item.stamp.clock_offset_us = -1'000'000;
  EXPECT_EQ(item.corrected_true_time_us(), 1'772'366'399'000'000);
  item.stamp.clock_offset_us = INT64_MAX - 1;
  EXPECT_EQ(item.corrected_true_time_us(), INT64_MAX);
  item.fix.clock = ClockKind::Satellite;
  EXPECT_EQ(item.corrected_true_time_us(), item.fix.true_time_us);
}

TEST(Values, a_hub_is_a_host_and_port_or_a_directory) {
  EXPECT_EQ(parse_hub("127.0.0.1:7700")->publish, "tcp://127.0.0.1:7700");
  EXPECT_EQ(parse_hub("127.0.0.1:7700")->listen, "tcp://127.0.0.1:7701");
  EXPECT_EQ(parse_hub("[::1]:7700")->listen, "tcp://[::1]:7701");
  EXPECT_EQ(parse_hub("ipc:///run/vigie")->publish, "ipc:///run/vigie/publish");
  for (const char* bad : {"", "host", ":7700", "host:0", "host:65535", "host:77x", "::1:7700",
                          "tcp://host:7700", "ipc://"}) {
    EXPECT_FALSE(parse_hub(bad)) << bad;
  }
}

}  // namespace
}  // namespace vigie::client
