#pragma once
// The filters of the command line as a view. Pure.

#include "clients/cli/commands/options.h"
#include "vigie/view.h"

namespace vigie::cli {

/// Fails with Invalid: the sentence names the option and the value. `pace`: a duration or empty.
Result<client::View> view_of(const FilterOptions& filter, const std::string& pace);
/// "table" or "ndjson": what was asked for, else a table on a terminal.
bool wants_table(const std::string& format);

}  // namespace vigie::cli
