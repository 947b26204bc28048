#include "schemas/programs/log_text.h"

#include <fmt/format.h>

#include <cmath>

namespace vigie {
namespace {

/// How many bytes a well-formed UTF-8 character has at the start of `in`; 0 when it is not one.
std::size_t character_bytes(std::string_view in) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(in[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || in.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies beyond U+10FFFF.
  if (first == 0xE0 && at(1) < 0xA0) return 0;
  if (first == 0xED && at(1) > 0x9F) return 0;
  if (first == 0xF0 && at(1) < 0x90) return 0;
  if (first == 0xF4 && at(1) > 0x8F) return 0;
  return length;
}

std::string number_text(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string("null");
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\\") != std::string_view::npos;
}

std::string human_value(const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    const std::string escaped = escape_json(*text);
    return needs_quotes(escaped) ? "\"" + escaped + "\"" : escaped;
  }
  if (const auto* number = std::get_if<double>(&field.value)) return fmt::format("{}", *number);
  if (const auto* flag = std::get_if<bool>(&field.value)) return *flag ? "yes" : "no";
  if (const auto* count = std::get_if<std::uint64_t>(&field.value)) return std::to_string(*count);
  return std::to_string(std::get<std::int64_t>(field.value));
}

std::string json_value(const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    return "\"" + escape_json(*text) + "\"";
  }
  if (const auto* number = std::get_if<double>(&field.value)) return number_text(*number);
  if (const auto* flag = std::get_if<bool>(&field.value)) return *flag ? "true" : "false";
  if (const auto* count = std::get_if<std::uint64_t>(&field.value)) return std::to_string(*count);
  return std::to_string(std::get<std::int64_t>(field.value));
}

/// In a human line quotes inside the text are left as they are; only what could forge a line is
/// escaped.
std::string human_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_bytes(text.substr(i));
    const std::string_view character = text.substr(i, std::max<std::size_t>(length, 1));
    out += character == "\"" || character == "\\" ? std::string(character) : escape_json(character);
    i += character.size();
  }
  return out;
}

}  // namespace

std::string escape_json(std::string_view in) {
  std::string out;
  out.reserve(in.size() + 8);
  for (std::size_t i = 0; i < in.size();) {
    const std::size_t length = character_bytes(in.substr(i));
    const auto byte = static_cast<unsigned char>(in[i]);
    if (length == 0) {
      out += "\xEF\xBF\xBD";  // U+FFFD, the replacement character
      ++i;
      continue;
    }
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += in[i];
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out.append(in, i, length);
    }
    i += length;
  }
  return out;
}

std::string human_line(std::string_view room, std::string_view text, LogFields fields) {
  std::string line;
  if (!room.empty()) line.append(room).append(": ");
  line += human_text(text);
  for (const LogField& field : fields) {
    line += fmt::format(" {}={}", field.name, human_value(field));
  }
  return line;
}

std::string json_line(std::string_view room, std::string_view text, LogFields fields) {
  std::string line =
      fmt::format(R"("room":"{}","text":"{}","fields":{{)", escape_json(room), escape_json(text));
  bool first = true;
  for (const LogField& field : fields) {
    line +=
        fmt::format(R"({}"{}":{})", first ? "" : ",", escape_json(field.name), json_value(field));
    first = false;
  }
  return line + "}";
}

}  // namespace vigie
