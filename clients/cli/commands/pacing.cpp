#include "clients/cli/commands/pacing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clients/cli/sources/decimal.h"

namespace vigie::cli {

Result<double> parse_pace_factor(std::string_view text) {
  if (text == "recorded") return 1.0;
  if (text == "max") return 0.0;
  const auto milli = parse_scaled(text, 3);
  if (!milli || *milli <= 0 || *milli > 1'000'000'000) {
    return Fault{FaultCode::Invalid,
                 fmt::format("speed '{}' is not recorded, max or a number above 0", text)};
  }
  return static_cast<double>(*milli) / 1000;
}

Pacing::Pacing(const std::vector<Reading>& readings, Pace pace, std::int64_t start_us)
    : readings_(readings), pace_(pace), start_us_(start_us) {
  if (readings.empty()) return;
  const auto [first, last] = std::minmax_element(
      readings.begin(), readings.end(),
      [](const Reading& a, const Reading& b) { return a.fix.true_time_us < b.fix.true_time_us; });
  first_us_ = first->fix.true_time_us;
  last_us_ = last->fix.true_time_us;
  // The end and the next beginning are as far apart as fixes are on average, a second at least.
  const std::int64_t span_us = last_us_ - first_us_;
  const auto steps = static_cast<std::int64_t>(std::max<std::size_t>(readings.size() - 1, 1));
  lap_us_ = span_us + std::max<std::int64_t>(1'000'000, span_us / steps);
}

std::int64_t Pacing::into_us(std::size_t index, std::uint64_t lap) const {
  return readings_[index].fix.true_time_us - first_us_ + static_cast<std::int64_t>(lap) * lap_us_;
}

std::int64_t Pacing::due_us(std::size_t index, std::uint64_t lap) const {
  if (pace_.factor == 0) return 0;
  return std::llround(static_cast<double>(into_us(index, lap)) / pace_.factor);
}

std::int64_t Pacing::true_time_us(std::size_t index, std::uint64_t lap) const {
  if (!pace_.retime) return readings_[index].fix.true_time_us;
  if (pace_.factor == 0) return start_us_ - (last_us_ - first_us_) + into_us(index, lap);
  return start_us_ + due_us(index, lap);
}

}  // namespace vigie::cli
