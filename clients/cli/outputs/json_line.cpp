#include "clients/cli/outputs/json_line.h"

#include <fmt/format.h>

#include <iterator>

#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

/// How many bytes at the front of `text` are one well-formed UTF-8 character; 0: none.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length == 0 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool outside = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  return overlong || outside ? 0 : length;
}

/// U+0080 to U+009F: control characters, which steer a terminal as an escape does.
bool is_c1(std::string_view character) {
  return character.size() == 2 && character[0] == '\xc2' &&
         static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = character_bytes(text);
    const char c = text[0];
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else if (is_c1(text.substr(0, length))) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(text[1]));
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_scaled(std::string& out, std::int64_t value, int decimals, int decimals_min) {
  std::int64_t scale = 1;
  for (int i = 0; i < decimals; ++i) scale *= 10;
  const std::int64_t magnitude = value < 0 ? -value : value;
  if (value < 0) out += '-';
  fmt::format_to(std::back_inserter(out), "{}", magnitude / scale);
  if (decimals == 0) return;
  std::string fraction = fmt::format("{:0{}}", magnitude % scale, decimals);
  while (static_cast<int>(fraction.size()) > decimals_min && fraction.back() == '0') {
    fraction.pop_back();
  }
  if (!fraction.empty()) out += '.' + fraction;
}

void JsonLine::key(std::string_view name) {
  if (out_.size() > 1) out_ += ',';
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

void JsonLine::text(std::string_view name, std::string_view value) {
  key(name);
  append_json_text(out_, value);
}

void JsonLine::number(std::string_view name, std::uint64_t value) {
  key(name);
  fmt::format_to(std::back_inserter(out_), "{}", value);
}

void JsonLine::scaled(std::string_view name, std::int64_t value, int decimals, int decimals_min) {
  key(name);
  append_scaled(out_, value, decimals, decimals_min);
}

void JsonLine::flag(std::string_view name, bool value) {
  key(name);
  out_ += value ? "true" : "false";
}

void JsonLine::time(std::string_view name, std::int64_t us_since_1970) {
  key(name);
  out_ += '"';
  out_ += format_time(us_since_1970);
  out_ += '"';
}

void JsonLine::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
}

std::string JsonLine::finish() {
  return std::move(out_) + "}\n";
}

}  // namespace vigie::cli
