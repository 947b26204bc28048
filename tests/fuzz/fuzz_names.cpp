// Names of units, groups, kinds and channels.

#include "schemas/messages/check_parts.h"
#include "schemas/messages/names.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  fuzz::require(!is_segment(text) || is_text(text), "a segment is text");
  fuzz::require(!is_kind(text) || is_segment(text), "a kind is a segment");
  fuzz::require(is_text(shown(text)), "what is shown is text");
  if (is_unit_name(text)) {
    fuzz::require(is_segment(owner_of(text)), "a unit's owner is a segment");
    const std::string channel = channel_name(MessageClass::Event, owner_of(text), "");
    fuzz::require(is_channel_prefix(channel), "a channel is a prefix of itself");
  }
  if (is_channel_prefix(text)) {
    static_cast<void>(channel_matches(text, MessageClass::Track, "blue", "patrol"));
  }
  return 0;
}
