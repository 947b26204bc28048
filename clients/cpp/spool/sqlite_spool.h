#pragma once
// The spool as one SQLite file (with its -wal beside it while in use). One thread.
//
// WAL mode. With SpoolSync::Process (synchronous=NORMAL) what was written survives a kill of the
// process at any instant; a power cut may take the last transactions, and then numbers that were in
// them are given up, not reused: the reservation of numbers is always synced. With
// SpoolSync::PowerCut (synchronous=FULL) every transaction is. The file is locked for as long as it
// is open: one process at a time.

#include <memory>
#include <string>

#include "clients/cpp/core/chance.h"
#include "clients/cpp/core/spool.h"
#include "vigie/tracker.h"

namespace vigie::client {

class SqliteSpool final : public Spool {
 public:
  /// Opens or makes the file, for an identity where `owner` is not 0 (new_spool_id()). A file of
  /// another owner is taken over when nothing in it waits. Fails with Invalid (something of another
  /// owner waits in it), Unavailable (in use), Damaged (not a spool, or a broken file), DiskFull or
  /// Io.
  static Result<std::unique_ptr<SqliteSpool>> open(const std::string& path, SpoolSync sync,
                                                   const Random& random, std::uint64_t owner = 0);
  ~SqliteSpool() override;

  wire::Spool id() const override { return id_; }
  Result<SpoolContent> load() override;
  Result<void> reserve(std::uint64_t end) override;
  Result<void> write(const SpoolChange& change) override;
  Result<void> read(MessageKind kind, std::uint64_t first, std::uint64_t last,
                    const std::function<bool(Row&&)>& sink) override;
  Result<std::vector<IntervalSet::Interval>> oldest(MessageKind kind, std::uint64_t messages,
                                                    std::uint64_t bytes) override;
  SpoolUsage usage() const override { return usage_; }
  Result<void> close_clean() override;

 private:
  class Database;
  explicit SqliteSpool(std::unique_ptr<Database> database);
  Result<void> set_up(SpoolSync sync, const Random& random, std::uint64_t owner);
  Result<void> take_over(const Random& random, std::uint64_t owner);
  Result<void> write_rows(const SpoolChange& change);
  Result<void> remove_rows(const SpoolChange& change);
  Result<void> write_given_up(const SpoolChange& change);

  const std::unique_ptr<Database> database_;
  wire::Spool id_;
  SpoolSync sync_ = SpoolSync::Process;
  std::uint64_t last_written_ = 0;
  std::uint64_t reserved_end_ = 1;
  SpoolUsage usage_;
};

}  // namespace vigie::client
