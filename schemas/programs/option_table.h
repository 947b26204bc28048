#pragma once
// Tables of options, for programs that are configured by a file and by flags: of each option its
// key in the file, kind and range, and how it is set and shown. One table serves the file, --set,
// the help and the test of the example file, so that they cannot disagree. Pure.
//
//   Makers<HubConfig> make;
//   table.push_back(make.size("queues.ring", &HubConfig::ring_bytes, kMiB, 64 * kGiB));

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "schemas/programs/log.h"
#include "schemas/programs/quantities.h"

namespace vigie {

/// A value as a TOML file holds it.
using OptionValue = std::variant<bool, std::int64_t, std::string, std::vector<std::int64_t>,
                                 std::vector<std::string>>;

enum class OptionKind { Text, Flag, Count, Duration, Size, Choice, Numbers, Texts };

template <typename Config>
struct Option {
  /// "section.name", or "name" for what stands above the sections.
  std::string_view key;
  OptionKind kind;
  /// Puts the value in, or says what is wrong with it ("must be 1 to 64").
  std::function<std::optional<std::string>(Config&, const OptionValue&)> set;
  /// The value as it would be written in the file.
  std::function<std::string(const Config&)> show;
};

/// Null when there is none of that name.
template <typename Config>
const Option<Config>* find_option(std::span<const Option<Config>> table, std::string_view key) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Option<Config>& option) { return option.key == key; });
  return found == table.end() ? nullptr : &*found;
}

/// Reads a value from bare text, as in --set KEY=VALUE: what the kind of the option asks for. Lists
/// are written with commas.
Result<OptionValue> value_of_text(OptionKind kind, std::string_view text);

/// "unknown option 'KEY'", and the known key that is most like it, when that is near enough to be
/// meant.
std::string unknown_option(std::string_view key, std::span<const std::string_view> known);

template <typename Config>
std::vector<std::string_view> keys_of_table(std::span<const Option<Config>> table) {
  std::vector<std::string_view> keys;
  for (const Option<Config>& option : table) keys.push_back(option.key);
  return keys;
}

/// Puts a text in that was given by `flag`; what is wrong with it is appended to `wrong`.
template <typename Config>
void put_text(std::span<const Option<Config>> table, std::string_view key, std::string_view text,
              std::string_view flag, Config& config, std::vector<std::string>& wrong) {
  const Option<Config>* option = find_option(table, key);
  if (option == nullptr) {
    wrong.push_back(fmt::format("{}: {}", flag, unknown_option(key, keys_of_table(table))));
    return;
  }
  const Result<OptionValue> value = value_of_text(option->kind, text);
  // Text that is not even of the option's kind: the option says what it wants instead.
  const auto sentence = option->set(config, value ? *value : OptionValue(std::string(text)));
  if (sentence) wrong.push_back(fmt::format("{}: {} {}, not '{}'", flag, key, *sentence, text));
}

/// What 0 means for a duration or a size.
enum class Zero {
  Refused,
  Endless,  // written "forever" for a duration, "none" for a size
};

/// Makes the options of one configuration, each for a member of it.
template <typename Config>
struct Makers {
  using Wrong = std::optional<std::string>;
  using Made = Option<Config>;

  static Made text(std::string_view key, std::string Config::*member) {
    return text_in(key, [member](Config& config) -> std::string& { return config.*member; });
  }

  /// The same for a text that lies deeper.
  static Made text_in(std::string_view key, std::function<std::string&(Config&)> member) {
    return {key, OptionKind::Text,
            [member](Config& config, const OptionValue& value) -> Wrong {
              const auto* given = std::get_if<std::string>(&value);
              if (given == nullptr) return "must be text in quotes";
              member(config) = *given;
              return std::nullopt;
            },
            [member](const Config& config) {
              Config copy = config;
              return fmt::format("\"{}\"", member(copy));
            }};
  }

  static Made flag(std::string_view key, bool Config::*member) {
    return {key, OptionKind::Flag,
            [member](Config& config, const OptionValue& value) -> Wrong {
              const auto* given = std::get_if<bool>(&value);
              if (given == nullptr) return "must be true or false";
              config.*member = *given;
              return std::nullopt;
            },
            [member](const Config& config) { return config.*member ? "true" : "false"; }};
  }

  template <typename T>
  static Made count(std::string_view key, T Config::*member, std::int64_t least,
                    std::int64_t most) {
    return {key, OptionKind::Count,
            [=](Config& config, const OptionValue& value) -> Wrong {
              const auto* given = std::get_if<std::int64_t>(&value);
              if (given == nullptr || *given < least || *given > most) {
                return fmt::format("must be a whole number from {} to {}", least, most);
              }
              config.*member = static_cast<T>(*given);
              return std::nullopt;
            },
            [member](const Config& config) { return fmt::format("{}", config.*member); }};
  }

  /// Of whole microseconds.
  static Made duration(std::string_view key, std::int64_t Config::*member, std::int64_t least_us,
                       std::int64_t most_us, Zero zero = Zero::Refused) {
    const auto read = [](const std::string& given) { return parse_duration(given); };
    const auto write = [](std::int64_t us) { return format_duration(us); };
    return quantity<std::int64_t>(key, OptionKind::Duration, "a duration", member, least_us,
                                  most_us, zero == Zero::Endless ? "forever" : "", read, write);
  }

  /// Of bytes.
  template <typename T>
  static Made size(std::string_view key, T Config::*member, std::uint64_t least, std::uint64_t most,
                   Zero zero = Zero::Refused) {
    const auto read = [](const std::string& given) { return parse_size(given); };
    const auto write = [](std::uint64_t bytes) { return format_size(bytes); };
    return quantity<std::uint64_t>(key, OptionKind::Size, "a size", member, least, most,
                                   zero == Zero::Endless ? "none" : "", read, write);
  }

  template <typename Enum, std::size_t N>
  static Made choice(std::string_view key, std::function<Enum&(Config&)> member,
                     std::array<std::pair<std::string_view, Enum>, N> names) {
    return {key, OptionKind::Choice,
            [=](Config& config, const OptionValue& value) -> Wrong {
              const auto* given = std::get_if<std::string>(&value);
              std::string known;
              for (const auto& [name, meaning] : names) {
                known += fmt::format("{}\"{}\"", known.empty() ? "" : ", ", name);
                if (given == nullptr || *given != name) continue;
                member(config) = meaning;
                return std::nullopt;
              }
              return "must be one of " + known;
            },
            [=](const Config& config) {
              Config copy = config;
              for (const auto& [name, meaning] : names) {
                if (member(copy) == meaning) return fmt::format("\"{}\"", name);
              }
              return std::string();
            }};
  }

  /// Numbers from 0 to `most`; `meaning` stands in the sentence, as in "processor numbers".
  static Made numbers(std::string_view key, std::vector<int> Config::*member, int most,
                      std::string_view meaning) {
    return {key, OptionKind::Numbers,
            [=](Config& config, const OptionValue& value) -> Wrong {
              const auto* given = std::get_if<std::vector<std::int64_t>>(&value);
              const auto fits = [most](std::int64_t one) { return one >= 0 && one <= most; };
              if (given == nullptr || !std::all_of(given->begin(), given->end(), fits)) {
                return fmt::format("must be a list of {} from 0 to {}, as in [0, 1]", meaning,
                                   most);
              }
              (config.*member).assign(given->begin(), given->end());
              return std::nullopt;
            },
            [member](const Config& config) {
              return fmt::format("[{}]", fmt::join(config.*member, ", "));
            }};
  }

  static Made texts(std::string_view key, std::vector<std::string> Config::*member) {
    return {key, OptionKind::Texts,
            [member](Config& config, const OptionValue& value) -> Wrong {
              if (is_empty_list(value)) {
                (config.*member).clear();
                return std::nullopt;
              }
              const auto* given = std::get_if<std::vector<std::string>>(&value);
              const auto empty = [](const std::string& item) { return item.empty(); };
              if (given == nullptr || std::any_of(given->begin(), given->end(), empty)) {
                return "must be a list of texts, as in [\"one\", \"two\"]";
              }
              config.*member = *given;
              return std::nullopt;
            },
            [member](const Config& config) {
              const auto& items = config.*member;
              return items.empty() ? std::string("[]")
                                   : fmt::format("[\"{}\"]", fmt::join(items, "\", \""));
            }};
  }

  /// log.format, log.level and log.file.
  static void log(std::vector<Made>& table, LogOptions Config::*member) {
    table.push_back(choice<LogFormat, 2>(
        "log.format", [member](Config& config) -> LogFormat& { return (config.*member).format; },
        {{{"human", LogFormat::Human}, {"json", LogFormat::Json}}}));
    table.push_back(choice<LogLevel, 5>(
        "log.level", [member](Config& config) -> LogLevel& { return (config.*member).level; },
        {{{"debug", LogLevel::Debug},
          {"info", LogLevel::Info},
          {"warning", LogLevel::Warning},
          {"error", LogLevel::Error},
          {"off", LogLevel::Off}}}));
    table.push_back(text_in(
        "log.file", [member](Config& config) -> std::string& { return (config.*member).file; }));
  }

 private:
  /// What a file writes as [] has no kind of its own.
  static bool is_empty_list(const OptionValue& value) {
    const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value);
    return numbers != nullptr && numbers->empty();
  }

  template <typename T, typename Member, typename Read, typename Write>
  static Made quantity(std::string_view key, OptionKind kind, std::string_view what,
                       Member Config::*member, T least, T most, std::string_view endless, Read read,
                       Write write) {
    return {key, kind,
            [=](Config& config, const OptionValue& value) -> Wrong {
              const auto* given = std::get_if<std::string>(&value);
              if (given != nullptr && !endless.empty() && *given == endless) {
                config.*member = 0;
                return std::nullopt;
              }
              const Result<T> number = given == nullptr ? Result<T>(Fault{}) : read(*given);
              if (!number || *number < least || *number > most) {
                return fmt::format("must be {} from \"{}\" to \"{}\"{}", what, write(least),
                                   write(most),
                                   endless.empty() ? "" : fmt::format(" or \"{}\"", endless));
              }
              config.*member = static_cast<Member>(*number);
              return std::nullopt;
            },
            [=](const Config& config) {
              const auto number = static_cast<T>(config.*member);
              if (number == 0 && !endless.empty()) return fmt::format("\"{}\"", endless);
              return fmt::format("\"{}\"", write(number));
            }};
  }
};

}  // namespace vigie
