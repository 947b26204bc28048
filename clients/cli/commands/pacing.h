#pragma once
// When the fixes of a recording are due, and what their true times become. Pure.

#include <cstdint>
#include <string_view>
#include <vector>

#include "clients/cli/sources/reading.h"
#include "schemas/words/result.h"

namespace vigie::cli {

struct Pace {
  double factor = 1;  // times real time; 0: as fast as it goes
  bool retime = false;
  bool loop = false;
};

/// "recorded", "max" or a number above 0.
Result<double> parse_pace_factor(std::string_view text);

class Pacing {
 public:
  /// `readings` in the order in which they are to be published. `start_us`: UTC at the beginning.
  Pacing(const std::vector<Reading>& readings, Pace pace, std::int64_t start_us);

  /// When reading `index` of lap `lap` is due, in µs after the beginning; 0 as fast as it goes.
  std::int64_t due_us(std::size_t index, std::uint64_t lap) const;
  /// Its true time when published. Retimed, a paced recording begins at `start_us` and runs at the
  /// pace; one that goes as fast as it can ends at `start_us`, so that nothing lies in the future.
  std::int64_t true_time_us(std::size_t index, std::uint64_t lap) const;

 private:
  std::int64_t into_us(std::size_t index, std::uint64_t lap) const;
  const std::vector<Reading>& readings_;  // the caller's, outlives this
  Pace pace_;
  std::int64_t start_us_;
  std::int64_t first_us_ = 0;
  std::int64_t last_us_ = 0;
  std::int64_t lap_us_ = 0;  // from the first of one lap to the first of the next
};

}  // namespace vigie::cli
