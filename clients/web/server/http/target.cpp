#include "clients/web/server/http/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace vigie::web {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { Itself, Space };

/// Nothing when a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> unescaped(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::Space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

Fault wrong(std::string_view sentence) {
  return Fault{FaultCode::Invalid, std::string(sentence)};
}

/// Decoded and without tricks; empty on success is not possible.
Result<std::string> segment_of(std::string_view raw) {
  auto segment = unescaped(raw, Plus::Itself);
  if (!segment) return wrong("path: '%' must be followed by two hexadecimal digits");
  if (segment->empty()) return wrong("path: an empty segment ('//')");
  if (*segment == "." || *segment == "..") return wrong("path: a '.' or '..' segment");
  if (segment->find_first_of("/\\") != std::string::npos) {
    return wrong("path: a slash or backslash inside of a segment");
  }
  if (has_control(*segment)) return wrong("path: a control character");
  if (!is_utf8(*segment)) return wrong("path: not UTF-8");
  return std::move(*segment);
}

Result<std::string> path_of(std::string_view raw) {
  if (raw.empty() || raw.front() != '/') return wrong("the target must begin with '/'");
  if (raw.find('#') != std::string_view::npos) return wrong("path: a '#'");
  raw.remove_prefix(1);
  if (!raw.empty() && raw.back() == '/')
    raw.remove_suffix(1);
  else if (raw.empty())
    return std::string("/");
  std::string path;
  while (true) {
    const std::size_t slash = raw.find('/');
    Result<std::string> segment = segment_of(raw.substr(0, slash));
    if (!segment) return segment.fault();
    path.append("/").append(*segment);
    if (slash == std::string_view::npos) return path;
    raw.remove_prefix(slash + 1);
  }
}

Result<std::string> part_of(std::string_view raw) {
  auto text = unescaped(raw, Plus::Space);
  if (!text) return wrong("query: '%' must be followed by two hexadecimal digits");
  if (has_control(*text)) return wrong("query: a control character");
  if (!is_utf8(*text)) return wrong("query: not UTF-8");
  return std::move(*text);
}

/// How many bytes follow a first byte, and the least code point that may be written so.
struct Lead {
  std::size_t more;
  std::uint32_t bits;
  std::uint32_t least;
};

std::optional<Lead> lead_of(unsigned char byte) {
  if (byte < 0x80) return Lead{0, byte, 0};
  if (byte >= 0xc2 && byte <= 0xdf) return Lead{1, byte & 0x1fu, 0x80};
  if (byte >= 0xe0 && byte <= 0xef) return Lead{2, byte & 0x0fu, 0x800};
  if (byte >= 0xf0 && byte <= 0xf4) return Lead{3, byte & 0x07u, 0x10000};
  return std::nullopt;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = lead_of(static_cast<unsigned char>(text[i]));
    if (!lead || text.size() - i <= lead->more) return false;
    std::uint32_t point = lead->bits;
    for (std::size_t k = 0; k < lead->more; ++k) {
      const auto byte = static_cast<unsigned char>(text[++i]);
      if ((byte & 0xc0u) != 0x80u) return false;
      point = (point << 6) | (byte & 0x3fu);
    }
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < lead->least || point > 0x10ffff || surrogate) return false;
  }
  return true;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (pair.empty()) continue;
    if (pairs.size() == kParametersMax) {
      return wrong(fmt::format("query: more than {} parameters", kParametersMax));
    }
    const std::size_t equals = pair.find('=');
    Result<std::string> name = part_of(pair.substr(0, equals));
    if (!name) return name.fault();
    Result<std::string> value =
        part_of(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!value) return value.fault();
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

Result<Target> parse_target(std::string_view text) {
  const std::size_t mark = text.find('?');
  Target target;
  Result<std::string> path = path_of(text.substr(0, mark));
  if (!path) return path.fault();
  target.path = std::move(*path);
  if (mark == std::string_view::npos) return target;
  auto query = parse_query(text.substr(mark + 1));
  if (!query) return query.fault();
  target.query = std::move(*query);
  return target;
}

}  // namespace vigie::web
