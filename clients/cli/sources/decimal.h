#pragma once
// Numbers as people and devices write them, to scaled integers, without a detour through binary
// fractions: "30.231535" degrees is 302315350 exactly. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace vigie::cli {

/// `text` times 10^decimals, rounded half away from zero at the last digit kept. Takes an optional
/// sign, digits, one '.', and an exponent ("1.5e-3"); nothing else, no spaces. Absent when the text
/// is no such number or the result does not fit. `decimals` is 0..12.
std::optional<std::int64_t> parse_scaled(std::string_view text, int decimals);

/// numerator / denominator, rounded half away from zero. REQUIRES: denominator > 0.
constexpr std::int64_t divide_rounded(std::int64_t numerator, std::int64_t denominator) {
  const std::int64_t half = denominator / 2;
  return numerator < 0 ? (numerator - half) / denominator : (numerator + half) / denominator;
}

/// The text without blanks at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace vigie::cli
