#pragma once
// Who is enrolled, and what somebody may see, in words for people. Pure: from the states that say
// so, to text. The hub decides; this explains by the same rules (hub/security/registry.h).

#include <cstdint>
#include <map>
#include <string>

#include "vigie/items.h"

namespace vigie::cli {

/// The access states of a picture, by name.
struct AccessBook {
  std::map<std::string, client::StateItem> identities = {};
  std::map<std::string, client::StateItem> invites = {};
  std::map<std::string, client::StateItem> grants = {};
  void take(const client::StateItem& item);
};

/// A table of identities, and of invitations that are open at `now_us`; of one owner, or of all
/// where it is empty.
std::string identities_text(const AccessBook& book, const std::string& owner, std::int64_t now_us);

/// What the identity may see and by what. `now`: the states of today; `then`: those of the moment
/// that is read, the same where that is now. The stricter of both counts.
std::string explain_access(const AccessBook& now, const AccessBook& then, const std::string& who,
                           std::int64_t now_us, std::int64_t at_us);

}  // namespace vigie::cli
