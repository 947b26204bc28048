#pragma once
// A replay's frame as the hub sends it, of fixes of one unit.

#include <cstring>
#include <utility>
#include <vector>

#include "schemas/messages/entry_writer.h"
#include "schemas/messages/frame.h"

namespace vigie::client {

/// Of red/a; each a seq, and seconds after `from_us`. Its known time is so many microseconds after
/// it as the seq says.
inline std::vector<std::byte> replay_frame(
    std::int64_t from_us, const std::vector<std::pair<std::uint64_t, std::int64_t>>& fixes) {
  EntryWriter writer;
  for (const auto& [seq, seconds] : fixes) {
    const wire::Fix fix(from_us + seconds * 1'000'000, 1, 2, 0, 0, 0, 0, 0, wire::Clock::Satellite,
                        wire::FixType::ThreeD, 0, 0, wire::FixSource::Satellite, 0, 0);
    writer.add_fixes({.unit = "red/a",
                      .group = {},
                      .stamp = wire::Stamp(seq, from_us + static_cast<std::int64_t>(seq), 0, 1, 0),
                      .spool = wire::Spool(1, 1),
                      .first_number = seq,
                      .fixes = {&fix, 1},
                      .readings = {},
                      .readings_bytes = 0});
  }
  const BodyPtr body = writer.finish(from_us);
  std::vector<std::byte> bytes(sizeof(wire::FrameHeader));
  bytes.insert(bytes.end(), body->bytes().begin(), body->bytes().end());
  const wire::FrameHeader header(static_cast<std::uint32_t>(bytes.size()), kFrameMagic,
                                 wire::FrameKind::Replay, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                                 from_us + fixes.back().second * 1'000'000, {});
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

}  // namespace vigie::client
