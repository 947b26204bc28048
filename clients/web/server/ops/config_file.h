#pragma once
// Reading the server's TOML file. Every fault of the file is reported at once, with its line.

#include <string>
#include <string_view>
#include <vector>

#include "clients/web/server/ops/config.h"

namespace vigie::web {

/// Puts what `toml` says into `config`. Returns what is wrong: one sentence each, beginning with
/// "NAME:LINE:"; unknown keys are named, and the known one that is most like it.
std::vector<std::string> read_config(std::string_view toml, const std::string& name,
                                     WebConfig& config);

/// The same from a file.
std::vector<std::string> read_config_file(const std::string& path, WebConfig& config);

/// All keys that a TOML text gives a value to, as "section.name". Empty when it cannot be parsed.
std::vector<std::string> keys_of(std::string_view toml);

}  // namespace vigie::web
