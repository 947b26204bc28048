#pragma once
// The command line of vigie-hub: flags over the file over the defaults, all faults at once.

#include <span>
#include <string>

#include "hub/ops/config.h"
#include "schemas/words/result.h"

namespace vigie::ops {

struct CommandLine {
  /// False when only `text` is to be printed (--help, --version) and the program is to end well.
  bool run = true;
  std::string text;
  HubConfig config;
};

/// `arguments` without the program's name. Invalid when something is wrong: the sentence has one
/// line a fault.
Result<CommandLine> read_command_line(std::span<const char* const> arguments,
                                      const std::string& version);

}  // namespace vigie::ops
