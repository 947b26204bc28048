#include "schemas/messages/frame.h"

#include <fmt/format.h>

namespace vigie {
namespace {

Fault bad_frame(std::string sentence) {
  return {FaultCode::Invalid, std::move(sentence)};
}

}  // namespace

bool is_frame(Bytes bytes) {
  std::uint32_t magic = 0;
  if (bytes.size() < sizeof(wire::FrameHeader)) return false;
  std::memcpy(&magic, bytes.data() + 4, sizeof magic);
  return magic == kFrameMagic;
}

Result<Frame> Frame::parse(Bytes bytes) {
  if (!is_frame(bytes)) return bad_frame("no frame header");
  Frame frame{AlignedBytes(bytes)};
  const wire::FrameHeader& header = frame.header();
  if (header.bytes() != bytes.size()) {
    return bad_frame(fmt::format("frame of {} bytes says it has {}", bytes.size(), header.bytes()));
  }
  Bytes rest = frame.bytes_.bytes().subspan(sizeof(wire::FrameHeader));
  for (std::uint32_t i = 0; i < header.body_count(); ++i) {
    if (rest.size() < sizeof(wire::BodyHeader)) return bad_frame("a body is cut off");
    const auto* body = reinterpret_cast<const wire::BodyHeader*>(rest.data());
    if (body->bytes() > rest.size() || body->bytes() % 8 != 0) {
      return bad_frame(
          fmt::format("body of {} bytes where {} are left", body->bytes(), rest.size()));
    }
    const Result<void> good = verify_body(rest.first(body->bytes()));
    if (!good) return good.fault();
    rest = rest.subspan(body->bytes());
  }
  if (!rest.empty()) return bad_frame(fmt::format("{} bytes after the last body", rest.size()));
  return frame;
}

void Frame::for_each_block(
    const std::function<void(const Block&, std::int64_t known_time_us)>& sink) const {
  Bytes rest = bytes_.bytes().subspan(sizeof(wire::FrameHeader));
  while (!rest.empty()) {
    const auto* body = reinterpret_cast<const wire::BodyHeader*>(rest.data());
    BlockWalk walk(rest.first(body->bytes()));
    while (const auto block = walk.next()) sink(*block, body->known_time_us());
    rest = rest.subspan(body->bytes());
  }
}

std::vector<std::byte> token_bytes(const wire::Token& token) {
  std::vector<std::byte> bytes(sizeof token);
  std::memcpy(bytes.data(), &token, sizeof token);
  return bytes;
}

Result<wire::Token> parse_token(Bytes bytes) {
  if (bytes.size() != sizeof(wire::Token)) {
    return Fault{FaultCode::Invalid, fmt::format("a token has {} bytes, this one {}",
                                                 sizeof(wire::Token), bytes.size())};
  }
  wire::Token token;
  std::memcpy(&token, bytes.data(), sizeof token);
  return token;
}

Result<wire::Token> parse_token(const flatbuffers::Vector<std::uint8_t>* bytes) {
  if (bytes == nullptr) return parse_token(Bytes());
  return parse_token(Bytes(reinterpret_cast<const std::byte*>(bytes->data()), bytes->size()));
}

}  // namespace vigie
