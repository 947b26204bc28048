#pragma once
// So many a second: what is not used gathers, up to what may be taken at once. Pure; what holds it
// says by which pace it is filled.

#include <algorithm>
#include <cstdint>

namespace vigie::ops {

struct Pace {
  double per_second = 0;
  double at_once = 0;  // after a rest
};

class TokenBucket {
 public:
  /// What may be taken now; full at the first call. May be below 0: too much was taken.
  double left(const Pace& pace, std::int64_t now_us) {
    left_ = gathered(pace, now_us);
    at_us_ = now_us;
    return left_;
  }
  /// As full as a new one: it need not be remembered.
  bool is_full(const Pace& pace, std::int64_t now_us) const {
    return gathered(pace, now_us) >= pace.at_once;
  }
  void take(double count) { left_ -= count; }

 private:
  double gathered(const Pace& pace, std::int64_t now_us) const {
    if (at_us_ == kNever) return pace.at_once;
    const double came = static_cast<double>(now_us - at_us_) * pace.per_second / 1e6;
    return std::min(left_ + came, pace.at_once);
  }
  static constexpr std::int64_t kNever = INT64_MIN;
  double left_ = 0;
  std::int64_t at_us_ = kNever;
};

}  // namespace vigie::ops
