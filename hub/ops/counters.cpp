#include "hub/ops/counters.h"

#include <algorithm>
#include <cmath>

namespace vigie::ops {

std::uint64_t Histogram::greatest_of(std::size_t cell) {
  if (cell < kSteps) return cell;
  const auto shift = static_cast<unsigned>(cell / kSteps) - 1;
  const std::uint64_t low = (kSteps + cell % kSteps) << shift;
  return low + ((std::uint64_t{1} << shift) - 1);
}

std::uint64_t Histogram::count() const {
  return count_below_power(64);
}

std::uint64_t Histogram::count_below_power(unsigned power) const {
  const std::size_t end = power >= 64 ? kCells : cell_of(std::uint64_t{1} << power);
  std::uint64_t count = 0;
  for (std::size_t cell = 0; cell < end; ++cell) {
    count += cells_[cell].load(std::memory_order_relaxed);
  }
  return count;
}

std::uint64_t Histogram::quantile(double q) const {
  const std::uint64_t all = count();
  if (all == 0) return 0;
  const double share = std::clamp(q, 0.0, 1.0) * static_cast<double>(all);
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share)));
  std::uint64_t passed = 0;
  std::size_t last = 0;
  for (std::size_t cell = 0; cell < kCells; ++cell) {
    const std::uint64_t here = cells_[cell].load(std::memory_order_relaxed);
    if (here == 0) continue;
    last = cell;
    passed += here;
    if (passed >= rank) break;
  }
  return greatest_of(last);
}

}  // namespace vigie::ops
