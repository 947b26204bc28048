#pragma once
// Text for people: widths on a terminal, ages, counts, positions. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::cli {

/// Columns that `text` takes, a character each; escape sequences of ours take none.
std::size_t text_width(std::string_view text);
/// Cut to `width` columns, with an ellipsis when something is cut off. Plain text only.
std::string cut_to(std::string_view text, std::size_t width);
/// Cut and filled with blanks on the right, or on the left.
std::string left(std::string_view text, std::size_t width);
std::string right(std::string_view text, std::size_t width);
/// On one line, without control characters: what came from outside must not steer the terminal.
std::string harmless(std::string_view text);
/// "3 s", "12 min", "2 h 05", "4 d"; "-" when unknown (negative beyond link delay is "0 s").
std::string age_text(std::int64_t age_us);
/// 12345 as "12,345".
std::string count_text(std::uint64_t count);
/// "15.90123 N  1.50012 E" with so many decimals (1..7).
std::string position_text(std::int32_t lat_e7, std::int32_t lon_e7, int decimals);
/// "06:12:03", UTC.
std::string clock_text(std::int64_t us_since_1970);

/// RFC 3339, without a part of a second where that is zero.
std::string moment_text(std::int64_t us);

}  // namespace vigie::cli
