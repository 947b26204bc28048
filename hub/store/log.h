#pragma once
// Reading the log: bodies in order, whatever rows they lie in, and around what is damaged.

#include <atomic>
#include <memory>

#include "hub/store/database.h"
#include "hub/store/health.h"
#include "hub/store/store.h"

namespace vigie::store {

/// Holds one row's value, aligned to 8. One thread.
class AlignedValue {
 public:
  Bytes assign(std::string_view value);

 private:
  std::unique_ptr<std::uint64_t[]> words_;
  std::size_t capacity_ = 0;  // words
};

/// A reader of the log. `floor` (nothing below is read) is looked at when seeking. `snapshot` may
/// be null: then it sees what was durable at the last seek. All must outlive it.
std::unique_ptr<LogReader> make_log_reader(const Database& database, Health& health,
                                           const std::atomic<std::uint64_t>& floor,
                                           const Snapshot* snapshot = nullptr);

struct LogEnd {
  std::uint64_t last_seq = 0;  // 0: empty
  std::int64_t last_known_time_us = 0;
  bool damaged = false;  // the last row could not be read: last_seq is only its key
};
/// The end of the log. Fails with what the disk says when it can't be found.
Result<LogEnd> find_log_end(const Database& database, Health& health);

}  // namespace vigie::store
