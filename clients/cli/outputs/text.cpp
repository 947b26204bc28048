#include "clients/cli/outputs/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// U+0080..U+009F: terminals take these for the start of a command.
bool is_control(std::string_view character) {
  return character.size() == 2 && character[0] == '\xc2' &&
         static_cast<unsigned char>(character[1]) < 0xa0;
}

std::string angle_text(std::int32_t e7, int decimals, int width, char positive, char negative) {
  std::int64_t scale = 1;
  for (int i = decimals; i < 7; ++i) scale *= 10;
  const std::int64_t magnitude = e7 < 0 ? -std::int64_t{e7} : std::int64_t{e7};
  const std::int64_t rounded = (magnitude + scale / 2) / scale;
  std::int64_t whole = 1;
  for (int i = 0; i < decimals; ++i) whole *= 10;
  const std::string text = fmt::format("{}.{:0{}}", rounded / whole, rounded % whole, decimals);
  return fmt::format("{:>{}} {}", text, width + decimals + 1, e7 < 0 ? negative : positive);
}

}  // namespace

std::size_t text_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      while (i < text.size() && text[i] != 'm') ++i;
      continue;
    }
    if (!continues(text[i])) ++width;
  }
  return width;
}

std::string cut_to(std::string_view text, std::size_t width) {
  if (text_width(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::size_t end = 0, columns = 0;
  for (; end < text.size(); ++end) {
    if (continues(text[end])) continue;
    if (columns == width - 1) break;
    ++columns;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string left(std::string_view text, std::size_t width) {
  std::string out = cut_to(text, width);
  out.append(width - std::min(width, text_width(out)), ' ');
  return out;
}

std::string right(std::string_view text, std::size_t width) {
  const std::string cut = cut_to(text, width);
  std::string out(width - std::min(width, text_width(cut)), ' ');
  return out.append(cut);
}

std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    const std::string_view character = text.substr(0, length);
    text.remove_prefix(length);
    const auto byte = static_cast<unsigned char>(character[0]);
    // Alone such a byte is a control character to terminals that are not told of UTF-8.
    const bool is_stray = length == 1 && byte >= 0x80;
    if (is_stray || is_control(character)) {
      out += '?';
    } else if (byte < 0x20 || byte == 0x7f) {
      out += ' ';
    } else {
      out += character;
    }
  }
  return out;
}

std::string age_text(std::int64_t age_us) {
  const std::int64_t s = std::max<std::int64_t>(age_us, 0) / kMicrosecondsPerSecond;
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min", s / 60);
  if (s < 86'400) return fmt::format("{} h {:02}", s / 3600, s / 60 % 60);
  return fmt::format("{} d", s / 86'400);
}

std::string count_text(std::uint64_t count) {
  const std::string digits = fmt::format("{}", count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string position_text(std::int32_t lat_e7, std::int32_t lon_e7, int decimals) {
  return fmt::format("{} {}", angle_text(lat_e7, decimals, 2, 'N', 'S'),
                     angle_text(lon_e7, decimals, 3, 'E', 'W'));
}

std::string clock_text(std::int64_t us_since_1970) {
  return format_time(us_since_1970).substr(11, 8);
}

std::string moment_text(std::int64_t us) {
  std::string text = format_time(us);
  const std::size_t zero = text.find(".000000");
  if (zero != std::string::npos) text.erase(zero, 7);
  return text;
}

}  // namespace vigie::cli
