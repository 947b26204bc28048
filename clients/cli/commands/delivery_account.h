#pragma once
// What became of the messages that a tracker was given. The tracker's thread writes, the command's
// thread reads; a mutex lies between.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "schemas/words/interval_set.h"
#include "vigie/tracker.h"

namespace vigie::cli {

class DeliveryAccount {
 public:
  struct Reason {
    std::uint64_t count = 0;
    std::string example;  // the hub's sentence, of the first one
  };
  struct Sum {
    std::uint64_t acknowledged = 0;
    std::uint64_t refused = 0;
    std::uint64_t given_up = 0;
    std::map<std::string, Reason> by_reason;  // refused ones, by the code's name
  };

  void take(const client::Delivery& delivery);
  /// Of numbers first..last of the spool (both included).
  Sum sum(std::uint64_t first, std::uint64_t last) const;

 private:
  struct Refused {
    IntervalSet numbers;
    std::string example;
  };
  mutable std::mutex mutex_;
  IntervalSet acknowledged_;
  IntervalSet given_up_;
  std::map<std::string, Refused> refused_;
};

}  // namespace vigie::cli
