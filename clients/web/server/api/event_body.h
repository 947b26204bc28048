#pragma once
// An event as a page or a program sends it: JSON, read strictly. Pure.

#include <string>
#include <string_view>

#include "clients/web/server/api/trouble.h"
#include "vigie/values.h"

namespace vigie::web::api {

/// {"kind", "text", "severity", "position": {"lat", "lon"}, "group", "references":
/// ["SPOOL:NUMBER"], "unit", "fields": {KEY: VALUE}}; only `kind` has to be there. The unit is
/// `own_unit` unless told. Refused with 400 and a sentence that names the member and the value. The
/// true time is left for the caller.
Answered<client::Event> parse_event_body(std::string_view body, const std::string& own_unit);

/// SPOOL:NUMBER, 32 hexadecimal digits and a number from 1. Empty when it is none.
std::optional<client::MessageName> parse_message_name(std::string_view text);

}  // namespace vigie::web::api
