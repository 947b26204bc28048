#pragma once
// Latencies in nanoseconds, counted in buckets of 1/64 of a power of two: a percentile is right to
// 1.6 %, and a sample costs a few nanoseconds, so that measuring does not disturb. One thread.

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace vigie::bench {

class Histogram {
 public:
  void add(std::int64_t ns) {
    const std::uint64_t value = ns < 0 ? 0 : static_cast<std::uint64_t>(ns);
    ++buckets_[bucket_of(value)];
    ++samples_;
  }
  std::uint64_t samples() const { return samples_; }
  /// The least value that at least `share` (0..1) of the samples do not exceed, in microseconds; 0
  /// without samples.
  double percentile_us(double share) const;
  void clear();

 private:
  static constexpr int kSubBits = 6;
  static std::size_t bucket_of(std::uint64_t value) {
    if (value < (1u << kSubBits)) return value;
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - kSubBits;
    return (static_cast<std::size_t>(shift) << kSubBits) + (value >> shift);
  }
  std::array<std::uint64_t, std::size_t{64} << kSubBits> buckets_{};
  std::uint64_t samples_ = 0;
};

/// The middle one (the mean of the middle two); 0 of none.
double median(std::vector<double> values);

}  // namespace vigie::bench
