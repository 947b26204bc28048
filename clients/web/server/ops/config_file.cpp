#include "clients/web/server/ops/config_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <optional>

#include "clients/web/server/ops/options.h"

namespace vigie::web {
namespace {

/// Sections of the file: a table of any other name is one unknown thing, not many.
bool is_section(std::string_view name) {
  for (const Option& option : web_options()) {
    if (option.key.size() > name.size() && option.key.substr(0, name.size()) == name &&
        option.key[name.size()] == '.') {
      return true;
    }
  }
  return false;
}

/// Nothing when the file's value is of a kind that no option has.
std::optional<OptionValue> value_of(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return OptionValue(flag->get());
  if (const auto* number = node.as_integer()) return OptionValue(number->get());
  if (const auto* text = node.as_string()) return OptionValue(text->get());
  const auto* list = node.as_array();
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> items;
  for (const toml::node& item : *list) {
    const auto* text = item.as_string();
    if (text == nullptr) return std::nullopt;
    items.push_back(text->get());
  }
  return OptionValue(std::move(items));
}

using Visit = std::function<void(const std::string& key, const toml::node& node)>;

/// Calls `visit` for each value, and for each table that is not a section.
void walk(const toml::table& table, const Visit& visit) {
  for (const auto& [name, node] : table) {
    const toml::table* section = node.as_table();
    if (section == nullptr || !is_section(name.str())) {
      visit(std::string(name.str()), node);
      continue;
    }
    for (const auto& [inner, value] : *section) {
      visit(fmt::format("{}.{}", name.str(), inner.str()), value);
    }
  }
}

/// ", not VALUE" where the value is short enough to be said.
std::string written(const toml::node& node) {
  std::string said;
  if (const auto* flag = node.as_boolean()) said = flag->get() ? "true" : "false";
  if (const auto* number = node.as_integer()) said = fmt::format("{}", number->get());
  if (const auto* text = node.as_string()) said = fmt::format("\"{}\"", text->get());
  constexpr std::size_t kMost = 80;
  return said.empty() || said.size() > kMost ? std::string() : ", not " + said;
}

/// Empty when the value was put in.
std::string put(const std::string& key, const toml::node& node, WebConfig& config) {
  const Option* option = find_option(key);
  if (option == nullptr) {
    const std::string_view near = nearest_key(key);
    const std::string hint = near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
    return fmt::format("unknown option '{}'{}", key, hint);
  }
  const auto value = value_of(node);
  // A value of no known kind: let the option say what it wants, by giving it what none takes.
  const OptionValue given = value.value_or(OptionValue(std::vector<std::string>{std::string()}));
  const auto wrong = option->set(config, given);
  return wrong ? fmt::format("{} {}{}", key, *wrong, written(node)) : std::string();
}

}  // namespace

std::vector<std::string> read_config(std::string_view toml_text, const std::string& name,
                                     WebConfig& config) {
  std::vector<std::string> wrong;
  try {
    const toml::table table = toml::parse(toml_text, name);
    walk(table, [&](const std::string& key, const toml::node& node) {
      const std::string sentence = put(key, node, config);
      if (sentence.empty()) return;
      wrong.push_back(fmt::format("{}:{}: {}", name, node.source().begin.line, sentence));
    });
  } catch (const toml::parse_error& error) {
    wrong.push_back(fmt::format("{}:{}: {}", name, error.source().begin.line, error.description()));
  }
  return wrong;
}

std::vector<std::string> read_config_file(const std::string& path, WebConfig& config) {
  std::ifstream file(path, std::ios::binary);
  // By read(): from a folder an iterator would throw.
  std::string text;
  char block[4096];
  while (file.read(block, sizeof block) || file.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) return {fmt::format("{}: cannot be read", path)};
  return read_config(text, path, config);
}

std::vector<std::string> keys_of(std::string_view toml_text) {
  std::vector<std::string> keys;
  try {
    const toml::table table = toml::parse(toml_text);
    walk(table, [&](const std::string& key, const toml::node&) { keys.push_back(key); });
  } catch (const toml::parse_error&) {
    keys.clear();
  }
  return keys;
}

}  // namespace vigie::web
