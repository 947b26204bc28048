#include "clients/cli/commands/track_plan.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "clients/cli/commands/delivery_account.h"
#include "clients/cli/commands/filter.h"
#include "clients/cli/commands/status_text.h"

namespace vigie::cli {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

std::vector<Reading> readings(std::initializer_list<std::int64_t> seconds) {
  std::vector<Reading> all;
  for (const std::int64_t s : seconds) {
    all.emplace_back();
    all.back().fix.true_time_us = s * kSecond;
  }
  return all;
}

TEST(Pacing, a_recording_is_due_as_it_was_recorded_or_n_times_faster) {
  const auto all = readings({100, 110, 130});
  EXPECT_EQ(Pacing(all, {.factor = 1}, 0).due_us(2, 0), 30 * kSecond);
  EXPECT_EQ(Pacing(all, {.factor = 10}, 0).due_us(2, 0), 3 * kSecond);
  EXPECT_EQ(Pacing(all, {.factor = 0}, 0).due_us(2, 0), 0);
}

TEST(Pacing, retimed_it_plays_as_if_live) {
  const auto all = readings({100, 110, 130});
  const std::int64_t now = 5000 * kSecond;
  EXPECT_EQ(Pacing(all, {.factor = 1, .retime = true}, now).true_time_us(0, 0), now);
  EXPECT_EQ(Pacing(all, {.factor = 10, .retime = true}, now).true_time_us(2, 0), now + 3 * kSecond);
  EXPECT_EQ(Pacing(all, {.factor = 0, .retime = true}, now).true_time_us(2, 0), now)
      << "nothing lies in the future";
  EXPECT_EQ(Pacing(all, {.factor = 1}, now).true_time_us(1, 0), 110 * kSecond);
}

TEST(Pacing, laps_follow_each_other_without_a_step_back) {
  const auto all = readings({100, 110, 130});
  const Pacing pacing(all, {.factor = 1, .retime = true, .loop = true}, 0);
  EXPECT_EQ(pacing.due_us(0, 1), 45 * kSecond);
  EXPECT_GT(pacing.true_time_us(0, 1), pacing.true_time_us(2, 0));
}

TEST(Pacing, speeds_are_recorded_max_or_a_number) {
  EXPECT_EQ(*parse_pace_factor("recorded"), 1.0);
  EXPECT_EQ(*parse_pace_factor("max"), 0.0);
  EXPECT_EQ(*parse_pace_factor("2.5"), 2.5);
  EXPECT_FALSE(parse_pace_factor("0"));
  EXPECT_FALSE(parse_pace_factor("-1"));
  EXPECT_FALSE(parse_pace_factor("fast"));
}

TrackOptions options() {
  TrackOptions options;
  options.unit = "alpha/v1";
  options.gpx = "x.gpx";
  options.no_spool = true;
  return options;
}

TEST(TrackPlan, a_unit_or_an_owner_with_a_column_is_needed) {
  EXPECT_TRUE(plan_track(options()));
  auto wrong = options();
  wrong.unit = "alpha";
  EXPECT_FALSE(plan_track(wrong));
  wrong.unit = "alpha/";
  EXPECT_FALSE(plan_track(wrong)) << "a GPX file has no unit column";
  wrong.gpx.clear();
  wrong.csv = "x.csv";
  EXPECT_EQ(plan_track(wrong)->owner, "alpha");
  wrong.owner = "beta";
  EXPECT_FALSE(plan_track(wrong));
}

TEST(TrackPlan, a_receiver_has_no_pace_and_a_recording_goes_as_fast_as_it_can) {
  auto live = options();
  live.gpx.clear();
  live.nmea = "udp://:2000";
  EXPECT_TRUE(plan_track(live)->is_live);
  live.speed = "2";
  EXPECT_FALSE(plan_track(live));
  EXPECT_EQ(plan_track(options())->pace.factor, 0);
  auto retimed = options();
  retimed.retime = "now";
  EXPECT_EQ(plan_track(retimed)->pace.factor, 1);
  EXPECT_TRUE(plan_track(retimed)->by_time);
  auto looped = options();
  looped.loop = true;
  EXPECT_TRUE(plan_track(looped)->pace.retime);
  looped.speed = "max";
  EXPECT_FALSE(plan_track(looped));
}

TEST(Filter, views_are_checked_before_the_hub_is_asked) {
  FilterOptions filter;
  filter.channels = {"track/alpha"};
  filter.area = "1.4,15.8,1.7,16.0";
  const auto view = view_of(filter, "2.5");
  ASSERT_TRUE(view) << view.fault().sentence;
  EXPECT_EQ(view->area->west_e7, 14'000'000);
  EXPECT_EQ(view->area->north_e7, 160'000'000);
  EXPECT_EQ(view->pace_ms, 2500u);
  filter.area = "1,16,2,15";
  EXPECT_FALSE(view_of(filter, ""));
  filter.area.clear();
  filter.channels = {"tracks/alpha"};
  EXPECT_FALSE(view_of(filter, ""));
}

TEST(DeliveryAccount, only_the_messages_asked_for_are_counted) {
  DeliveryAccount account;
  account.take({.first = 1, .last = 10});
  account.take({.first = 11,
                .last = 12,
                .outcome = client::Outcome::Refused,
                .code = client::Refusal::BadPosition,
                .reason = "latitude 95"});
  account.take({.first = 13, .last = 13, .outcome = client::Outcome::GivenUp});
  const auto sum = account.sum(6, 13);
  EXPECT_EQ(sum.acknowledged, 5u);
  EXPECT_EQ(sum.refused, 2u);
  EXPECT_EQ(sum.given_up, 1u);
  EXPECT_EQ(sum.by_reason.at("bad_position").example, "latitude 95");
}

TEST(StatusText, all_that_the_hub_tells_is_shown) {
  const auto status = nlohmann::ordered_json::parse(
      R"({"seq":12345,"ready":true,"store":{"queue_bytes":0},
          "sessions":[{"client":"a\u001b","lag":1},{"client":"b"}]})");
  const std::string text = status_text(status);
  EXPECT_NE(text.find("seq    12,345"), std::string::npos) << text;
  EXPECT_NE(text.find("  queue bytes  0"), std::string::npos) << text;
  EXPECT_NE(text.find("  client  lag"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Moments, a_time_may_be_said_from_now) {
  EXPECT_EQ(*parse_moment("-90s", 1000 * kSecond), 910 * kSecond);
  EXPECT_EQ(*parse_moment("now", 7), 7);
  EXPECT_FALSE(parse_moment("yesterday", 7));
}

}  // namespace
}  // namespace vigie::cli
