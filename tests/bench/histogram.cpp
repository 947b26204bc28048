#include "tests/bench/histogram.h"

#include <algorithm>
#include <cmath>

namespace vigie::bench {

double Histogram::percentile_us(double share) const {
  if (samples_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(samples_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen < std::max<std::uint64_t>(wanted, 1)) continue;
    if (bucket < (2u << kSubBits)) return static_cast<double>(bucket) / 1e3;
    const std::size_t shift = (bucket >> kSubBits) - 1;
    const std::uint64_t low = ((bucket & ((1u << kSubBits) - 1)) + (1u << kSubBits)) << shift;
    return static_cast<double>(low) / 1e3;
  }
  return 0;
}

void Histogram::clear() {
  buckets_.fill(0);
  samples_ = 0;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace vigie::bench
