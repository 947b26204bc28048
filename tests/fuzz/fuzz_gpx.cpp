// A GPX document.

#include <cstdint>

#include "clients/cli/sources/gpx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(vigie::cli::parse_gpx({data, size}).ok());
  return 0;
}
