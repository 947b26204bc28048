#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "schemas/messages/checks.h"
#include "tests/unit/schemas/samples.h"

namespace vigie {
namespace {

using wire::Refusal;

wire::OpenT good_open() {
  wire::OpenT open;
  open.protocol = kProtocolVersion;
  open.client = "test 1";
  open.view = std::make_unique<wire::ViewT>();
  open.view->channels = {"track/blue", "*"};
  open.view->units = {"blue/v1"};
  open.view->area = std::make_unique<wire::Area>(0, 0, 100, 100);
  open.view->pace_ms = 1000;
  return open;
}

RefusedRequest check_spoilt(const std::function<void(wire::OpenT&)>& spoil) {
  wire::OpenT open = good_open();
  spoil(open);
  const std::vector<std::byte> bytes = packed<wire::Open>(open);
  const wire::Open* root = verified<wire::Open>(bytes);
  EXPECT_NE(root, nullptr);
  return check_open(*root);
}

void expect_refused(const std::function<void(wire::OpenT&)>& spoil, Refusal code,
                    const std::string& in_reason) {
  const RefusedRequest refused = check_spoilt(spoil);
  EXPECT_EQ(refused.code, code) << in_reason << ": " << refused.reason;
  EXPECT_THAT(refused.reason, testing::HasSubstr(in_reason));
  EXPECT_LT(refused.reason.size(), 300u);
}

void expect_view(const std::function<void(wire::ViewT&)>& spoil, const std::string& in_reason) {
  expect_refused([&](auto& open) { spoil(*open.view); }, Refusal::BadView, in_reason);
}

void to_replay(wire::OpenT& open) {
  open.mode = wire::Mode::Replay;
  open.start = wire::StartKind::TrueTime;
  open.time_us = test::kNoonUs;
  open.until_us = test::kNoonUs + 1;
}

TEST(CheckRequestsTest, a_well_formed_open_passes) {
  EXPECT_FALSE(check_spoilt([](auto&) {}));
  EXPECT_FALSE(check_spoilt([](auto& o) { o.view.reset(); }));
  EXPECT_FALSE(check_spoilt(to_replay));
  EXPECT_FALSE(check_spoilt([](auto& o) {
    to_replay(o);
    o.until_us = 0;
  }));
  EXPECT_FALSE(check_view(nullptr));
}

TEST(CheckRequestsTest, another_protocol_is_an_unknown_version) {
  expect_refused([](auto& o) { o.protocol = 0; }, Refusal::UnknownVersion, "protocol 0");
  expect_refused([](auto& o) { o.protocol = 2; }, Refusal::UnknownVersion, "protocol 2");
}

TEST(CheckRequestsTest, a_clients_name_is_a_short_text) {
  expect_refused([](auto& o) { o.client = std::string(129, 'c'); }, Refusal::BadName, "client");
  expect_refused([](auto& o) { o.client = "\x1B[2J"; }, Refusal::BadName, "client '?[2J'");
}

TEST(CheckRequestsTest, unknown_modes_and_starts_are_bad_values) {
  expect_refused([](auto& o) { o.mode = static_cast<wire::Mode>(3); }, Refusal::BadValue, "mode 3");
  expect_refused([](auto& o) { o.start = static_cast<wire::StartKind>(6); }, Refusal::BadValue,
                 "start 6");
}

TEST(CheckRequestsTest, a_frame_limit_below_the_least_is_a_bad_value) {
  expect_refused([](auto& o) { o.frame_bytes_max = 8191; }, Refusal::BadValue, "frame_bytes_max");
  EXPECT_FALSE(check_spoilt([](auto& o) { o.frame_bytes_max = 8192; }));
}

TEST(CheckRequestsTest, a_snapshot_of_no_moment_is_a_bad_range) {
  for (const auto start :
       {wire::StartKind::Token, wire::StartKind::Seq, wire::StartKind::NowNoSnapshot}) {
    expect_refused(
        [&](auto& o) {
          o.mode = wire::Mode::Snapshot;
          o.start = start;
        },
        Refusal::BadRange, "a snapshot");
  }
}

TEST(CheckRequestsTest, a_replay_needs_a_range_by_a_clock) {
  const auto replay = [](const std::function<void(wire::OpenT&)>& spoil) {
    return [spoil](wire::OpenT& open) {
      to_replay(open);
      spoil(open);
    };
  };
  expect_refused(replay([](auto& o) { o.start = wire::StartKind::Now; }), Refusal::BadRange,
                 "a known or a true time");
  expect_refused(replay([](auto& o) { o.until_us = o.time_us; }), Refusal::BadRange, "is empty");
  expect_refused(replay([](auto& o) { o.until_us = INT64_MIN; }), Refusal::BadRange,
                 "-9223372036854775808 us");
  expect_refused(replay([](auto& o) { o.speed = -1; }), Refusal::BadValue, "speed -1");
  expect_refused(replay([](auto& o) { o.speed = std::numeric_limits<double>::quiet_NaN(); }),
                 Refusal::BadValue, "speed nan");
  expect_refused(replay([](auto& o) { o.speed = std::numeric_limits<double>::infinity(); }),
                 Refusal::BadValue, "speed inf");
}

TEST(CheckRequestsTest, a_views_lists_are_bounded) {
  expect_view([](auto& v) { v.channels.assign(limits::kViewChannelsMax + 1, "*"); },
              "channels has 257");
  expect_view(
      [](auto& v) {
        v.units.clear();
        for (std::size_t i = 0; i <= limits::kViewUnitsMax; ++i) {
          v.units.push_back(fmt::format("a/{}", i));
        }
      },
      "units has 4097");
  expect_view([](auto& v) { v.pace_ms = limits::kPaceMsMax + 1; }, "pace_ms");
}

TEST(CheckRequestsTest, a_views_names_are_checked) {
  expect_view([](auto& v) { v.channels.push_back("tracks"); }, "channel 'tracks'");
  expect_view([](auto& v) { v.channels.push_back(""); }, "channel ''");
  expect_view([](auto& v) { v.units.push_back("blue"); }, "unit 'blue'");
  expect_view([](auto& v) { v.units.push_back(std::string(9000, 'u')); }, "uuu...");
}

TEST(CheckRequestsTest, an_area_lies_on_the_globe_and_may_cross_the_antimeridian) {
  const auto area = [](std::int32_t west, std::int32_t south, std::int32_t east,
                       std::int32_t north) {
    return [=](wire::ViewT& view) { *view.area = wire::Area(west, south, east, north); };
  };
  expect_view(area(0, 10, 10, 9), "south 10");
  expect_view(area(-1'800'000'001, 0, 0, 0), "area west");
  expect_view(area(0, -900'000'001, 0, 0), "area west");
  expect_view(area(0, 0, 1'800'000'001, 0), "area west");
  expect_view(area(0, 0, 0, 900'000'001), "area west");
  EXPECT_FALSE(check_spoilt([&](auto& o) { area(1'700'000'000, 0, -1'700'000'000, 1)(*o.view); }));
}

}  // namespace
}  // namespace vigie
