#pragma once
// Figures that a hot thread keeps for next to nothing: an add is a plain load and store, since each
// figure has one writing thread; others read it at any time (relaxed atomics). They are made and
// named by a Figures registry (figures.h), which owns them; rooms hold references.

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace vigie::ops {

/// Only ever rises. One writing thread; several must use add_shared().
class Counter {
 public:
  void add(std::uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  /// For counters that several threads write: dearer (a locked instruction).
  void add_shared(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A value that goes up and down. One writing thread at a time.
class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double value) { set(this->value() + value); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// Counts of values by size, log-linear: exact below 16, above it 16 steps to each doubling, so
/// that a quantile is right to 1/16. The unit is the writer's (microseconds, bytes). One writing
/// thread. 8 KB.
class Histogram {
 public:
  static constexpr std::size_t kSteps = 16;
  static constexpr std::size_t kCells = (64 - 4 + 1) * kSteps;

  void record(std::uint64_t value) { record(value, 1); }
  /// `count` values of the same size at once, as for a batch.
  void record(std::uint64_t value, std::uint64_t count) {
    bump(cells_[cell_of(value)], count);
    bump(sum_, value * count);
  }

  std::uint64_t sum() const { return sum_.load(std::memory_order_relaxed); }
  std::uint64_t count() const;
  /// How many values are below 2^power.
  std::uint64_t count_below_power(unsigned power) const;
  /// The value that a part `q` (0 to 1) of all values does not exceed: the upper end of its cell; 0
  /// when empty.
  std::uint64_t quantile(double q) const;

  static std::size_t cell_of(std::uint64_t value) {
    if (value < kSteps) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 5;
    return static_cast<std::size_t>((shift + 1) * kSteps + ((value >> shift) & (kSteps - 1)));
  }
  /// The greatest value that falls into the cell.
  static std::uint64_t greatest_of(std::size_t cell);

 private:
  static void bump(std::atomic<std::uint64_t>& cell, std::uint64_t count) {
    cell.store(cell.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  std::array<std::atomic<std::uint64_t>, kCells> cells_{};
  std::atomic<std::uint64_t> sum_{0};
};

}  // namespace vigie::ops
