#include "schemas/programs/config_text.h"

#include <toml++/toml.h>

#include <fstream>

namespace vigie {
namespace {

bool is_section(std::string_view name, std::span<const std::string_view> keys) {
  return std::any_of(keys.begin(), keys.end(), [&](std::string_view key) {
    return key.size() > name.size() && key.starts_with(name) && key[name.size()] == '.';
  });
}

/// Of a list whose items are all of one kind.
std::optional<OptionValue> value_of_list(const toml::array& list) {
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
  for (const toml::node& item : list) {
    if (const auto* number = item.as_integer()) numbers.push_back(number->get());
    if (const auto* text = item.as_string()) texts.push_back(text->get());
  }
  if (numbers.size() == list.size()) return OptionValue(std::move(numbers));
  if (texts.size() == list.size()) return OptionValue(std::move(texts));
  return std::nullopt;
}

/// Nothing when it is of a kind that no option has.
std::optional<OptionValue> value_of(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return OptionValue(flag->get());
  if (const auto* number = node.as_integer()) return OptionValue(number->get());
  if (const auto* text = node.as_string()) return OptionValue(text->get());
  const auto* list = node.as_array();
  return list == nullptr ? std::nullopt : value_of_list(*list);
}

std::string written(const toml::node& node) {
  std::string said;
  if (const auto* flag = node.as_boolean()) said = flag->get() ? "true" : "false";
  if (const auto* number = node.as_integer()) said = fmt::format("{}", number->get());
  if (const auto* text = node.as_string()) said = fmt::format("\"{}\"", text->get());
  constexpr std::size_t kMost = 80;
  return said.size() > kMost ? std::string() : said;
}

TomlValue taken(std::string key, const toml::node& node) {
  // What no option takes lets the option say what it wants.
  const OptionValue taken_by_none = std::vector<std::string>{std::string()};
  return {std::move(key), node.source().begin.line, value_of(node).value_or(taken_by_none),
          written(node)};
}

}  // namespace

std::vector<TomlValue> read_toml(std::string_view text, const std::string& name,
                                 std::span<const std::string_view> keys,
                                 std::vector<std::string>& wrong) {
  std::vector<TomlValue> values;
  try {
    const toml::table table = toml::parse(text, name);
    for (const auto& [outer, node] : table) {
      const toml::table* section = node.as_table();
      if (section == nullptr || !is_section(outer.str(), keys)) {
        values.push_back(taken(std::string(outer.str()), node));
        continue;
      }
      for (const auto& [inner, value] : *section) {
        values.push_back(taken(fmt::format("{}.{}", outer.str(), inner.str()), value));
      }
    }
  } catch (const toml::parse_error& error) {
    wrong.push_back(fmt::format("{}:{}: {}", name, error.source().begin.line, error.description()));
  }
  return values;
}

Result<std::string> text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  // By read(): from a folder an iterator would throw.
  std::string text;
  char block[4096];
  while (file.read(block, sizeof block) || file.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
  }
  if (file.is_open() && !file.bad()) return text;
  return Fault{FaultCode::Io, fmt::format("{}: cannot be read", path)};
}

std::vector<std::string> keys_of(std::string_view toml, std::span<const std::string_view> known) {
  std::vector<std::string> keys;
  std::vector<std::string> wrong;
  for (TomlValue& one : read_toml(toml, "", known, wrong)) keys.push_back(std::move(one.key));
  return keys;
}

}  // namespace vigie
