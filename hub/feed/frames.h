#pragma once
// Writing a frame's header in front of a body. Pure.

#include "schemas/messages/body.h"

namespace vigie::feed {

struct FrameFields {
  wire::FrameKind kind = wire::FrameKind::Live;
  unsigned flags = 0;  // FrameFlag bits
  std::uint64_t prev = 0;
  std::uint64_t last = 0;
  std::uint64_t prev_event = 0;
  std::uint64_t last_event = 0;
  std::uint64_t durable = 0;
  std::int64_t time_us = 0;
  wire::LogId log;
};

/// Writes the header into the body's own front. REQUIRES: the body is not shared yet.
void write_header(Body& body, const FrameFields& fields);
/// A frame without bodies.
std::vector<std::byte> empty_frame(const FrameFields& fields);

}  // namespace vigie::feed
