#include "clients/cli/scenario/scenario.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "clients/cli/scenario/reports.h"
#include "clients/cli/scenario/world.h"

namespace vigie::cli {
namespace {

const std::string kHead = R"(
start = 2026-03-01T05:00:00Z
[places]
a = [15.0, 1.0]
b = [15.05, 1.02]
[ground]
track = { speed_kmh = 36, wander_m = 30 }
[[unit]]
name = "x/v1"
[[unit]]
name = "x/foot"
kind = "foot"
)";

std::string sentence_of(const std::string& text) {
  const auto scenario = parse_scenario(text, "s.toml");
  return scenario ? "" : scenario.fault().sentence;
}

TEST(Scenario, unknown_keys_are_refused_by_name_and_line) {
  EXPECT_EQ(sentence_of(kHead + "colour = \"red\"\n"), "s.toml:13: unit 2: unknown key 'colour'");
  EXPECT_EQ(sentence_of("tilte = \"x\"\n" + kHead), "s.toml:1: scenario: unknown key 'tilte'");
}

TEST(Scenario, what_is_named_must_exist) {
  const std::string itinerary = "[[itinerary]]\nunits = [\"x/v1\"]\nat = \"a\"\nsteps = [\n";
  EXPECT_NE(sentence_of(kHead + itinerary + "{ do = \"move\", to = [\"c\"], ground = \"track\" }]")
                .find("s.toml:17: itinerary '', step 1: to: there is no place 'c'"),
            std::string::npos);
  EXPECT_NE(sentence_of(kHead + itinerary + "{ do = \"move\", to = [\"b\"], ground = \"ice\" }]")
                .find("there is no ground 'ice'"),
            std::string::npos);
  EXPECT_NE(sentence_of(kHead + itinerary + "{ do = \"fly\" }]").find("'fly' is not one of"),
            std::string::npos);
  EXPECT_NE(sentence_of(kHead + itinerary + "{ do = \"ride\", with = \"y/z\", until = \"m\" }]")
                .find("there is no unit 'y/z'"),
            std::string::npos);
  EXPECT_NE(sentence_of("start = 1\n[places]\n a = [95.0, 1]\n").find("s.toml:1"),
            std::string::npos);
  EXPECT_NE(sentence_of("a = [").find("s.toml:1:"), std::string::npos);
}

TEST(World, an_itinerary_that_waits_for_ever_is_refused) {
  const auto scenario = parse_scenario(
      kHead +
          "[[itinerary]]\nname=\"i\"\nunits=[\"x/v1\"]\nat=\"a\"\nsteps=[{do=\"wait\","
          "mark=\"never\"}]\n",
      "s.toml");
  ASSERT_TRUE(scenario) << scenario.fault().sentence;
  const auto world = World::make(*scenario);
  ASSERT_FALSE(world);
  EXPECT_NE(world.fault().sentence.find("'never'"), std::string::npos);
}

TEST(World, who_rides_is_where_the_carrier_is) {
  const auto scenario =
      parse_scenario(kHead +
                         "[[itinerary]]\nunits=[\"x/foot\"]\nat=\"b\"\nsteps=["
                         "{do=\"ride\",with=\"x/v1\",until=\"there\"},{do=\"stay\",for=\"1m\"}]\n"
                         "[[itinerary]]\nunits=[\"x/v1\"]\nat=\"a\"\nsteps=["
                         "{do=\"move\",to=[\"b\"],ground=\"track\"},{do=\"mark\",mark=\"there\"},"
                         "{do=\"move\",to=[\"a\"],ground=\"track\"}]\n",
                     "s.toml");
  ASSERT_TRUE(scenario) << scenario.fault().sentence;
  const auto world = World::make(*scenario);
  ASSERT_TRUE(world) << world.fault().sentence;
  const Motion carrier = world->motion(0, 200), carried = world->motion(1, 200);
  EXPECT_TRUE(carried.is_carried);
  EXPECT_DOUBLE_EQ(carrier.at.x, carried.at.x);
  EXPECT_GT(carrier.speed_m_s, 5);
  EXPECT_FALSE(world->motion(1, world->end_s() - 1).is_carried);
  ASSERT_EQ(world->carryings().size(), 1u);
}

TEST(Geometry, a_comb_covers_the_area_line_by_line) {
  const std::vector<Point> corners = {{0, 0}, {1000, 0}, {1000, 500}, {0, 500}};
  const auto way = comb({-50, -50}, corners, 100);
  ASSERT_EQ(way.size(), 10u);
  EXPECT_NEAR(way[0].x, 0, 1e-6);
  EXPECT_NEAR(way[0].y, 50, 1e-6);
  EXPECT_NEAR(way[1].x, 1000, 1e-6);
  EXPECT_NEAR(way[2].x, 1000, 1e-6) << "the next line is begun at the near end";
  EXPECT_NEAR(way[9].y, 450, 1e-6);
}

class Patrol : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loaded = load_scenario(std::string(VIGIE_SCENARIOS) + "/patrol.toml");
    ASSERT_TRUE(loaded) << loaded.fault().sentence;
    scenario_ = std::move(*loaded);
    auto made = World::make(scenario_);
    ASSERT_TRUE(made) << made.fault().sentence;
    world_.emplace(std::move(*made));
    reports_ = make_reports(scenario_, *world_, 0);
  }
  Scenario scenario_;
  std::optional<World> world_;
  std::vector<Report> reports_;
};

TEST_F(Patrol, it_takes_two_days_and_everybody_comes_home) {
  EXPECT_GT(world_->end_s(), 30 * 3600);
  EXPECT_LT(world_->end_s(), 38 * 3600);
  const Point base = world_->motion(0, 0).at;
  for (std::size_t i = 0; i < scenario_.units.size(); ++i) {
    EXPECT_LT(distance(base, world_->motion(i, world_->end_s()).at), 400)
        << scenario_.units[i].name;
  }
}

TEST_F(Patrol, all_that_a_patrol_does_is_in_it) {
  std::set<std::string> kinds;
  for (const Report& report : reports_) {
    if (const auto* event = std::get_if<client::Event>(&report.message)) kinds.insert(event->kind);
  }
  for (const char* kind :
       {"rest", "briefing", "refuel", "order", "departure", "search", "resupply", "dismount",
        "on_foot", "mount", "visit", "medical_aid", "need", "return"}) {
    EXPECT_TRUE(kinds.contains(kind)) << kind;
  }
}

TEST_F(Patrol, sections_walk_for_kilometres_and_are_carried_before_and_after) {
  double walked_m = 0, longest_step_m = 0;
  std::optional<Point> last;
  std::size_t section = 0;
  while (scenario_.units[section].name != "alpha/section-1") ++section;
  for (double at_s = 0; at_s < world_->end_s(); at_s += 10) {
    const Motion motion = world_->motion(section, at_s);
    if (last) longest_step_m = std::max(longest_step_m, distance(*last, motion.at));
    if (!motion.is_carried && last) walked_m += distance(*last, motion.at);
    last = motion.at;
  }
  EXPECT_GT(walked_m, 5000);
  EXPECT_LT(walked_m, 15000);
  EXPECT_LT(longest_step_m, 250) << "nobody jumps";
}

TEST_F(Patrol, motion_is_plausible_for_every_unit) {
  for (std::size_t i = 0; i < scenario_.units.size(); ++i) {
    std::optional<Motion> last;
    for (double at_s = 0; at_s < world_->end_s(); at_s += 5) {
      const Motion motion = world_->motion(i, at_s);
      ASSERT_LT(motion.speed_m_s, 14) << scenario_.units[i].name << " at " << at_s;
      if (last && !motion.is_carried && !last->is_carried) {
        ASSERT_LT(distance(last->at, motion.at), 5 * 15.0)
            << scenario_.units[i].name << " " << at_s;
      }
      last = motion;
    }
  }
}

TEST_F(Patrol, the_same_seed_gives_the_same_reports_and_another_one_does_not) {
  const auto again = make_reports(scenario_, *world_, 0);
  ASSERT_EQ(again.size(), reports_.size());
  for (std::size_t i = 0; i < again.size(); ++i) {
    ASSERT_EQ(again[i].message, reports_[i].message) << i;
  }
  Scenario other = scenario_;
  other.seed += 1;
  const auto world = World::make(other);
  ASSERT_TRUE(world);
  EXPECT_NE(make_reports(other, *world, 0).front().at_us, -1);
  EXPECT_NE(world->end_s(), world_->end_s());
}

TEST_F(Patrol, one_clock_is_wrong_and_says_that_it_is_a_devices) {
  std::set<std::string> wrong;
  for (Report& report : reports_) {
    stamp_report(scenario_, 1'000'000'000'000'000, report);
    const auto* fix = std::get_if<client::Fix>(&report.message);
    if (fix == nullptr) continue;
    if (fix->true_time_us == 1'000'000'000'000'000) {
      EXPECT_EQ(fix->clock, client::ClockKind::Satellite);
      continue;
    }
    wrong.insert(fix->unit);
    EXPECT_EQ(fix->clock, client::ClockKind::Device);
    EXPECT_EQ(fix->true_time_us, 1'000'000'000'000'000 - 97ll * 60 * 1'000'000);
  }
  EXPECT_EQ(wrong, std::set<std::string>{"bravo/v2"});
}

TEST_F(Patrol, units_that_stand_report_seldom_and_units_that_move_often) {
  std::map<std::string, std::size_t> fixes;
  for (const Report& report : reports_) {
    if (const auto* fix = std::get_if<client::Fix>(&report.message)) ++fixes[fix->unit];
  }
  EXPECT_EQ(fixes.size(), scenario_.units.size());
  EXPECT_GT(fixes["alpha/v1"], 3000u);
  EXPECT_LT(fixes["alpha/hq"], 1500u);
}

}  // namespace
}  // namespace vigie::cli
