#pragma once
// Writes rows of the spool into one Batch message. Pure.

#include "clients/cpp/core/rows.h"

namespace vigie::client {

/// Collects rows as long as they fit; then the bytes. Sizes are reckoned from above, so that the
/// result never exceeds what was asked for.
class BatchWriter {
 public:
  BatchWriter(wire::Spool spool, std::size_t bytes_max);

  /// False when the row does not fit any more (nothing is changed), or its payload is damaged
  /// (damaged() then). `row` is borrowed until finish().
  bool add(const Row& row);
  bool damaged() const { return damaged_; }
  /// Numbers that will never be sent.
  bool add_given_up(IntervalSet::Interval range);
  bool empty() const { return rows_ == 0 && given_up_.empty(); }
  std::size_t rows() const { return rows_; }
  /// The numbers of the rows, by kind, rising.
  std::vector<std::pair<MessageKind, IntervalSet::Interval>> numbers() const;
  std::vector<std::byte> finish(std::int64_t sent_time_us);

 private:
  bool take(std::size_t bytes);
  bool add_fix(const Row& row);

  const wire::Spool spool_;
  const std::size_t bytes_max_;
  std::size_t bytes_;
  std::size_t rows_ = 0;
  bool damaged_ = false;
  std::vector<std::pair<std::uint64_t, std::unique_ptr<wire::EventT>>> events_;
  std::vector<std::pair<std::uint64_t, std::unique_ptr<wire::StateT>>> states_;
  std::vector<std::pair<std::uint64_t, FixRow>> fixes_;
  std::vector<wire::NumberRange> given_up_;
};

}  // namespace vigie::client
