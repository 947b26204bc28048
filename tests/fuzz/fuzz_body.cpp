// A body from disk or from another process.

#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  const AlignedBytes copy(fuzz::bytes_of(data, size));
  if (verify_body(copy.bytes()).ok()) fuzz::use_body(copy.bytes());
  return 0;
}
