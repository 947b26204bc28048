#include "clients/web/server/accounts/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace vigie::web::people {
namespace {

constexpr std::size_t kNameBytesMax = 32;
constexpr std::size_t kLabelBytesMax = 64;
constexpr std::size_t kBrowserBytesMax = 120;
constexpr std::size_t kPasswordMin = 10;
constexpr std::size_t kPasswordMax = 128;

Fault invalid(std::string sentence) {
  return {FaultCode::Invalid, std::move(sentence)};
}

bool is_small_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// How many bytes the character that begins with this one has; 0: none begins so.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

/// The characters of UTF-8; empty: it is none, or one is a control character.
std::optional<std::size_t> count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = length_of(first);
    if (length == 0 || at + length > text.size() || first < 0x20 || first == 0x7F) return {};
    std::uint32_t point = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xC0) != 0x80) return {};
      point = (point << 6) | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    const bool surrogate = point >= 0xD800 && point < 0xE000;
    const bool control = point >= 0x80 && point < 0xA0;
    if (overlong || surrogate || control || point > 0x10FFFF) return {};
    at += length;
  }
  return count;
}

}  // namespace

Result<void> check_account_name(std::string_view name) {
  const bool holds =
      !name.empty() && name.size() <= kNameBytesMax && is_small_or_digit(name.front()) &&
      std::all_of(name.begin(), name.end(),
                  [](char c) { return is_small_or_digit(c) || c == '.' || c == '_' || c == '-'; });
  if (holds) return {};
  const bool show = name.size() <= kNameBytesMax && count_characters(name).has_value();
  return invalid(
      fmt::format("name{} is not 1 to {} of a-z, 0-9, '.', '_' and '-' that begin with a letter "
                  "or a digit",
                  show ? fmt::format(" '{}'", name) : "", kNameBytesMax));
}

std::string account_name_of(std::string_view typed) {
  std::string name(typed);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

Result<void> check_label(std::string_view field, std::string_view text) {
  if (text.size() > kLabelBytesMax) {
    return invalid(fmt::format("{} has {} bytes, at most {}", field, text.size(), kLabelBytesMax));
  }
  if (!count_characters(text)) {
    return invalid(fmt::format("{} is not UTF-8 without control characters", field));
  }
  return {};
}

Result<void> check_password(std::string_view password, std::string_view name) {
  const auto characters = count_characters(password);
  if (!characters) return invalid("password is not UTF-8 without control characters");
  if (*characters < kPasswordMin || *characters > kPasswordMax) {
    return invalid(fmt::format("password has {} characters: {} to {} are needed", *characters,
                               kPasswordMin, kPasswordMax));
  }
  if (account_name_of(password) == name) return invalid("password is the account's name");
  return {};
}

Result<void> check_language(std::string_view language) {
  if (language.empty() || language == "en" || language == "fr") return {};
  return invalid("language is not en, fr or empty");
}

Result<void> check_theme(std::string_view theme) {
  if (theme.empty() || theme == "day" || theme == "night") return {};
  return invalid("theme is not day, night or empty");
}

std::string browser_label(std::string_view user_agent) {
  std::string label(user_agent.substr(0, kBrowserBytesMax));
  for (char& c : label) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return label;
}

}  // namespace vigie::web::people
