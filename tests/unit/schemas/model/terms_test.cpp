#include "schemas/model/terms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/unit/schemas/seed.h"

namespace vigie {
namespace {

constexpr double kMetresAnE7 = 111'320e-7;
constexpr double kRadiansAnE7 = 3.14159265358979323846 / 180 * 1e-7;

TEST(CellCentre, is_within_the_cell_for_every_position_and_width) {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < 100'000; ++i) {
    const auto lat = std::uniform_int_distribution<std::int32_t>(-850'000'000, 850'000'000)(random);
    const auto lon =
        std::uniform_int_distribution<std::int32_t>(-1'800'000'000, 1'800'000'000)(random);
    const auto round_m = std::uniform_int_distribution<std::uint32_t>(1, 100'000)(random);
    const CellCentre centre = cell_centre(lat, lon, round_m);
    EXPECT_LE(std::abs(centre.lat_e7 - lat) * kMetresAnE7, 0.51 * round_m + 0.02);
    double east = std::abs(double{static_cast<double>(centre.lon_e7)} - lon);
    east = std::min(east, 3.6e9 - east);
    // Half a cell, which is somewhat wider than it is high where few of them go around.
    const double metres = east * kMetresAnE7 * std::cos(centre.lat_e7 * kRadiansAnE7);
    EXPECT_LE(metres, round_m * 0.75 + 0.02) << lat << " " << lon << " " << round_m;
  }
}

TEST(CellCentre, of_a_centre_is_itself_so_that_many_looks_tell_no_more_than_one) {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < 10'000; ++i) {
    const auto lat = std::uniform_int_distribution<std::int32_t>(-850'000'000, 850'000'000)(random);
    const auto lon =
        std::uniform_int_distribution<std::int32_t>(-1'800'000'000, 1'799'999'999)(random);
    const CellCentre once = cell_centre(lat, lon, 5000);
    const CellCentre twice = cell_centre(once.lat_e7, once.lon_e7, 5000);
    EXPECT_EQ(once.lat_e7, twice.lat_e7);
    EXPECT_EQ(once.lon_e7, twice.lon_e7);
  }
}

TEST(CellCentre, at_the_ends_of_the_world_is_a_position) {
  for (const std::int32_t lat : {-900'000'000, 0, 900'000'000}) {
    for (const std::int32_t lon : {-1'800'000'000, 0, 1'800'000'000}) {
      for (const std::uint32_t round_m : {1u, 777u, 100'000u}) {
        const CellCentre centre = cell_centre(lat, lon, round_m);
        EXPECT_GE(centre.lat_e7, -900'000'000);
        EXPECT_LE(centre.lat_e7, 900'000'000);
        EXPECT_GE(centre.lon_e7, -1'800'000'000);
        EXPECT_LE(centre.lon_e7, 1'800'000'000);
      }
    }
  }
}

TEST(Terms, steps_begin_at_the_same_moments_for_everybody) {
  const Terms terms{.every_us = 60};
  EXPECT_EQ(terms.step_of(0), 0);
  EXPECT_EQ(terms.step_of(59), 0);
  EXPECT_EQ(terms.step_of(60), 60);
  EXPECT_EQ(terms.step_of(-1), -60);
  EXPECT_EQ(terms.step_end(60), 120);
  EXPECT_EQ(terms.step_of(INT64_MIN), INT64_MIN);
  EXPECT_EQ(Terms{}.step_of(59), 59);
}

TEST(Terms, nothing_is_read_before_its_delay) {
  const Terms terms{.delay_us = 10'000'000};
  EXPECT_EQ(terms.read_until_us(60'000'000), 50'000'000 - Terms::kSettleUs);
}

TEST(CoarseFix, tells_nothing_that_is_finer_than_its_cell) {
  wire::Fix fix;
  fix.mutate_lat_e7(158'123'456);
  fix.mutate_lon_e7(14'123'456);
  fix.mutate_altitude_mm(300'000);
  fix.mutate_speed_mm_s(12'000);
  fix.mutate_course_mdeg(90'000);
  fix.mutate_h_accuracy_mm(3000);
  const wire::Fix coarse = coarse_fix(fix, {.round_m = 1000});
  EXPECT_NE(coarse.lat_e7(), fix.lat_e7());
  EXPECT_EQ(coarse.altitude_mm(), INT32_MIN);
  EXPECT_EQ(coarse.speed_mm_s(), UINT32_MAX);
  EXPECT_EQ(coarse.course_mdeg(), UINT32_MAX);
  EXPECT_EQ(coarse.h_accuracy_mm(), 1'000'000u);
  EXPECT_EQ(coarse.true_time_us(), fix.true_time_us());
  EXPECT_EQ(coarse_fix(fix, {.delay_us = 1}).lat_e7(), fix.lat_e7());
}

}  // namespace
}  // namespace vigie
