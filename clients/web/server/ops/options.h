#pragma once
// The table of the server's options: key in the file, kind, range, and how each is set and shown.
// One place, so that the file, --set, the example configuration's test and the help cannot
// disagree. Pure.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clients/web/server/ops/config.h"

namespace vigie::web {

/// A value as a TOML file holds it.
using OptionValue = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

enum class OptionKind { Text, Flag, Count, Duration, Size, Choice, List };

struct Option {
  /// "section.name", or "name" for what stands above the sections.
  std::string_view key;
  OptionKind kind;
  /// Puts the value in, or says what is wrong with it ("must be 1 to 64").
  std::function<std::optional<std::string>(WebConfig&, const OptionValue&)> set;
  /// The value as it would be written in the file.
  std::function<std::string(const WebConfig&)> show;
};

/// All of them, in the order of the example configuration.
std::span<const Option> web_options();

/// Null when there is none of that name.
const Option* find_option(std::string_view key);

/// The known key that is most like an unknown one, when it is near enough to be meant; else empty.
std::string_view nearest_key(std::string_view unknown);

/// Reads a value from bare text, as in --set KEY=VALUE: what the kind of the option asks for.
Result<OptionValue> value_of_text(const Option& option, std::string_view text);

}  // namespace vigie::web
