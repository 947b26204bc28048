#pragma once
// The time by which something old may be thrown away. A clock that leaps ahead, by a dead battery,
// a wrong time server or a forged signal, would make everything old at once: a leap counts only
// after the clock has kept to it for an hour, so that someone can notice; the hour adds up over
// restarts, or a hub that is used for less at a time would never trust its clock again. A step back
// counts at once: it only ever keeps more. Pure; one thread.

#include <cstdlib>

#include "schemas/words/times.h"

namespace vigie {

/// What the next start has to know of it. All zero: nothing is known.
struct Trust {
  std::int64_t time_us = 0;    // what now_us() said last
  std::int64_t clock_us = 0;   // and the clock
  std::int64_t waited_us = 0;  // how long a leap of the clock had been kept to by then
};

class TrustedTime {
 public:
  /// A leap is more than this, against the steady clock.
  static constexpr std::int64_t kLeapUs = 3600 * kMicrosecondsPerSecond;
  /// At the start, against the last time that is known from before: nobody knows how long it was
  /// off.
  static constexpr std::int64_t kLeapAtStartUs = 24 * kLeapUs;
  /// So long a leap waits.
  static constexpr std::int64_t kWaitUs = 3600 * kMicrosecondsPerSecond;

  /// `clock` is borrowed. `last`: what trust() said last before this start.
  TrustedTime(const Clock& clock, const Trust& last) : clock_(clock) {
    const std::int64_t steady_us = clock_.monotonic_us();
    offset_us_ = clock_.utc_us() - steady_us;
    const bool leapt = last.time_us != 0 && clock_.utc_us() - last.time_us > kLeapAtStartUs;
    if (!leapt) return;
    leaping_ = last.waited_us > 0 && clock_.utc_us() >= last.clock_us - kLeapUs;
    leap_offset_us_ = offset_us_;
    leap_since_us_ = steady_us - last.waited_us;
    offset_us_ = last.time_us - steady_us;
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
  /// As now_us() last saw it.
  Trust trust() const {
    const std::int64_t steady_us = clock_.monotonic_us();
    const std::int64_t clock_offset_us = leaping_ ? leap_offset_us_ : offset_us_;
    return {steady_us + offset_us_, steady_us + clock_offset_us,
            leaping_ ? steady_us - leap_since_us_ : 0};
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
