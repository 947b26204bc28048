#pragma once
// Looks through RocksDB's write-ahead log before RocksDB opens it, to tell a tail that a power cut
// tore (which may be cut off: it was never synced) from damage to something that was synced (which
// must stop the start). RocksDB's own recovery modes either cut at the first bad record silently or
// refuse a torn tail as well.
//
// How. Each synced batch of ours begins with a mark in the log, kept only there: the RocksDB
// sequence number up to which everything had been synced when the batch was written. A mark behind
// a bad place that speaks of more than what stands whole before it proves that synced records are
// gone. Only the very last batch has no witness.

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/words/result.h"

namespace rocksdb {
class Env;
class WriteBatch;
}  // namespace rocksdb

namespace vigie::store {

/// Puts the mark at the front of an empty batch.
void put_sync_mark(rocksdb::WriteBatch& batch, std::uint64_t synced_sequence);

/// Damaged, naming file and place, when synced records can't be read; Io when a file can't be.
/// A directory without a write-ahead log is fine. What stands whole is synced then: after a kill it
/// may never have been, and RocksDB reads it as it finds it; what a start has counted as stored,
/// and told publishers, must not be lost to a power cut after it.
Result<void> check_wal(rocksdb::Env& env, const std::string& directory);

}  // namespace vigie::store
