#pragma once
// Sizes and durations as people write them in a configuration. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/words/result.h"

namespace vigie {

/// "65536", "64KiB", "20GiB", "1.5TB" (KB is 1000, KiB 1024) in bytes. Fails with Invalid, naming
/// the text.
Result<std::uint64_t> parse_size(std::string_view text);

/// The shortest text that parse_size() reads back as the same number: "64MiB", "1000".
std::string format_size(std::uint64_t bytes);

/// The shortest text that parse_duration() (schemas/words/times.h) reads back: "30d", "90s",
/// "500ms".
std::string format_duration(std::int64_t us);

}  // namespace vigie
