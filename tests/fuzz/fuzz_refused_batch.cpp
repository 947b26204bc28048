// What `vigie quarantine show` reads of a message that the hub refused.

#include "clients/cli/outputs/quarantine_text.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  client::QuarantinedMessage message;
  const Bytes bytes = fuzz::bytes_of(data, size);
  message.bytes.assign(bytes.begin(), bytes.end());
  message.size = static_cast<std::uint32_t>(size);
  message.name = message.reason = std::string(reinterpret_cast<const char*>(data), size);
  for (const std::string& text : {cli::quarantined_line(message), cli::quarantined_text(message)}) {
    for (const char c : text) {
      fuzz::require(static_cast<unsigned char>(c) >= 0x20 || c == '\n',
                    "nothing steers a terminal");
    }
  }
  fuzz::require(cli::quarantined_json(message).size() > 2, "there is a line");
  return 0;
}
