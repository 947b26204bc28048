#pragma once
// Seqs that could not be read when the indexes were built: no index holds them, so that queries by
// time pass them over. They are kept on disk, and named by each start from then on.

#include <vector>

#include "hub/store/database.h"
#include "schemas/messages/wire.h"

namespace vigie::store {

/// Rising; empty when there are none. Fails when RocksDB does.
Result<std::vector<wire::SeqRange>> read_unread(const Database& database);
/// Replaces the list. Unsynced: what a crash takes of it is built, and met, again.
Result<void> write_unread(const Database& database, const std::vector<wire::SeqRange>& ranges);

}  // namespace vigie::store
