#pragma once
// The table of the server's options (schemas/programs/option_table.h): the file, --set, the example
// configuration's test and the help go by it. Pure.

#include "clients/web/server/ops/config.h"
#include "schemas/programs/option_table.h"

namespace vigie::web {

using WebOption = Option<WebConfig>;

/// All of them, in the order of the example configuration.
std::span<const WebOption> web_options();

}  // namespace vigie::web
