#pragma once
// A clock that stands still until it is told to go on.

#include "schemas/words/times.h"

namespace vigie::client {

class ManualClock final : public Clock {
 public:
  std::int64_t utc_us() const override { return 1'772'000'000'000'000 + now_us_; }
  std::int64_t monotonic_us() const override { return now_us_; }
  void advance_us(std::int64_t us) { now_us_ += us; }

 private:
  std::int64_t now_us_ = 1'000'000;
};

}  // namespace vigie::client
