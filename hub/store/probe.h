#pragma once
// Finding the readable rows around a damaged block. RocksDB gives up at a damaged block and does
// not say where it ends; keys that are seqs let us ask. A second damaged block that lies closer
// behind the first than the first is long may be taken for part of it.

#include <functional>
#include <memory>
#include <optional>

#include "hub/store/database.h"

namespace vigie::store {

using RowIterator = std::unique_ptr<rocksdb::Iterator>;
/// Makes an iterator over a family whose keys are seqs. One that has met damage is not used again:
/// RocksDB's may then pass over good rows without a word.
using MakeIterator = std::function<RowIterator()>;

/// Stands `iterator` on the first readable row at or behind `seq`, past damage, and returns its
/// key; nothing when there is none.
std::optional<std::uint64_t> first_readable(const MakeIterator& make, std::uint64_t seq,
                                            RowIterator& iterator);
/// Stands `iterator` on the last readable row at or before `seq` and not below `least`.
std::optional<std::uint64_t> last_readable(const MakeIterator& make, std::uint64_t least,
                                           std::uint64_t seq, RowIterator& iterator);
/// The greatest key of a family, from its files' names for their ranges where it can't be read.
std::uint64_t last_key(const Database& database, Family family);

}  // namespace vigie::store
