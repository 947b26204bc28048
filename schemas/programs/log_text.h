#pragma once
// How a line of the operator's log is put together, apart from the time and the place it goes to.
// Pure.

#include <string>
#include <string_view>

#include "schemas/programs/log.h"

namespace vigie {

/// `in` with control characters, quotes, backslashes and bytes that are not UTF-8 escaped or
/// replaced, as JSON (RFC 8259) asks.
std::string escape_json(std::string_view in);

/// What follows the time and level in a human line: room: text name=value name="two words".
std::string human_line(std::string_view room, std::string_view text, LogFields fields);

/// What follows the time and level in a JSON object, without the closing brace:
/// "room":"…","text":"…","fields":{…}
std::string json_line(std::string_view room, std::string_view text, LogFields fields);

}  // namespace vigie
