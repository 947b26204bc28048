// Times and durations as people write them.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "schemas/words/times.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<std::int64_t> time = parse_time(text);
  if (time.ok()) {
    // Offsets reach beyond the years of four digits by a day at most; those have no text to read.
    const Result<std::int64_t> again = parse_time(format_time(*time));
    if (again.ok() && *again != *time) std::abort();
  }
  const Result<std::int64_t> duration = parse_duration(text);
  if (duration.ok() && *duration < 0) std::abort();
  if (size >= sizeof(std::int64_t)) {
    std::int64_t us = 0;
    std::memcpy(&us, data, sizeof us);
    if (format_time(us).empty()) std::abort();
  }
  return 0;
}
