#include "hub/feed/frames.h"

namespace vigie::feed {
namespace {

wire::FrameHeader header_of(const FrameFields& fields, std::size_t bytes, std::uint32_t bodies,
                            std::uint64_t first) {
  return {static_cast<std::uint32_t>(bytes),
          kFrameMagic,
          fields.kind,
          static_cast<std::uint8_t>(fields.flags),
          0,
          bodies,
          fields.prev,
          first,
          fields.last,
          fields.prev_event,
          fields.last_event,
          fields.durable,
          fields.time_us,
          fields.log};
}

}  // namespace

void write_header(Body& body, const FrameFields& fields) {
  body.frame_header() = header_of(fields, body.frame_bytes().size(), 1, body.first_seq());
}

std::vector<std::byte> empty_frame(const FrameFields& fields) {
  const wire::FrameHeader header = header_of(fields, sizeof(wire::FrameHeader), 0, 0);
  const auto bytes = std::as_bytes(std::span(&header, 1));
  return {bytes.begin(), bytes.end()};
}

}  // namespace vigie::feed
