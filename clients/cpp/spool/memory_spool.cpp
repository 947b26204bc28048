#include "clients/cpp/spool/memory_spool.h"

namespace vigie::client {

Result<SpoolContent> MemorySpool::load() {
  if (reserved_end_ > last_written_ + 1) {
    given_up_.add(last_written_ + 1, reserved_end_ - 1);
    last_written_ = reserved_end_ - 1;
  }
  SpoolContent content;
  for (std::size_t kind = 0; kind < kMessageKinds; ++kind) {
    for (const auto& [number, payload] : rows_[kind]) content.rows[kind].add(number, number);
  }
  content.given_up = given_up_;
  content.next_number = reserved_end_;
  return content;
}

Result<void> MemorySpool::reserve(std::uint64_t end) {
  reserved_end_ = std::max(reserved_end_, end);
  return {};
}

Result<void> MemorySpool::write(const SpoolChange& change) {
  for (const Row& row : change.rows) {
    usage_.messages += 1;
    usage_.bytes += row_bytes(row);
    rows_[static_cast<std::size_t>(row.kind)].emplace(row.number, row.payload);
    last_written_ = std::max(last_written_, row.number);
  }
  for (const IntervalSet::Interval& range : change.remove) {
    for (auto& rows : rows_) {
      const auto begin = rows.lower_bound(range.first);
      auto end = begin;
      for (; end != rows.end() && end->first <= range.last; ++end) {
        usage_.messages -= 1;
        usage_.bytes -= end->second.size() + kRowBytesExtra;
      }
      rows.erase(begin, end);
    }
  }
  if (change.given_up != nullptr) given_up_ = *change.given_up;
  return {};
}

Result<void> MemorySpool::read(MessageKind kind, std::uint64_t first, std::uint64_t last,
                               const std::function<bool(Row&&)>& sink) {
  const auto& rows = rows_[static_cast<std::size_t>(kind)];
  for (auto row = rows.lower_bound(first); row != rows.end() && row->first <= last; ++row) {
    if (!sink(Row{row->first, kind, row->second})) break;
  }
  return {};
}

Result<std::vector<IntervalSet::Interval>> MemorySpool::oldest(MessageKind kind,
                                                               std::uint64_t messages,
                                                               std::uint64_t bytes) {
  IntervalSet found;
  std::uint64_t found_messages = 0;
  std::uint64_t found_bytes = 0;
  for (const auto& [number, payload] : rows_[static_cast<std::size_t>(kind)]) {
    if (found_messages >= messages && found_bytes >= bytes) break;
    found.add(number, number);
    found_messages += 1;
    found_bytes += payload.size() + kRowBytesExtra;
  }
  return std::vector<IntervalSet::Interval>(found.intervals().begin(), found.intervals().end());
}

Result<void> MemorySpool::close_clean() {
  reserved_end_ = last_written_ + 1;
  return {};
}

}  // namespace vigie::client
