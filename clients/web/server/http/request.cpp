#include "clients/web/server/http/request.h"

namespace vigie::web {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::optional<std::string_view> first_of(const Pairs& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return std::string_view(value);
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// RFC 6265: pairs parted by ';', the value bare or in double quotes.
std::optional<std::string_view> cookie_of(std::string_view line, std::string_view name) {
  while (!line.empty()) {
    const std::size_t end = line.find(';');
    const std::string_view pair = trimmed(line.substr(0, end));
    line = end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || trimmed(pair.substr(0, equals)) != name) continue;
    std::string_view value = trimmed(pair.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
  return first_of(headers, name);
}

std::optional<std::string_view> Request::parameter(std::string_view name) const {
  return first_of(query, name);
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
  for (const auto& [key, line] : headers) {
    if (key != "cookie") continue;
    const auto value = cookie_of(line, name);
    if (value) return value;
  }
  return std::nullopt;
}

}  // namespace vigie::web
