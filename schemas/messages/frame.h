#pragma once
// Frames: what the hub sends on a session (layout: frame.fbs). Pure.

#include "schemas/messages/body.h"

namespace vigie {

/// A frame from outside, verified and copied aligned; owns its bytes. One thread.
class Frame {
 public:
  /// Verifies headers, every body and every payload. Fails with Invalid.
  static Result<Frame> parse(Bytes bytes);
  const wire::FrameHeader& header() const {
    return *reinterpret_cast<const wire::FrameHeader*>(bytes_.bytes().data());
  }
  /// Calls sink(block, known time) for each block of each body, in order.
  void for_each_block(
      const std::function<void(const Block&, std::int64_t known_time_us)>& sink) const;

 private:
  explicit Frame(AlignedBytes bytes) : bytes_(std::move(bytes)) {}
  AlignedBytes bytes_;
};

/// True when the bytes are a frame (and not a FlatBuffer message).
bool is_frame(Bytes bytes);

/// The token as the opaque bytes that clients keep, and back. Fails with Invalid on a wrong length.
std::vector<std::byte> token_bytes(const wire::Token& token);
Result<wire::Token> parse_token(Bytes bytes);
/// As it stands in a request; null is malformed too.
Result<wire::Token> parse_token(const flatbuffers::Vector<std::uint8_t>* bytes);

}  // namespace vigie
