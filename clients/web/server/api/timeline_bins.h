#pragma once
// Numbers of events by severity in equal bins of a range. Pure.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "vigie/values.h"

namespace vigie::web::api {

class TimelineBins {
 public:
  static constexpr std::size_t kSeverities = 4;

  /// REQUIRES from < until, bins >= 1. Narrow ranges get fewer bins: none is under a microsecond.
  TimelineBins(std::int64_t from_us, std::int64_t until_us, std::uint64_t bins)
      : from_us_(from_us), until_us_(until_us), reached_us_(from_us) {
    const std::int64_t range = until_us - from_us;
    const auto wanted = static_cast<std::int64_t>(bins);
    bin_us_ = (range + wanted - 1) / wanted;
    const auto count = static_cast<std::size_t>((range + bin_us_ - 1) / bin_us_);
    for (std::vector<std::uint64_t>& counts : counts_) counts.resize(count);
  }

  void add(std::int64_t time_us, client::Severity severity) {
    if (time_us < from_us_ || time_us >= until_us_) return;
    const auto bin = static_cast<std::size_t>((time_us - from_us_) / bin_us_);
    ++counts_[std::min(static_cast<std::size_t>(severity), kSeverities - 1)][bin];
    ++total_;
    reached_us_ = std::max(reached_us_, time_us);
  }

  std::int64_t bin_us() const { return bin_us_; }
  std::uint64_t total() const { return total_; }
  /// The latest event's time.
  std::int64_t reached_us() const { return reached_us_; }
  const std::vector<std::uint64_t>& counts(std::size_t severity) const { return counts_[severity]; }

 private:
  const std::int64_t from_us_;
  const std::int64_t until_us_;
  std::int64_t bin_us_ = 1;
  std::uint64_t total_ = 0;
  std::int64_t reached_us_;
  std::array<std::vector<std::uint64_t>, kSeverities> counts_;
};

}  // namespace vigie::web::api
