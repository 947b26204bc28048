#pragma once
// Messages as NDJSON: one line, one message. Scripts depend on the names of the fields; README.md
// beside this folder lists them. Values that are not known are absent. Pure.

#include <string>

#include "vigie/items.h"

namespace vigie::cli {

/// A line for a fix, event or state; for the other items (snapshot begins, a unit left, ...) a line
/// with "notice" in place of "seq", or empty when `notices` is false.
std::string ndjson_line(const client::Item& item, bool notices);
/// What a message looks like before any hub has seen it: without seq, origin and known time.
std::string ndjson_line(const client::Fix& fix);
std::string ndjson_line(const client::Event& event);
std::string ndjson_line(const client::State& state);
/// A notice that people should see on standard error while NDJSON goes to standard output; empty
/// for items that are none.
std::string notice_text(const client::Item& item);

std::string_view severity_name(client::Severity severity);
std::string_view fix_type_name(client::FixType type);
std::string_view fix_source_name(client::FixSource source);
std::string_view link_state_name(client::LinkState state);

}  // namespace vigie::cli
