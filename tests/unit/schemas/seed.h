#pragma once
// Chance for tests: a seed that is printed, and taken back from the environment.
//     VIGIE_SEED=12345 build/tests/test_unit_schemas_model_picture_random_test

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

namespace vigie::test {

/// VIGIE_SEED, or a new one; printed either way.
inline std::uint64_t seed() {
  const char* given = std::getenv("VIGIE_SEED");
  const std::uint64_t value =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "VIGIE_SEED=" << value << "\n";
  return value;
}

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  /// first..last, both included.
  template <typename Integer>
  Integer pick(Integer first, Integer last) {
    return std::uniform_int_distribution<Integer>(first, last)(engine_);
  }
  /// True once in `times`, on the average.
  bool once_in(int times) { return pick(1, times) == 1; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace vigie::test
