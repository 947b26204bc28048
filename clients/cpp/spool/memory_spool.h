#pragma once
// A spool in memory: for the simulation and for what may be lost with the process. One thread.

#include <map>

#include "clients/cpp/core/chance.h"
#include "clients/cpp/core/spool.h"

namespace vigie::client {

class MemorySpool final : public Spool {
 public:
  /// `owner`: see new_spool_id().
  explicit MemorySpool(const Random& random, std::uint64_t owner = 0)
      : id_(new_spool_id(random, owner)) {}
  wire::Spool id() const override { return id_; }
  /// May be called again, for another tracker core after a crash of the first: what was written is
  /// there.
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
  const wire::Spool id_;
  std::map<std::uint64_t, std::vector<std::byte>> rows_[kMessageKinds];
  IntervalSet given_up_;
  std::uint64_t last_written_ = 0;
  std::uint64_t reserved_end_ = 1;
  SpoolUsage usage_;
};

}  // namespace vigie::client
