#pragma once
// Seqs are reserved on disk in blocks before they are given out, so that none is given out twice,
// whatever happens. The front thread asks for the next block when half of one is left; the writer
// takes the request along with its next commit. When a block runs out before, the front reserves
// itself, and waits for the disk.

#include <atomic>

#include "hub/store/database.h"

namespace rocksdb {
class WriteBatch;
}

namespace vigie::store {

class SeqBlocks {
 public:
  explicit SeqBlocks(const Database& database) : database_(database) {}
  /// Before the threads start: the end that stands on disk.
  void start(std::uint64_t reserved_end) { reserved_.store(reserved_end); }

  /// Front thread: seqs below the result may be given out. Lower than or equal to next_seq only
  /// when the disk refuses the next block.
  std::uint64_t reserved_end(std::uint64_t next_seq);
  /// Front thread: what reserved_end() last asked for and the writer has not taken up yet.
  bool wanted() const { return wanted_.load() > reserved_.load(); }

  /// Writer: adds the reservation to its batch when one is wanted; returns the new end, or 0.
  std::uint64_t add_to(rocksdb::WriteBatch& batch);
  /// Writer: the batch with that end is on disk.
  void done(std::uint64_t end);
  /// Writer: commits fail, for a while or for ever; the front must not wait for them.
  void set_failing(bool failing) { failing_.store(failing); }

 private:
  const Database& database_;
  std::atomic<std::uint64_t> reserved_{0};
  std::atomic<std::uint64_t> wanted_{0};
  std::atomic<bool> in_flight_{false};  // one of the two threads is writing a reservation
  std::atomic<bool> failing_{false};
};

}  // namespace vigie::store
