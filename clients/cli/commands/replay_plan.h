#pragma once
// What a range on the command line asks of the hub. Pure but for the clock, and for who we are.

#include <string_view>

#include "clients/cli/commands/options.h"
#include "vigie/replay.h"

namespace vigie::cli {

/// A Fault names the option.
Result<client::ReplayOptions> plan_replay(const ReplayOptions& options, std::string_view command);

}  // namespace vigie::cli
