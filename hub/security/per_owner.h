#pragma once
// How many identities, open invitations and grants one owner may have, and how many of a kind
// stand. Pure; one thread.

#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "schemas/messages/wire.h"

namespace vigie::security {

/// Of one kind; `kinds` is how the options call it, `end` how one of them is made to count no more.
struct OwnerLimit {
  std::size_t most;
  const char* kinds;
  const char* end;
};

struct PerOwner {
  std::size_t grants = 10'000;
  std::size_t identities = 10'000;
  std::size_t invitations = 1'000;

  /// REQUIRES: a kind that says who may do what.
  OwnerLimit of(wire::StateKind kind) const {
    if (kind == wire::StateKind::Grant) return {grants, "grants", "end"};
    if (kind == wire::StateKind::Identity) return {identities, "identities", "revoke"};
    return {invitations, "invitations", "withdraw"};
  }
};

/// Of each owner, when those of one kind end that stand.
class StandingEnds {
 public:
  void add(std::string_view owner, std::int64_t ends_us) {
    of_[std::string(owner)].insert(ends_us);
  }
  /// One that ends then; nothing when it is over.
  void remove(std::string_view owner, std::int64_t ends_us) {
    const auto found = of_.find(owner);
    if (found == of_.end()) return;
    const auto end = found->second.find(ends_us);
    if (end != found->second.end()) found->second.erase(end);
  }
  void forget_over(std::string_view owner, std::int64_t now_us) {
    const auto found = of_.find(owner);
    if (found == of_.end()) return;
    found->second.erase(found->second.begin(), found->second.upper_bound(now_us));
  }
  std::size_t count(std::string_view owner, std::int64_t now_us) const {
    const auto found = of_.find(owner);
    if (found == of_.end()) return 0;
    const auto& ends = found->second;
    return ends.size() -
           static_cast<std::size_t>(std::distance(ends.begin(), ends.upper_bound(now_us)));
  }

 private:
  std::map<std::string, std::multiset<std::int64_t>, std::less<>> of_;
};

}  // namespace vigie::security
