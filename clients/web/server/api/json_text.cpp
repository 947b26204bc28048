#include "clients/web/server/api/json_text.h"

#include <fmt/format.h>

#include <iterator>

#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie::web::api {
namespace {

/// U+0080 to U+009F: control characters, which steer a terminal as an escape does.
bool is_c1(std::string_view character) {
  return character.size() == 2 && character[0] == '\xc2' &&
         static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
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
  // Taken apart before the sign is dropped, so that the least number has one as well.
  const std::int64_t whole = value / scale;
  const std::int64_t rest = value % scale;
  if (value < 0) out += '-';
  fmt::format_to(
      std::back_inserter(out), "{}",
      whole < 0 ? 0 - static_cast<std::uint64_t>(whole) : static_cast<std::uint64_t>(whole));
  if (decimals == 0) return;
  std::string fraction = fmt::format("{:0{}}", rest < 0 ? -rest : rest, decimals);
  while (static_cast<int>(fraction.size()) > decimals_min && fraction.back() == '0') {
    fraction.pop_back();
  }
  if (!fraction.empty()) out += '.' + fraction;
}

void append_degrees(std::string& out, std::int64_t e7) {
  append_scaled(out, e7, 7, 7);
}

void JsonText::lead(std::string_view key) {
  if (follows_) out_ += ',';
  follows_ = true;
  if (key.empty()) return;
  out_ += '"';
  out_ += key;
  out_ += "\":";
}

void JsonText::begin(std::string_view key, char bracket) {
  lead(key);
  out_ += bracket;
  follows_ = false;
}

void JsonText::end(char bracket) {
  out_ += bracket;
  follows_ = true;
}

void JsonText::text(std::string_view key, std::string_view value) {
  lead(key);
  append_json_text(out_, value);
}

void JsonText::scaled(std::string_view key, std::int64_t value, int decimals, int decimals_min) {
  lead(key);
  append_scaled(out_, value, decimals, decimals_min);
}

void JsonText::time(std::string_view key, std::int64_t us_since_1970) {
  lead(key);
  out_ += '"';
  out_ += format_time(us_since_1970);
  out_ += '"';
}

void JsonText::raw(std::string_view key, std::string_view json) {
  lead(key);
  out_ += json;
}

}  // namespace vigie::web::api
