// A CSV file, in one piece and in small ones: the rows are the same.

#include <cstdint>
#include <cstdlib>

#include "clients/cli/sources/csv.h"

namespace {

using namespace vigie::cli;

/// Rows and readings, or nothing for a heading that is refused.
std::pair<std::uint64_t, std::uint64_t> read(std::span<const std::uint8_t> bytes, std::size_t piece,
                                             bool unit_by_column) {
  std::uint64_t readings = 0;
  CsvOptions options;
  options.unit_by_column = unit_by_column;
  CsvParser parser(options, [&](Reading) { ++readings; });
  while (!bytes.empty()) {
    const std::size_t size = std::min(piece, bytes.size());
    if (!parser.push(bytes.first(size)).ok()) return {0, 0};
    bytes = bytes.subspan(size);
  }
  if (!parser.finish().ok()) return {0, 0};
  return {parser.rows(), readings};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const bool unit_by_column : {true, false}) {
    const auto whole = read({data, size}, size + 1, unit_by_column);
    if (whole != read({data, size}, 5, unit_by_column)) std::abort();
  }
  return 0;
}
