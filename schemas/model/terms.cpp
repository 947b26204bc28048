#include "schemas/model/terms.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace vigie {
namespace {

constexpr double kMetresADegree = 111'320;  // of latitude, and of longitude at the equator
constexpr double kDegreesE7 = 1e7;
constexpr double kPi = 3.14159265358979323846;

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  std::int64_t rest = value % step;
  if (rest < 0) rest += step;
  return value < INT64_MIN + rest ? INT64_MIN : value - rest;
}

}  // namespace

std::int64_t Terms::step_of(std::int64_t known_us) const {
  return every_us == 0 ? known_us : floor_to(known_us, every_us);
}

CellCentre cell_centre(std::int32_t lat_e7, std::int32_t lon_e7, std::uint32_t round_m) {
  constexpr std::int64_t kRoundE7 = 3'600'000'000;  // once around
  constexpr std::int64_t kPoleE7 = 900'000'000;
  const auto height =
      std::max<std::int64_t>(1, std::llround(round_m / kMetresADegree * kDegreesE7));
  const std::int64_t row = floor_to(lat_e7, height);
  const std::int64_t lat = std::clamp(row + height / 2, -kPoleE7, kPoleE7);
  // As many equal cells as the parallel has room for; at the poles one.
  const double around = std::cos(static_cast<double>(lat) / kDegreesE7 * kPi / 180) *
                        static_cast<double>(kRoundE7) / static_cast<double>(height);
  const auto cells = std::max<std::int64_t>(1, static_cast<std::int64_t>(around));
  const std::int64_t east = (std::int64_t{lon_e7} + kRoundE7 / 2) % kRoundE7;
  const std::int64_t cell = std::min(cells - 1, east * cells / kRoundE7);
  const std::int64_t lon = (2 * cell + 1) * kRoundE7 / (2 * cells) - kRoundE7 / 2;
  return {static_cast<std::int32_t>(lat), static_cast<std::int32_t>(lon)};
}

wire::Fix coarse_fix(const wire::Fix& fix, const Terms& terms) {
  if (terms.round_m == 0) return fix;
  const CellCentre centre = cell_centre(fix.lat_e7(), fix.lon_e7(), terms.round_m);
  wire::Fix coarse = fix;
  coarse.mutate_lat_e7(centre.lat_e7);
  coarse.mutate_lon_e7(centre.lon_e7);
  coarse.mutate_altitude_mm(INT32_MIN);
  coarse.mutate_speed_mm_s(UINT32_MAX);
  coarse.mutate_course_mdeg(UINT32_MAX);
  coarse.mutate_h_accuracy_mm(terms.round_m * 1000);
  coarse.mutate_v_accuracy_mm(UINT32_MAX);
  return coarse;
}

void write_coarse_fixes(FixesEntry entry, const Terms& terms, EntryWriter& out) {
  std::vector<wire::Fix> fixes;
  fixes.reserve(entry.fixes.size());
  for (const wire::Fix& fix : entry.fixes) fixes.push_back(coarse_fix(fix, terms));
  entry.fixes = fixes;
  const wire::Stamp& stamp = entry.stamp;
  entry.stamp =
      wire::Stamp(stamp.first_seq(), stamp.known_time_us(), stamp.clock_offset_us(), 0, 0);
  entry.spool = {};
  entry.first_number = 0;
  entry.readings = {};
  entry.readings_bytes = 0;
  out.add_fixes(entry);
}

void write_coarse_event(const wire::Event& event, wire::Spool spool, const Terms& terms,
                        EntryWriter& out) {
  if (terms.round_m == 0) return out.add_event(event, spool);
  wire::EventT coarse;
  event.UnPackTo(&coarse);
  coarse.fields.clear();
  if (coarse.position) {
    const CellCentre centre =
        cell_centre(coarse.position->lat_e7(), coarse.position->lon_e7(), terms.round_m);
    *coarse.position = wire::Position(centre.lat_e7, centre.lon_e7);
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::Event::Pack(builder, &coarse));
  out.add_event(*flatbuffers::GetRoot<wire::Event>(builder.GetBufferPointer()), spool);
}

}  // namespace vigie
