#include "clients/cli/sources/decimal.h"

#include <charconv>

namespace vigie::cli {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes "e-3" off the end of `text`; false when what follows the 'e' is no small integer.
bool take_exponent(std::string_view& text, int& exponent) {
  const std::size_t at = text.find_first_of("eE");
  if (at == std::string_view::npos) return true;
  std::string_view digits = text.substr(at + 1);
  if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, exponent);
  if (error != std::errc() || stop != end || exponent < -40 || exponent > 40) return false;
  text = text.substr(0, at);
  return true;
}

/// The magnitude of `digits` ("123.456") times 10^shift.
std::optional<std::int64_t> magnitude(std::string_view digits, int shift) {
  constexpr std::int64_t kMost = INT64_MAX / 10 - 1;
  std::int64_t value = 0;
  bool seen_digit = false, seen_point = false, decided = false, round_up = false;
  for (const char c : digits) {
    if (c == '.' && !seen_point) {
      seen_point = true;
      continue;
    }
    if (!is_digit(c)) return std::nullopt;
    seen_digit = true;
    // Digits in front of the point count fully; behind it `shift` says how many still do.
    if (seen_point && shift <= 0) {
      if (shift == 0 && !decided) round_up = c >= '5';
      decided = true;
      continue;
    }
    if (value > kMost) return std::nullopt;
    value = value * 10 + (c - '0');
    if (seen_point) --shift;
  }
  if (!seen_digit) return std::nullopt;
  for (; shift > 0; --shift) {
    if (value > kMost) return std::nullopt;
    value *= 10;
  }
  // A negative shift cuts digits off that stand in front of the point.
  for (; shift < 0; ++shift) {
    round_up = value % 10 >= 5;
    value /= 10;
  }
  return value + (round_up ? 1 : 0);
}

}  // namespace

std::optional<std::int64_t> parse_scaled(std::string_view text, int decimals) {
  int exponent = 0;
  if (text.size() > 64 || !take_exponent(text, exponent)) return std::nullopt;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  const auto value = magnitude(text, decimals + exponent);
  if (!value) return std::nullopt;
  return negative ? -*value : *value;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace vigie::cli
