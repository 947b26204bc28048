#pragma once
// How many sessions and replays each identity has, or each address: the same for both. What it
// remembers is bounded by the sessions that there are. Pure; the front thread.

#include <map>
#include <string>
#include <string_view>

#include "schemas/messages/checks.h"

namespace vigie::sessions {

class Holdings {
 public:
  struct Most {
    std::size_t sessions;
    std::size_t replays;
  };
  /// `kind`: as it stands in the options' names, "identity" or "address".
  Holdings(const Most& most, std::string kind) : most_(most), kind_(std::move(kind)) {}

  /// Whether it has room for one more; `called` is how it is told of itself. Nobody ("") always
  /// has, and is not counted.
  RefusedRequest check(const std::string& who, std::string_view called, bool is_replay) const;
  void open(const std::string& who) {
    if (!who.empty()) ++held_[who].sessions;
  }
  /// An open session is a replay. REQUIRES: open().
  void replay(const std::string& who) {
    if (!who.empty()) ++held_.at(who).replays;
  }
  void end(const std::string& who, bool is_replay);

 private:
  struct Held {
    std::size_t sessions = 0;
    std::size_t replays = 0;
  };
  const Most most_;
  const std::string kind_;
  std::map<std::string, Held> held_;
};

}  // namespace vigie::sessions
