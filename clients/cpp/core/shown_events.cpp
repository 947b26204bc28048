#include "clients/cpp/core/shown_events.h"

#include <fmt/format.h>

namespace vigie::client {
namespace {

struct Record {
  std::uint64_t seq;
  std::uint64_t high;
  std::uint64_t low;
  std::uint64_t number;
};

}  // namespace

void ShownEvents::add(std::uint64_t seq, const wire::Spool& spool, std::uint64_t number) {
  shown_.push_back({seq, key_of(spool), number});
}

void ShownEvents::durable(std::uint64_t seq) {
  while (!shown_.empty() && shown_.front().seq <= seq) shown_.pop_front();
}

void ShownEvents::lose(std::uint64_t first, std::uint64_t last) {
  std::erase_if(shown_, [&](const Shown& event) {
    if (event.seq < first || event.seq > last) return false;
    lost_[event.spool].add(event.number, event.number);
    return true;
  });
}

bool ShownEvents::comes_again(std::uint64_t seq, const wire::Spool& spool, std::uint64_t number) {
  const auto found = lost_.find(key_of(spool));
  if (found == lost_.end() || !found->second.contains(number)) return false;
  found->second.remove(number, number);
  if (found->second.empty()) lost_.erase(found);
  add(seq, spool, number);
  return true;
}

std::vector<std::byte> ShownEvents::bytes() const {
  std::vector<Record> records;
  for (const Shown& event : shown_) {
    records.push_back({event.seq, event.spool.high, event.spool.low, event.number});
  }
  for (const auto& [spool, numbers] : lost_) {
    for (const IntervalSet::Interval& range : numbers.intervals()) {
      for (std::uint64_t number = range.first; number <= range.last; ++number) {
        records.push_back({0, spool.high, spool.low, number});
      }
    }
  }
  const auto bytes = std::as_bytes(std::span(records));
  return {bytes.begin(), bytes.end()};
}

Result<ShownEvents> ShownEvents::parse(Bytes bytes) {
  if (bytes.size() % sizeof(Record) != 0) {
    return Fault{FaultCode::Invalid,
                 fmt::format("a token's {} bytes of names are cut off", bytes.size())};
  }
  ShownEvents events;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(Record)) {
    Record record{};
    std::memcpy(&record, bytes.data() + at, sizeof record);
    const wire::Spool spool(record.high, record.low);
    if (record.seq != 0) {
      events.add(record.seq, spool, record.number);
    } else {
      events.lost_[key_of(spool)].add(record.number, record.number);
    }
  }
  return events;
}

}  // namespace vigie::client
