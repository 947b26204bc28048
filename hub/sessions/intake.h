#pragma once
// What each identity may send to the listen endpoint in a second, or each address, whatever it is:
// the same for both. Pure; the front thread.

#include <algorithm>
#include <string>

#include "hub/ops/budgets.h"

namespace vigie::sessions {

class Intake {
 public:
  /// A second, and four times that at once; 0: any.
  struct Most {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
  };
  struct Load {
    double messages;
    std::size_t bytes;
  };
  explicit Intake(const Most& most)
      : most_(most), messages_(pace_of(most.messages)), bytes_(pace_of(most.bytes)) {}

  const Most& most() const { return most_; }
  /// How long it is to wait before it sends that; 0: not at all. Nobody ("") never waits.
  std::uint32_t wait_ms(const std::string& who, const Load& load, std::int64_t now_us) {
    return std::max(messages_.wait_ms(who, load.messages, now_us),
                    bytes_.wait_ms(who, static_cast<double>(load.bytes), now_us));
  }
  /// REQUIRES: it was just asked whether it may.
  void take(const std::string& who, const Load& load) {
    messages_.take(who, load.messages);
    bytes_.take(who, static_cast<double>(load.bytes));
  }

 private:
  static ops::Pace pace_of(std::uint64_t per_second) {
    const auto rate = static_cast<double>(per_second);
    return {.per_second = rate, .at_once = 4 * rate};
  }
  const Most most_;
  ops::Budgets messages_;
  ops::Budgets bytes_;
};

}  // namespace vigie::sessions
