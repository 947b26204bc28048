// A scenario of `vigie simulate`.

#include <cstdint>

#include "clients/cli/scenario/scenario.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(vigie::cli::parse_scenario(text, "fuzz.toml").ok());
  return 0;
}
