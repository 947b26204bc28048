#pragma once
// The values of what says who may do what: identities, invitations, grants. Whether its publisher
// has the right to say so is the hub's to judge. Pure.

#include <string>

#include "schemas/messages/checks.h"

namespace vigie {

/// True for the kinds of state that say who may do what.
inline bool is_access(wire::StateKind kind) {
  return kind == wire::StateKind::Identity || kind == wire::StateKind::Invite ||
         kind == wire::StateKind::Grant;
}

/// A state of such a kind whose name and times are well formed. None when all is well; `reason` may
/// be null when the text is not wanted.
wire::Refusal check_access(const wire::State& state, std::string* reason);

/// Refuses what says who may do what of a name, or by a key, that an earlier state of the batch
/// speaks of: whether it may be said is judged by what the log holds, and that has not taken the
/// earlier one in yet. Appends to `refused`; skips what is in it.
void check_access_alone(const wire::Batch& batch, std::vector<RefusedNumbers>& refused);

/// Bytes of the texts in its lists.
std::size_t access_bytes(const wire::State& state);

}  // namespace vigie
