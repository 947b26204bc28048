#pragma once
// The command line of vigie-web: flags over the file over the defaults, all faults at once.

#include <span>
#include <string>

#include "clients/web/server/ops/config.h"
#include "schemas/words/result.h"

namespace vigie::web {

struct CommandLine {
  /// False when only `text` is to be printed (--help, --version) and the program is to end well.
  bool run = true;
  std::string text;
  /// Only the configuration is checked (--check): nothing is served.
  bool check = false;
  WebConfig config;
};

/// `arguments` without the program's name. Invalid when something is wrong: the sentence has one
/// line a fault.
Result<CommandLine> read_command_line(std::span<const char* const> arguments,
                                      const std::string& version);

}  // namespace vigie::web
