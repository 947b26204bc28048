#pragma once
// CSV by RFC 4180: a header, commas, CR LF, quotes where they are needed. What a spreadsheet would
// take for a formula (a text that begins with = + - @, a tab or a carriage return) gets an
// apostrophe in front. Pure.

#include <string>
#include <string_view>

#include "vigie/items.h"

namespace vigie::web::api {

/// Foreign text as one cell.
void append_csv_text(std::string& out, std::string_view text);

std::string fixes_csv_header();
void append_fix_csv(std::string& out, const client::FixItem& item);
std::string events_csv_header();
void append_event_csv(std::string& out, const client::EventItem& item);

}  // namespace vigie::web::api
