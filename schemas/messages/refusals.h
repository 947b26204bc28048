#pragma once
// The one list of the codes of refusal: number, name, what it means, and whether a message that is
// refused by it is kept in the quarantine. PROTOCOL.md prints it, the counters are labelled by it.
// Pure.

#include <span>

#include "schemas/messages/checks.h"

namespace vigie {

struct RefusalWord {
  wire::Refusal code;
  std::string_view text;
  /// It is the message that is wrong, or who sends it: somebody has to look at that. Not so what is
  /// only too much or too early, and what the hub is at fault for.
  bool is_quarantined;
};

/// All of them but None, by number.
std::span<const RefusalWord> refusals();
/// Null for a code that this program does not know.
const RefusalWord* find_refusal(wire::Refusal code);

}  // namespace vigie
