#include "hub/store/seq_blocks.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <thread>

namespace vigie::store {
namespace {

void put_end(const Database& database, rocksdb::WriteBatch& batch, std::uint64_t end) {
  const Key<8> value = seq_key(end);
  batch.Put(database.family(Family::Meta), meta::kReservedEnd, view(value));
}

}  // namespace

std::uint64_t SeqBlocks::reserved_end(std::uint64_t next_seq) {
  std::uint64_t reserved = reserved_.load();
  if (next_seq + limits::kSeqBlock / 2 <= reserved) return reserved;
  const std::uint64_t end = next_seq + limits::kSeqBlock;
  if (wanted_.load() <= reserved) wanted_.store(end);
  if (next_seq < reserved) return reserved;
  // Used up. Either the writer is at it, or we are.
  while (in_flight_.exchange(true)) {
    if (failing_.load()) return reserved_.load();
    std::this_thread::yield();
    reserved = reserved_.load();
    if (next_seq < reserved) return reserved;
  }
  if (next_seq >= reserved_.load()) {
    rocksdb::WriteBatch batch;
    database_.begin(batch);
    put_end(database_, batch, end);
    if (database_.commit(batch).ok()) reserved_.store(end);
  }
  in_flight_.store(false);
  return reserved_.load();
}

std::uint64_t SeqBlocks::add_to(rocksdb::WriteBatch& batch) {
  const std::uint64_t end = wanted_.load();
  if (end <= reserved_.load() || in_flight_.exchange(true)) return 0;
  if (end <= reserved_.load()) {  // the front was quicker
    in_flight_.store(false);
    return 0;
  }
  put_end(database_, batch, end);
  return end;
}

void SeqBlocks::done(std::uint64_t end) {
  reserved_.store(end);
  in_flight_.store(false);
}

}  // namespace vigie::store
