#pragma once
// Messages as lines of NDJSON, with the names of fields that `vigie replay` prints
// (clients/cli/README.md). Values that are not known are absent. Pure.

#include <string>
#include <string_view>

#include "vigie/items.h"

namespace vigie::web::api {

/// Each appends one object without a line feed.
void append_fix_json(std::string& out, const client::FixItem& item);
void append_event_json(std::string& out, const client::EventItem& item);
/// A line in place of a message: something the reader should know.
void append_notice_json(std::string& out, std::string_view text);

}  // namespace vigie::web::api
