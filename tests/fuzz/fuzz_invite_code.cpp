// A code typed or scanned by anybody; what is taken reads back as the same.

#include "schemas/keys/invite_code.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto code = vigie::parse_invite_code(text);
  if (code) {
    const bool same = vigie::parse_invite_code(vigie::format_invite_code(*code)).ok();
    vigie::fuzz::require(same, "a code that was taken reads back");
  }
  return 0;
}
