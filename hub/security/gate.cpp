#include "hub/security/gate.h"

namespace vigie::security {

ops::ZapReply Gate::decide(const ops::ZapRequest& request) {
  const auto keys = keys_.get();
  const bool known = !request.key.empty() && keys != nullptr && keys->contains(request.key);
  (known ? let_in_ : turned_away_).fetch_add(1, std::memory_order_relaxed);
  return {.allowed = known, .user = known ? request.key : std::string()};
}

}  // namespace vigie::security
