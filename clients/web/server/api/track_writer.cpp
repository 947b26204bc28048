#include "clients/web/server/api/track_writer.h"

#include "clients/web/server/api/csv.h"
#include "clients/web/server/api/geojson.h"
#include "clients/web/server/api/gpx.h"
#include "clients/web/server/api/ndjson.h"
#include "clients/web/server/api/track_lines.h"

namespace vigie::web::api {
namespace {

class CsvWriter final : public TrackWriter {
 public:
  void begin(std::string& out, const TrackHead&) override { out += fixes_csv_header(); }
  void fix(std::string& out, const client::FixItem& item) override { append_fix_csv(out, item); }
  /// RFC 4180 has no place for them.
  void end(std::string&, std::span<const std::string>) override {}
};

class NdjsonWriter final : public TrackWriter {
 public:
  void begin(std::string&, const TrackHead&) override {}
  void fix(std::string& out, const client::FixItem& item) override {
    append_fix_json(out, item);
    out += '\n';
  }
  void end(std::string& out, std::span<const std::string> notices) override {
    for (const std::string& notice : notices) {
      append_notice_json(out, notice);
      out += '\n';
    }
  }
};

}  // namespace

bool is_by_unit(TrackFormat format) {
  return format == TrackFormat::GeoJson || format == TrackFormat::Gpx;
}

std::string_view content_type_of(TrackFormat format) {
  switch (format) {
    case TrackFormat::Gpx:
      return "application/gpx+xml";
    case TrackFormat::Csv:
      return "text/csv; charset=utf-8; header=present";
    case TrackFormat::Ndjson:
      return "application/x-ndjson";
    default:
      return "application/geo+json";
  }
}

std::string_view extension_of(TrackFormat format) {
  switch (format) {
    case TrackFormat::Gpx:
      return "gpx";
    case TrackFormat::Csv:
      return "csv";
    case TrackFormat::Ndjson:
      return "ndjson";
    default:
      return "geojson";
  }
}

std::unique_ptr<TrackWriter> make_track_writer(TrackFormat format) {
  switch (format) {
    case TrackFormat::Gpx:
      return std::make_unique<GpxWriter>();
    case TrackFormat::Csv:
      return std::make_unique<CsvWriter>();
    case TrackFormat::Ndjson:
      return std::make_unique<NdjsonWriter>();
    case TrackFormat::GeoJsonPoints:
      return std::make_unique<PointsWriter>();
    case TrackFormat::GeoJson:
      break;
  }
  return std::make_unique<LinesWriter>();
}

}  // namespace vigie::web::api
