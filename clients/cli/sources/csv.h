#pragma once
// Fixes out of a CSV file with named columns: one row, one fix; several units by a column. Pure.

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "clients/cli/sources/csv_lines.h"
#include "clients/cli/sources/reading.h"
#include "schemas/words/result.h"

namespace vigie::cli {

/// What a column can hold. Speed in CsvOptions::speed_unit, altitude and accuracies in metres,
/// course in degrees, battery in percent.
enum class CsvColumn { Unit, Time, Lat, Lon, Alt, Speed, Course, HAcc, VAcc, Satellites, Battery };
inline constexpr std::size_t kCsvColumns = 11;

/// "m/s", "km/h", "kn", "mph".
struct SpeedUnit {
  std::int64_t numerator = 1;  // m/s = value * numerator / denominator
  std::int64_t denominator = 1;
};
Result<SpeedUnit> parse_speed_unit(std::string_view text);

struct CsvOptions {
  /// "unit=vehicle_id,time=timestamp": the rest is recognised by usual names.
  std::string columns;
  SpeedUnit speed_unit;
  /// Of times that name no zone of their own: "+01:00"; in µs east of UTC.
  std::int64_t zone_offset_us = 0;
  client::ClockKind clock = client::ClockKind::Device;
  /// False: no unit column is looked for; all rows are one unit's.
  bool unit_by_column = true;
};
/// "Z", "+01:00", "-0600" in µs east of UTC.
Result<std::int64_t> parse_zone(std::string_view text);

class CsvParser {
 public:
  using Sink = std::function<void(Reading)>;
  CsvParser(CsvOptions options, Sink sink);

  /// Takes bytes in pieces of any size. Fails with Invalid when the heading lacks a column that is
  /// needed (time, lat, lon, and unit where asked for) or the options name one that is not there.
  Result<void> push(std::span<const std::uint8_t> bytes);
  Result<void> finish();
  /// Rows that gave no fix, by reason, and values that were left out of one, by column.
  const Skips& skips() const { return skips_; }
  std::uint64_t rows() const { return rows_; }

 private:
  static constexpr std::size_t kAbsent = SIZE_MAX;
  void take(const CsvRecord& record);
  Result<void> take_heading(const CsvRecord& heading);
  void take_row(const CsvRecord& row);
  void take_optional(const CsvRecord& row, client::Fix& fix);
  /// The value, counted as left out when the cell says something that gives none.
  template <typename Value>
  std::optional<Value> counted(const CsvRecord& row, CsvColumn column, std::optional<Value> value);
  std::optional<std::uint32_t> speed_mm_s(const CsvRecord& row) const;
  std::string_view field(const CsvRecord& row, CsvColumn column) const;
  std::optional<std::int64_t> scaled(const CsvRecord& row, CsvColumn column, int decimals) const;
  std::optional<std::int64_t> time_us(std::string_view text) const;

  CsvOptions options_;
  Sink sink_;
  CsvSplitter splitter_;
  bool has_heading_ = false;
  std::optional<Fault> fault_;
  std::array<std::size_t, kCsvColumns> places_;
  Skips skips_;
  std::uint64_t rows_ = 0;
};

}  // namespace vigie::cli
