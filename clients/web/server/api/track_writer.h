#pragma once
// Fixes of a range, as one document of a format. The document grows at its end and is taken away
// piece by piece, so that it never stands in memory as a whole. One thread.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "vigie/items.h"
#include "vigie/replay.h"

namespace vigie::web::api {

enum class TrackFormat : std::uint8_t { GeoJson, GeoJsonPoints, Gpx, Csv, Ndjson };

/// What stands in front of the document.
struct TrackHead {
  std::int64_t from_us = 0;   // included
  std::int64_t until_us = 0;  // excluded
  client::ReplayClock clock = client::ReplayClock::True;
  std::int64_t made_us = 0;
};

class TrackWriter {
 public:
  virtual ~TrackWriter() = default;
  /// Each appends to `out`.
  virtual void begin(std::string& out, const TrackHead& head) = 0;
  virtual void fix(std::string& out, const client::FixItem& item) = 0;
  /// `notices`: what the reader should know of what is missing.
  virtual void end(std::string& out, std::span<const std::string> notices) = 0;
};

/// True for those that need all fixes of a unit before those of the next one.
bool is_by_unit(TrackFormat format);
std::string_view content_type_of(TrackFormat format);
/// Without the dot.
std::string_view extension_of(TrackFormat format);
std::unique_ptr<TrackWriter> make_track_writer(TrackFormat format);

}  // namespace vigie::web::api
