#pragma once
// Track points out of a GPX document (1.0 and 1.1, any namespace prefixes), in document order. Way
// points and routes are not positions at a time and are left aside. Pure.
//
//   taken: lat, lon, time; where there: ele, speed, course, hdop, vdop, sat, fix; speed and course
//   also from extensions such as Garmin's TrackPointExtension.

#include <span>
#include <vector>

#include "clients/cli/sources/reading.h"
#include "schemas/words/result.h"

namespace vigie::cli {

struct GpxTrack {
  std::vector<client::Fix> fixes;
  Skips skips;
};

/// The largest document taken, decompressed: it is held in memory while it is read.
inline constexpr std::size_t kGpxBytesMax = 256 * 1024 * 1024;

/// Fails with Invalid when the bytes are no well-formed XML, or its root is not <gpx>: the sentence
/// names the place. Points without a usable time or position are counted in `skips`.
Result<GpxTrack> parse_gpx(std::span<const std::uint8_t> document);

}  // namespace vigie::cli
