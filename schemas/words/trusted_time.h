#pragma once
// The time by which something old may be thrown away. A clock that leaps ahead, by a dead battery,
// a wrong time server or a forged signal, would make everything old at once: a leap counts only
// after the clock has kept to it for an hour, so that someone can notice. A step back counts at
// once: it only ever keeps more. Pure; one thread.

#include <cstdlib>

#include "schemas/words/times.h"

namespace vigie {

class TrustedTime {
 public:
  /// A leap is more than this, against the steady clock.
  static constexpr std::int64_t kLeapUs = 3600 * kMicrosecondsPerSecond;
  /// At the start, against the last time that is known from before: nobody knows how long it was
  /// off.
  static constexpr std::int64_t kLeapAtStartUs = 24 * kLeapUs;
  /// So long a leap waits.
  static constexpr std::int64_t kWaitUs = 3600 * kMicrosecondsPerSecond;

  /// `clock` is borrowed. `last_us`: what now_us() said last before this start; 0: nothing is
  /// known.
  TrustedTime(const Clock& clock, std::int64_t last_us) : clock_(clock) {
    offset_us_ = clock_.utc_us() - clock_.monotonic_us();
    const bool leapt = last_us != 0 && clock_.utc_us() - last_us > kLeapAtStartUs;
    if (leapt) offset_us_ = last_us - clock_.monotonic_us();
  }

  /// UTC, or less.
  std::int64_t now_us() {
    const std::int64_t steady_us = clock_.monotonic_us();
    const std::int64_t offset_us = clock_.utc_us() - steady_us;
    if (offset_us - offset_us_ <= kLeapUs) {
      trust(offset_us);
      return steady_us + offset_us_;
    }
    const bool kept_to = leaping_ && std::abs(offset_us - leap_offset_us_) <= kLeapUs;
    if (!kept_to) {
      leaping_ = true;
      leap_offset_us_ = offset_us;
      leap_since_us_ = steady_us;
    }
    if (steady_us - leap_since_us_ >= kWaitUs) trust(offset_us);
    return steady_us + offset_us_;
  }
  /// How far the clock is ahead of what is trusted, as now_us() last saw it; 0 as it should be.
  std::int64_t ahead_us() const { return leaping_ ? leap_offset_us_ - offset_us_ : 0; }

 private:
  void trust(std::int64_t offset_us) {
    offset_us_ = offset_us;
    leaping_ = false;
  }

  const Clock& clock_;
  std::int64_t offset_us_ = 0;  // of UTC to the steady clock
  bool leaping_ = false;        // the next two hold only then
  std::int64_t leap_offset_us_ = 0;
  std::int64_t leap_since_us_ = 0;  // monotonic
};

}  // namespace vigie
