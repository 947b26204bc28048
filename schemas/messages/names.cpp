#include "schemas/messages/names.h"

#include <algorithm>
#include <array>
#include <optional>

#include "schemas/words/limits.h"

namespace vigie {
namespace {

constexpr std::array<std::string_view, kClassCount> kClassNames{"track", "event", "state"};

bool is_segment_byte(unsigned char byte) {
  const bool alphanumeric =
      (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
  return alphanumeric || byte == '-' || byte == '_' || byte == '.' || byte >= 0x80;
}

/// The segment in front of `rest`, which is cut off it; empty optional when none is left.
std::optional<std::string_view> take_segment(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  const std::size_t slash = rest.find('/');
  const std::string_view segment = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  return segment;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto continues = [&](std::size_t at) {
    return at < text.size() && (byte(at) & 0xC0) == 0x80;
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool beyond = lead == 0xF4 && byte(1) >= 0x90;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

std::string_view class_name(MessageClass message_class) {
  return kClassNames[static_cast<std::size_t>(message_class)];
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_text(std::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if ((lead < 0x20 && lead != '\t' && lead != '\n') || lead == 0x7F) return false;
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    // U+0080..U+009F are controls too: a terminal may take U+009B as the start of a command.
    if (lead == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_segment(std::string_view text) {
  if (text.empty() || text.size() > limits::kNameBytesMax) return false;
  bool ascii = true;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (!is_segment_byte(byte)) return false;
    ascii = ascii && byte < 0x80;
  }
  return ascii || is_text(text);
}

bool is_unit_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_segment(text.substr(0, slash)) &&
         is_segment(text.substr(slash + 1));
}

bool is_key(std::string_view text) {
  constexpr std::size_t kKeyDigits = 64;
  return text.size() == kKeyDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool is_unit_pattern(std::string_view text) {
  return is_unit_name(text) ||
         (text.ends_with("/*") && is_segment(text.substr(0, text.size() - 2)));
}

bool is_kind(std::string_view text) {
  return !text.empty() && text.size() <= limits::kKindBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::string_view owner_of(std::string_view unit) {
  return unit.substr(0, unit.find('/'));
}

std::string channel_name(MessageClass message_class, std::string_view owner,
                         std::string_view group) {
  std::string name(class_name(message_class));
  name.append("/").append(owner).append("/").append(group_or_none(group));
  return name;
}

bool is_channel_prefix(std::string_view prefix) {
  if (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
  std::string_view rest = prefix;
  const auto first = take_segment(rest);
  const bool known = first && (*first == "*" || std::find(kClassNames.begin(), kClassNames.end(),
                                                          *first) != kClassNames.end());
  if (!known || prefix.back() == '/') return false;
  int segments = 1;
  while (const auto segment = take_segment(rest)) {
    if (!is_segment(*segment) || ++segments > 3) return false;
  }
  return true;
}

bool channel_matches(std::string_view prefix, MessageClass message_class, std::string_view owner,
                     std::string_view group) {
  if (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
  const std::array<std::string_view, 3> channel{class_name(message_class), owner,
                                                group_or_none(group)};
  std::size_t at = 0;
  while (const auto segment = take_segment(prefix)) {
    const bool any_class = at == 0 && *segment == "*";
    if (at >= channel.size() || (!any_class && *segment != channel[at])) return false;
    ++at;
  }
  return true;
}

}  // namespace vigie
