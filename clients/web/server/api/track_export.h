#pragma once
// Tracks of a range, read from the hub and written as they come, in constant memory: the document
// leaves piece by piece through a sink. Formats that interleave units (CSV, NDJSON, points) are
// one replay; those that need a unit's fixes together (GeoJSON lines, GPX) are one replay for each
// unit, one after the other. A worker's thread.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "clients/web/server/api/past.h"
#include "clients/web/server/api/track_writer.h"

namespace vigie::web::api {

struct TrackQuery {
  PastQuery past = {};                  // its view has the channels and the area
  std::vector<std::string> units = {};  // empty: all that the view has
  std::int64_t simplify_us = 0;         // of each unit at most one fix in so long; 0: all
};

/// At most one fix of each unit in so long, by corrected true time; in either direction, since
/// late fixes come behind newer ones where the range goes by known time.
class Thinning {
 public:
  explicit Thinning(std::int64_t every_us) : every_us_(every_us) {}
  bool passes(const client::FixItem& item);

 private:
  const std::int64_t every_us_;
  std::map<std::string, std::int64_t> last_us_;
};

/// Takes a piece of the document; waits for room. False: nobody takes any more.
using TakePiece = std::function<bool(std::string piece)>;

/// Gives each fix of the range to `fix`, unit by unit where `by_unit`, until it returns false.
Answered<PastEnd> read_tracks(const TrackQuery& query, bool by_unit, const Patience& patience,
                              const std::function<bool(const client::FixItem&)>& fix);

enum class ExportEnd : std::uint8_t { Whole, Cut };

/// Writes the whole document. The first piece is given when the hub has answered; what fails before
/// that is told as trouble, what fails later as Cut: the document must not be taken for whole.
Answered<ExportEnd> export_tracks(const TrackQuery& query, const TrackHead& head,
                                  TrackFormat format, const Patience& patience,
                                  const TakePiece& take);

}  // namespace vigie::web::api
