#include "clients/cli/commands/status_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "clients/cli/outputs/text.h"

namespace vigie::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string words(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return harmless(key);
}

std::string value_text(const Json& value) {
  if (value.is_string()) return harmless(value.get<std::string>());
  if (value.is_number_unsigned()) return count_text(value.get<std::uint64_t>());
  if (value.is_number_float()) return fmt::format("{:.7g}", value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_null() || (value.is_structured() && value.empty())) return "-";
  return harmless(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool is_table(const Json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const Json& row) { return row.is_object(); });
}

void add_table(const Json& rows, const std::string& indent, std::string& out) {
  std::vector<std::string> heads;
  for (const Json& row : rows) {
    for (const auto& [key, value] : row.items()) {
      if (std::find(heads.begin(), heads.end(), key) == heads.end()) heads.push_back(key);
    }
  }
  std::vector<std::size_t> widths;
  for (const std::string& head : heads) {
    std::size_t width = text_width(words(head));
    for (const Json& row : rows) {
      if (row.contains(head)) width = std::max(width, text_width(value_text(row[head])));
    }
    widths.push_back(std::min<std::size_t>(width, 40));
  }
  const auto add_line = [&](const auto& cell) {
    std::string line = indent;
    for (std::size_t i = 0; i < heads.size(); ++i) line += left(cell(heads[i]), widths[i]) + "  ";
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add_line([](const std::string& head) { return words(head); });
  for (const Json& row : rows) {
    add_line([&](const std::string& head) {
      return row.contains(head) ? value_text(row[head]) : std::string();
    });
  }
}

void add_object(const Json& object, std::size_t depth, std::string& out) {
  const std::string indent(depth * 2, ' ');
  std::size_t width = 0;
  for (const auto& [key, value] : object.items()) {
    const bool is_section = (value.is_object() && !value.empty()) || is_table(value);
    if (!is_section) width = std::max(width, text_width(words(key)));
  }
  for (const auto& [key, value] : object.items()) {
    if (value.is_object() && !value.empty() && depth < 8) {
      out += fmt::format("{}{}\n", indent, words(key));
      add_object(value, depth + 1, out);
    } else if (is_table(value)) {
      out += fmt::format("{}{}\n", indent, words(key));
      add_table(value, indent + "  ", out);
    } else {
      out += fmt::format("{}{}  {}\n", indent, left(words(key), width), value_text(value));
    }
  }
}

}  // namespace

std::string status_text(const Json& status) {
  std::string out;
  add_object(status, 0, out);
  return out;
}

}  // namespace vigie::cli
