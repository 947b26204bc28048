#include "clients/cli/sources/decimal.h"

#include <gtest/gtest.h>

namespace vigie::cli {
namespace {

TEST(Decimal, degrees_become_integers_without_a_detour_through_doubles) {
  EXPECT_EQ(parse_scaled("30.231535", 7), 302315350);
  EXPECT_EQ(parse_scaled("-97.73347", 7), -977334700);
  EXPECT_EQ(parse_scaled("0.0000001", 7), 1);
  EXPECT_EQ(parse_scaled("-0.0000001", 7), -1);
  EXPECT_EQ(parse_scaled("180", 7), 1800000000);
  EXPECT_EQ(parse_scaled("+5.", 3), 5000);
  EXPECT_EQ(parse_scaled(".5", 3), 500);
}

TEST(Decimal, digits_beyond_the_last_one_kept_round_half_away_from_zero) {
  EXPECT_EQ(parse_scaled("1.00000005", 7), 10000001);
  EXPECT_EQ(parse_scaled("1.00000004999999999", 7), 10000000);
  EXPECT_EQ(parse_scaled("-1.00000005", 7), -10000001);
  EXPECT_EQ(parse_scaled("17.43456", 3), 17435);
  EXPECT_EQ(parse_scaled("2.5", 0), 3);
}

TEST(Decimal, exponents_shift_the_point) {
  EXPECT_EQ(parse_scaled("1.5e-3", 6), 1500);
  EXPECT_EQ(parse_scaled("1.5E+2", 1), 1500);
  EXPECT_EQ(parse_scaled("1.5e-9", 7), 0);
  EXPECT_EQ(parse_scaled("149e-2", 0), 1);
  EXPECT_EQ(parse_scaled("150e-2", 0), 2);
}

TEST(Decimal, what_is_no_number_or_does_not_fit_is_refused) {
  for (const char* text : {"", "-", ".", "1,5", "1.2.3", "0x10", "nan", "inf", " 1", "1 ", "1e",
                           "1e999", "--1", "99999999999999999999", "1e30"}) {
    EXPECT_FALSE(parse_scaled(text, 7)) << text;
  }
}

TEST(Decimal, divisions_round_half_away_from_zero) {
  EXPECT_EQ(divide_rounded(3, 2), 2);
  EXPECT_EQ(divide_rounded(-3, 2), -2);
  EXPECT_EQ(divide_rounded(4, 3), 1);
}

}  // namespace
}  // namespace vigie::cli
