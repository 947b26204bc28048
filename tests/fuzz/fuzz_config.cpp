// The hub's configuration file.

#include <cstdint>
#include <string_view>

#include "hub/ops/config_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie::ops;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  HubConfig config;
  static_cast<void>(read_config(text, "fuzz.toml", config));
  static_cast<void>(keys_of(text));
  return 0;
}
