#pragma once
// Tracks as GeoJSON lines: a Feature for each unit, a MultiLineString that is cut at the
// antimeridian, with `coordTimes` (one time for each position) in its properties. A track of one
// fix is a Point. One that is longer than kPositionsMax goes on in another Feature, `part` 2 and so
// on, which begins where the part before ended: so much, and no more, is kept in memory. Pure.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clients/web/server/api/track_writer.h"

namespace vigie::web::api {

/// The Features of tracks, without the collection around them.
class TrackLines {
 public:
  static constexpr std::size_t kPositionsMax = 100'000;

  /// `id_of`: the Feature's id of a unit's part.
  using IdOf = std::string (*)(const std::string& unit, int part);
  explicit TrackLines(IdOf id_of, std::size_t positions_max = kPositionsMax)
      : id_of_(id_of), positions_max_(positions_max) {}

  /// All fixes of a unit come before those of the next one.
  void fix(std::string& out, const client::FixItem& item);
  /// Ends the Feature that is open.
  void end_unit(std::string& out);
  std::size_t features() const { return features_; }

 private:
  struct Position {
    std::int32_t lat_e7 = 0;
    std::int32_t lon_e7 = 0;
    std::int64_t time_us = 0;
  };
  void begin_feature(std::string& out, bool line);
  void add(std::string& out, std::int64_t lat_e7, std::int64_t lon_e7, std::int64_t time_us);
  void break_line(std::string& out);
  void go_to(std::string& out, const Position& to);
  void close_feature(std::string& out);

  const IdOf id_of_;
  const std::size_t positions_max_;
  std::size_t features_ = 0;
  std::string unit_;
  std::string group_;
  int part_ = 1;
  std::optional<Position> last_;  // of the unit; not written while the feature is not open
  bool open_ = false;
  std::uint64_t fixes_ = 0;          // of the feature
  std::vector<std::int64_t> times_;  // of its positions
  std::vector<std::size_t> lines_;   // where each line of it begins in times_
};

/// OWNER/NAME, and OWNER/NAME#2 of a second part.
std::string track_id(const std::string& unit, int part);

/// The same as a collection.
class LinesWriter final : public TrackWriter {
 public:
  void begin(std::string& out, const TrackHead& head) override;
  void fix(std::string& out, const client::FixItem& item) override;
  void end(std::string& out, std::span<const std::string> notices) override;

 private:
  TrackLines lines_{track_id};
};

}  // namespace vigie::web::api
