#include <rocksdb/db.h>

#include "hub/store/entries.h"
#include "hub/store/probe.h"
#include "hub/store/queries.h"

namespace vigie::store {
namespace {

/// The events and states of [first, last] from the log itself. `goes_on` is what the sink said
/// last.
Result<void> scan_log_for_kept(const Sources& sources, const Snapshot* snapshot,
                               std::uint64_t first, std::uint64_t last,
                               const std::function<bool(std::uint64_t, Bytes)>& sink,
                               bool& goes_on) {
  const std::uint64_t floor = sources.floor.load();
  if (first < floor) sources.health.note_damaged(first, std::min(last, floor - 1));
  if (last < floor) return {};
  const auto reader = make_log_reader(sources.database, sources.health, sources.floor, snapshot);
  reader->seek(first);
  while (goes_on) {
    const auto body = reader->next();
    if (!body.ok()) {
      if (body.fault().code == FaultCode::Damaged) continue;  // noted by the reader
      return body.fault();
    }
    if (body->empty() || header_of(*body).first_seq() > last) return {};
    for_each_kept(*body, [&](std::uint64_t seq, Bytes entry) {
      if (goes_on && seq >= first && seq <= last) goes_on = sink(seq, entry);
    });
  }
  return {};
}

}  // namespace

Result<void> scan_kept(const Sources& sources, const Snapshot* snapshot, std::uint64_t first,
                       std::uint64_t last,
                       const std::function<bool(std::uint64_t seq, Bytes body)>& sink) {
  first = std::max(first, sources.event_floor.load());
  auto iterator = sources.database.iterate(Family::Keep, snapshot);
  AlignedValue value;
  const Key<8> start = seq_key(first);
  iterator->Seek({start.data(), start.size()});
  bool goes_on = true;
  while (goes_on && first <= last) {
    if (iterator->Valid()) {
      const std::uint64_t seq = get_u64(iterator->key().data());
      if (seq > last) return {};
      goes_on = sink(seq, value.assign(iterator->value().ToStringView()));
      first = seq + 1;
      iterator->Next();
      continue;
    }
    if (iterator->status().ok()) return {};
    if (!iterator->status().IsCorruption()) {
      return fault_of(iterator->status(), "reading events");
    }
    const auto make = [&] { return sources.database.iterate(Family::Keep, snapshot); };
    const auto behind = first_readable(make, first, iterator);
    const std::uint64_t damaged_last = behind ? std::min(*behind - 1, last) : last;
    auto from_log = scan_log_for_kept(sources, snapshot, first, damaged_last, sink, goes_on);
    if (!from_log.ok() || !behind) return from_log;
    first = *behind;
  }
  return {};
}

namespace {

/// Events and states of seqs [first, last] by what they say themselves.
Result<void> event_refs_of(const Sources& sources, const Snapshot& snapshot, std::uint64_t first,
                           std::uint64_t last, const std::function<bool(SeqTime)>& sink) {
  return scan_kept(sources, &snapshot, first, last, [&](std::uint64_t seq, Bytes body) {
    bool goes_on = true;
    for_each_entry(
        body, [](const auto&, const auto&) {},
        [&](std::uint64_t, std::int64_t time_us) {
          if (goes_on) goes_on = sink({seq, time_us});
        });
    return goes_on;
  });
}

}  // namespace

Result<void> event_refs(const Sources& sources, const TimeRange& range,
                        const std::function<bool(SeqTime)>& sink) {
  if (range.from_us >= range.until_us) return {};
  const Snapshot snapshot(sources.database.db());
  const auto built = read_built(sources.database, &snapshot);
  if (!built.ok()) return built.fault();
  const std::uint64_t first = std::max(sources.event_floor.load(), range.after + 1);
  const Key<16> start = event_time_key(range.from_us, 0);
  const Key<16> end = event_time_key(range.until_us, 0);
  const rocksdb::Slice upper(end.data(), end.size());
  const auto iterator = sources.database.iterate(Family::EventTime, &snapshot, &upper, range.after);
  SeqTime last_read{0, INT64_MIN};
  for (iterator->Seek({start.data(), start.size()}); iterator->Valid(); iterator->Next()) {
    if (iterator->key().size() != 16) continue;
    last_read = {get_u64(iterator->key().data() + 8),
                 from_sortable(get_u64(iterator->key().data()))};
    // Dropped, or not wanted, or the tail's.
    if (last_read.seq < first || last_read.seq > built->through) continue;
    if (!sink(last_read)) return {};
  }
  bool goes_on = true;
  const auto in_range = [&](SeqTime ref) {
    const std::int64_t time_us = ref.corrected_true_time_us;
    return time_us < range.from_us || time_us >= range.until_us || (goes_on = sink(ref));
  };
  if (iterator->status().IsCorruption()) {
    // The index is damaged from here on: the entries themselves tell the rest.
    sources.health.index_damages.fetch_add(1);
    auto rest = event_refs_of(sources, snapshot, first, built->through, [&](SeqTime ref) {
      const bool had = std::pair(ref.corrected_true_time_us, ref.seq) <=
                       std::pair(last_read.corrected_true_time_us, last_read.seq);
      return had || in_range(ref);
    });
    if (!rest.ok() || !goes_on) return rest;
  } else if (!iterator->status().ok()) {
    return fault_of(iterator->status(), "reading events by time");
  }
  return event_refs_of(sources, snapshot, std::max(built->through + 1, first), UINT64_MAX,
                       in_range);
}

}  // namespace vigie::store
