#pragma once
// What goes wrong below the store, gathered from RocksDB's threads, the readers and the writer, and
// read by anyone: damaged ranges and counters. No locks: a list that only grows and is pushed to by
// exchange, and atomics.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "schemas/messages/wire.h"

namespace rocksdb {
class EventListener;
}

namespace vigie::store {

class Health : public std::enable_shared_from_this<Health> {
 public:
  Health() = default;
  ~Health();
  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  /// Any thread. Notes first..last as unreadable; a range that is known is not noted again.
  void note_damaged(std::uint64_t first, std::uint64_t last);
  /// Any thread, in order of seq.
  std::vector<wire::SeqRange> damaged() const;

  /// RocksDB's listener that fills the counters below; shares the life of this.
  std::shared_ptr<rocksdb::EventListener> listener();

  std::atomic<std::uint64_t> background_errors{0};
  std::atomic<std::uint64_t> damaged_compactions{
      0};                                       // gave up on a damaged table; it stays as it is
  std::atomic<std::uint64_t> index_damages{0};  // queries that went to the log instead
  std::atomic<std::uint64_t> stalls{0};
  std::atomic<std::uint64_t> flushes{0};
  std::atomic<std::uint64_t> compactions{0};
  std::atomic<std::uint64_t> compacted_bytes{0};  // read by compactions that rewrote

 private:
  struct Node {
    wire::SeqRange range;
    Node* next;
  };
  bool known(std::uint64_t first, std::uint64_t last) const;
  std::atomic<Node*> newest_{nullptr};
};

}  // namespace vigie::store
