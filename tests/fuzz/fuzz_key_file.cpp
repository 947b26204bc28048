// A key file's text, from whoever can write it.

#include "schemas/keys/key_file.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = vigie::parse_key_file(text, "identity.toml");
  vigie::fuzz::require(!file || file->keys.key.size() == 64, "a key has 64 digits");
  return 0;
}
