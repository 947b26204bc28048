#pragma once
// Reading a TOML file into a configuration by its table of options. Every fault of the file is
// reported at once, with its line. toml++ stays behind this header, because it is slow to compile.

#include <string>
#include <string_view>
#include <vector>

#include "schemas/programs/option_table.h"

namespace vigie {

/// One value of a TOML text.
struct TomlValue {
  std::string key;  // "section.name"
  std::size_t line = 0;
  OptionValue value;    // what no option takes, where it is of no kind that one has
  std::string written;  // as it stands in the text, where that is short; else empty
};

/// Sections are those that `keys` have: a table of any other name is one value, not many. What
/// cannot be parsed is appended to `wrong`, beginning with "NAME:LINE:".
std::vector<TomlValue> read_toml(std::string_view text, const std::string& name,
                                 std::span<const std::string_view> keys,
                                 std::vector<std::string>& wrong);

/// Fails with Io, naming the path.
Result<std::string> text_of_file(const std::string& path);

/// Puts what the text says into `config`. Returns what is wrong: one sentence each, beginning with
/// "NAME:LINE:"; unknown keys are named, and the known one that is most like it.
template <typename Config>
std::vector<std::string> read_config(std::span<const Option<Config>> table, std::string_view text,
                                     const std::string& name, Config& config) {
  std::vector<std::string> wrong;
  const auto keys = keys_of_table(table);
  for (const TomlValue& one : read_toml(text, name, keys, wrong)) {
    const Option<Config>* option = find_option(table, one.key);
    if (option == nullptr) {
      wrong.push_back(fmt::format("{}:{}: {}", name, one.line, unknown_option(one.key, keys)));
      continue;
    }
    const auto sentence = option->set(config, one.value);
    if (!sentence) continue;
    wrong.push_back(fmt::format("{}:{}: {} {}{}", name, one.line, one.key, *sentence,
                                one.written.empty() ? "" : ", not " + one.written));
  }
  return wrong;
}

/// The same from a file.
template <typename Config>
std::vector<std::string> read_config_file(std::span<const Option<Config>> table,
                                          const std::string& path, Config& config) {
  const Result<std::string> text = text_of_file(path);
  if (!text) return {text.fault().sentence};
  return read_config(table, *text, path, config);
}

/// All keys that a TOML text gives a value to. Empty when it cannot be parsed.
std::vector<std::string> keys_of(std::string_view toml, std::span<const std::string_view> known);

}  // namespace vigie
