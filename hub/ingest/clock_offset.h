#pragma once
// The offset of a device's clock: the least of (known time - time at sending) over a window. Link
// delay only ever adds, so the least is nearest to the truth; a window, so that a clock that was
// set right is believed again. Pure.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "schemas/words/limits.h"
#include "schemas/words/times.h"

namespace vigie::ingest {

class ClockOffset {
 public:
  /// A batch sent at `sent_us` by the device's clock came in at `known_us`.
  /// A time at sending outside 2000-2100 says nothing.
  void note(std::int64_t known_us, std::int64_t sent_us) {
    if (sent_us < kTrueTimeUsMin || sent_us > kTrueTimeUsMax) return;
    const std::int64_t age_us = known_us - started_us_;
    // Batches of a spool come in the order of sending: a time before the last one's was set back,
    // and what was heard of the clock before says nothing of it now.
    const bool set_back = sent_us < last_sent_us_ - limits::kClockOffsetUsMin;
    if (set_back || age_us > limits::kClockWindowUs / 2) {
      before_us_ = set_back || age_us > limits::kClockWindowUs ? kUnheard : now_us_;
      now_us_ = kUnheard;
      started_us_ = known_us;
    }
    last_sent_us_ = sent_us;
    now_us_ = std::min(now_us_, known_us - sent_us);
  }
  /// To be added to the device's times; 0 while it is within link delay, or unheard of.
  std::int64_t correction_us() const {
    const std::int64_t least = std::min(now_us_, before_us_);
    if (least == kUnheard || std::abs(least) < limits::kClockOffsetUsMin) return 0;
    return least;
  }

 private:
  static constexpr std::int64_t kUnheard = std::numeric_limits<std::int64_t>::max();
  std::int64_t now_us_ = kUnheard;
  std::int64_t before_us_ = kUnheard;
  std::int64_t last_sent_us_ = 0;
  std::int64_t started_us_ = std::numeric_limits<std::int64_t>::min() / 2;
};

}  // namespace vigie::ingest
