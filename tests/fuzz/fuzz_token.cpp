// A resume token, opaque to clients: whatever they send back.

#include "schemas/messages/frame.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  const Bytes bytes = fuzz::bytes_of(data, size);
  const Result<wire::Token> token = parse_token(bytes);
  fuzz::require(token.ok() == (size == sizeof(wire::Token)), "a token has its length");
  if (!token.ok()) return 0;
  const std::vector<std::byte> back = token_bytes(*token);
  fuzz::require(std::equal(back.begin(), back.end(), bytes.begin(), bytes.end()), "tokens hold");
  return 0;
}
