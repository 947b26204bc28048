#pragma once
// The fold of the log up to a seq: the newest checkpoint that can be read, and the log behind it.
// Any thread.

#include "hub/store/checkpoints.h"
#include "hub/store/queries.h"

namespace vigie::store {

/// Folds into an empty picture and, when not null, an empty ledger, up to and including `through`.
/// An older checkpoint is taken when a newer one is damaged. Damaged when the log behind it is
/// (with `accept_damage` that is passed over); NotFound when no checkpoint reaches back behind the
/// floor.
Result<void> fold_through(const Sources& sources, std::uint64_t through, bool accept_damage,
                          Picture& picture, Ledger* ledger);

/// The first half alone: the newest checkpoint at or before `through` that can be read; its seq, 0
/// when the fold begins with the log itself.
Result<std::uint64_t> fold_checkpoint(const Sources& sources, std::uint64_t through,
                                      Picture& picture, Ledger* ledger);

}  // namespace vigie::store
