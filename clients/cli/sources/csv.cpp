#include "clients/cli/sources/csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/cli/sources/decimal.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

struct ColumnNames {
  CsvColumn column;
  std::string_view key;    // in --columns
  std::string_view usual;  // names recognised in a heading, between blanks, best first
};
constexpr ColumnNames kColumnNames[kCsvColumns] = {
    {CsvColumn::Unit, "unit", "unit vehicle_id vehicle unit_id device_id device tracker_id name"},
    {CsvColumn::Time, "time", "true_time time timestamp datetime date_time time_utc gps_time"},
    {CsvColumn::Lat, "lat", "lat latitude lat_deg y"},
    {CsvColumn::Lon, "lon", "lon lng long longitude lon_deg x"},
    {CsvColumn::Alt, "alt", "alt_m alt altitude altitude_m elevation ele"},
    {CsvColumn::Speed, "speed", "speed_m_s speed velocity"},
    {CsvColumn::Course, "course", "course_deg course bearing heading track direction_deg"},
    {CsvColumn::HAcc, "h_acc", "h_acc_m h_acc accuracy accuracy_m horizontal_accuracy"},
    {CsvColumn::VAcc, "v_acc", "v_acc_m v_acc vertical_accuracy"},
    {CsvColumn::Satellites, "satellites", "satellites sat sats num_satellites"},
    {CsvColumn::Battery, "battery", "battery_percent battery batt"},
};

std::string lower(std::string_view text) {
  std::string out(trimmed(text));
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ') c = '_';
  }
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The columns the user named: "time=timestamp,lat=latitude".
Result<std::array<std::string, kCsvColumns>> named_columns(std::string_view text) {
  std::array<std::string, kCsvColumns> names;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find(','));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const std::size_t equals = pair.find('=');
    const auto* known = std::find_if(
        std::begin(kColumnNames), std::end(kColumnNames), [&](const ColumnNames& column) {
          return equals != std::string_view::npos && column.key == trimmed(pair.substr(0, equals));
        });
    if (known == std::end(kColumnNames)) {
      return Fault{FaultCode::Invalid,
                   fmt::format("--columns: '{}' is not KEY=COLUMN with KEY one of unit, time, lat, "
                               "lon, alt, speed, course, h_acc, v_acc, satellites, battery",
                               pair)};
    }
    names[static_cast<std::size_t>(known->column)] = trimmed(pair.substr(equals + 1));
  }
  return names;
}

std::size_t find_usual(std::string_view usual, const std::vector<std::string>& heading) {
  while (!usual.empty()) {
    const std::string_view name = usual.substr(0, usual.find(' '));
    usual.remove_prefix(std::min(name.size() + 1, usual.size()));
    const auto at = std::find_if(heading.begin(), heading.end(),
                                 [&](const std::string& title) { return lower(title) == name; });
    if (at != heading.end()) return static_cast<std::size_t>(at - heading.begin());
  }
  return SIZE_MAX;
}

/// True when an RFC 3339 text names its zone.
bool has_zone(std::string_view text) {
  if (text.size() <= 10) return false;
  return text.find_first_of("Zz+-", 11) != std::string_view::npos;
}

}  // namespace

Result<SpeedUnit> parse_speed_unit(std::string_view text) {
  if (text == "m/s") return SpeedUnit{1, 1};
  if (text == "km/h") return SpeedUnit{10, 36};
  if (text == "kn") return SpeedUnit{1852, 3600};
  if (text == "mph") return SpeedUnit{1'609'344, 3'600'000};
  return Fault{FaultCode::Invalid,
               fmt::format("speed unit '{}' is not one of m/s, km/h, kn, mph", text)};
}

Result<std::int64_t> parse_zone(std::string_view text) {
  const auto at_zone = parse_time(fmt::format("2000-01-01T00:00:00{}", text));
  const auto at_utc = parse_time("2000-01-01T00:00:00Z");
  if (text.empty() || !at_zone || !at_utc) {
    return Fault{FaultCode::Invalid,
                 fmt::format("time zone '{}' is not like +01:00, -06:00 or Z", text)};
  }
  return *at_utc - *at_zone;
}

CsvParser::CsvParser(CsvOptions options, Sink sink)
    : options_(std::move(options)),
      sink_(std::move(sink)),
      splitter_([this](const CsvRecord& record) { take(record); }) {
  places_.fill(kAbsent);
}

Result<void> CsvParser::push(std::span<const std::uint8_t> bytes) {
  if (!fault_) splitter_.push(bytes);
  if (fault_) return *fault_;
  return {};
}

Result<void> CsvParser::finish() {
  if (!fault_) splitter_.finish();
  if (fault_) return *fault_;
  if (!has_heading_) {
    return Fault{FaultCode::Invalid, "the file is empty: it has no heading with column names"};
  }
  return {};
}

void CsvParser::take(const CsvRecord& record) {
  if (fault_) return;
  if (has_heading_) {
    take_row(record);
    return;
  }
  if (auto taken = take_heading(record); !taken) fault_ = taken.fault();
  has_heading_ = true;
}

Result<void> CsvParser::take_heading(const CsvRecord& heading) {
  const auto named = named_columns(options_.columns);
  if (!named) return named.fault();
  for (const ColumnNames& column : kColumnNames) {
    const auto index = static_cast<std::size_t>(column.column);
    const std::string& name = (*named)[index];
    if (column.column == CsvColumn::Unit && !options_.unit_by_column) continue;
    if (name.empty()) {
      places_[index] = find_usual(column.usual, heading.fields);
      continue;
    }
    const auto at = std::find_if(heading.fields.begin(), heading.fields.end(),
                                 [&](const std::string& title) { return trimmed(title) == name; });
    if (at == heading.fields.end()) {
      return Fault{FaultCode::Invalid, fmt::format("there is no column '{}'; the heading has: {}",
                                                   name, joined(heading.fields))};
    }
    places_[index] = static_cast<std::size_t>(at - heading.fields.begin());
  }
  for (const CsvColumn needed :
       {CsvColumn::Unit, CsvColumn::Time, CsvColumn::Lat, CsvColumn::Lon}) {
    const auto index = static_cast<std::size_t>(needed);
    if (needed == CsvColumn::Unit && !options_.unit_by_column) continue;
    if (places_[index] != kAbsent) continue;
    return Fault{
        FaultCode::Invalid,
        fmt::format("no column for '{0}' was recognised; name it with --columns {0}=COLUMN;"
                    " the heading has: {1}",
                    kColumnNames[index].key, joined(heading.fields))};
  }
  return {};
}

std::string_view CsvParser::field(const CsvRecord& row, CsvColumn column) const {
  const std::size_t place = places_[static_cast<std::size_t>(column)];
  return place < row.fields.size() ? trimmed(row.fields[place]) : std::string_view();
}

std::optional<std::int64_t> CsvParser::scaled(const CsvRecord& row, CsvColumn column,
                                              int decimals) const {
  return parse_scaled(field(row, column), decimals);
}

std::optional<std::int64_t> CsvParser::time_us(std::string_view text) const {
  // A number alone is a count since 1970: of s, ms or µs, told apart by its size.
  if (const auto whole = parse_scaled(text.substr(0, text.find('.')), 0)) {
    const int decimals = *whole < 100'000'000'000 ? 6 : *whole < 100'000'000'000'000 ? 3 : 0;
    return parse_scaled(text, decimals);
  }
  const auto time = parse_time(text);
  if (!time) return std::nullopt;
  return has_zone(text) ? *time : *time - options_.zone_offset_us;
}

void CsvParser::take_row(const CsvRecord& row) {
  ++rows_;
  const auto skip = [&](std::string_view reason, std::string_view value) {
    skips_.add(reason, fmt::format("line {}: '{}'", row.line, value.substr(0, 60)));
  };
  if (row.too_long) return skip("rows that are too long", "");
  const std::string_view name = field(row, CsvColumn::Unit);
  if (options_.unit_by_column && !is_segment(name)) return skip("rows without a valid unit", name);
  const auto time = time_us(field(row, CsvColumn::Time));
  if (!time || *time < kTrueTimeUsMin || *time >= kTrueTimeUsMax) {
    return skip("rows without a valid time in 2000..2100", field(row, CsvColumn::Time));
  }
  const auto lat = scaled(row, CsvColumn::Lat, 7);
  if (!lat || !is_latitude(*lat)) {
    return skip("rows without a valid latitude", field(row, CsvColumn::Lat));
  }
  const auto lon = scaled(row, CsvColumn::Lon, 7);
  if (!lon || !is_longitude(*lon)) {
    return skip("rows without a valid longitude", field(row, CsvColumn::Lon));
  }
  client::Fix fix;
  fix.true_time_us = *time;
  fix.lat_e7 = static_cast<std::int32_t>(*lat);
  fix.lon_e7 = static_cast<std::int32_t>(*lon);
  fix.clock = options_.clock;
  // Whose clock it is tells what receiver it was; else that is not known.
  if (options_.clock == client::ClockKind::Satellite) fix.source = client::FixSource::Satellite;
  take_optional(row, fix);
  sink_(Reading{std::string(name), fix});
}

template <typename Value>
std::optional<Value> CsvParser::counted(const CsvRecord& row, CsvColumn column,
                                        std::optional<Value> value) {
  const std::string_view text = field(row, column);
  if (!value && !text.empty()) {
    skips_.add(fmt::format("values of {}", kColumnNames[static_cast<std::size_t>(column)].key),
               fmt::format("line {}: '{}'", row.line, text.substr(0, 60)));
  }
  return value;
}

std::optional<std::uint32_t> CsvParser::speed_mm_s(const CsvRecord& row) const {
  const auto speed_e6 = scaled(row, CsvColumn::Speed, 6);
  if (!speed_e6 || *speed_e6 < 0 || *speed_e6 >= 10'000'000'000) return std::nullopt;
  return known_or_unknown(divide_rounded(*speed_e6 * options_.speed_unit.numerator,
                                         options_.speed_unit.denominator * 1000));
}

void CsvParser::take_optional(const CsvRecord& row, client::Fix& fix) {
  const auto take = [&](auto& into, CsvColumn column, int decimals, const auto& value_of) {
    const auto number = scaled(row, column, decimals);
    into = counted(row, column, number ? value_of(*number) : std::nullopt);
  };
  take(fix.altitude_mm, CsvColumn::Alt, 3, altitude_from_mm);
  fix.speed_mm_s = counted(row, CsvColumn::Speed, speed_mm_s(row));
  take(fix.course_mdeg, CsvColumn::Course, 3, course_from_milli);
  take(fix.h_accuracy_mm, CsvColumn::HAcc, 3, known_or_unknown);
  take(fix.v_accuracy_mm, CsvColumn::VAcc, 3, known_or_unknown);
  take(fix.satellites, CsvColumn::Satellites, 0, satellites_from);
  take(fix.battery_percent, CsvColumn::Battery, 0, battery_from);
}

}  // namespace vigie::cli
