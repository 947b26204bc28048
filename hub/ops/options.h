#pragma once
// The table of the hub's options (schemas/programs/option_table.h): the file, --set, the example
// configuration's test and the help go by it. Pure.

#include "hub/ops/config.h"
#include "schemas/programs/option_table.h"

namespace vigie::ops {

using HubOption = Option<HubConfig>;

/// All of them, in the order of the example configuration.
std::span<const HubOption> hub_options();

}  // namespace vigie::ops
