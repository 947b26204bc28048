#pragma once
// Why something is not, as a page is told: a code that it has words for in its own language, and a
// sentence that names the values. Whoever speaks of the hub gets both here. Pure.

#include <string>

#include "schemas/words/result.h"
#include "vigie/items.h"

namespace vigie::web {

struct Reason {
  std::string code = {};  // empty: nothing is wrong
  std::string sentence = {};
  explicit operator bool() const { return !code.empty(); }
};

/// Of the session with the hub: a code wherever it does not stand. Stale and refused links have one
/// though the hub gave none.
Reason link_reason(const client::LinkItem& link);
/// Of a replay that the hub ended or refused.
Reason replay_reason(client::Refusal code, const std::string& sentence);
/// Of what the hub says while a replay goes on: what is missing in it, if something is.
Reason replay_notice(const client::ReplayItem& item);
/// Of a session that could not even be opened.
Reason reason_of(const Fault& fault);

}  // namespace vigie::web
