#include <rocksdb/db.h>

#include "hub/store/entries.h"
#include "hub/store/queries.h"

namespace vigie::store {
namespace {

/// Where to begin to look: at or before the answer.
Result<std::uint64_t> start_of_search(const Sources& sources, const Snapshot& snapshot,
                                      std::int64_t known_time_us) {
  const auto built = read_built(sources.database, &snapshot);
  if (!built.ok()) return built.fault();
  const std::int64_t second = floor_div(known_time_us, kMicrosecondsPerSecond);
  const Key<8> key = known_key(second);
  const auto iterator = sources.database.iterate(Family::Known, &snapshot);
  iterator->Seek({key.data(), key.size()});
  if (iterator->Valid() && iterator->value().size() == 8) {
    const std::uint64_t seq = get_u64(iterator->value().data());
    if (seq <= built->through) return seq;
  } else if (iterator->status().IsCorruption()) {
    sources.health.index_damages.fetch_add(1);
    return sources.event_floor.load();  // slow, and right
  } else if (!iterator->status().ok()) {
    return fault_of(iterator->status(), "reading the index of known time");
  }
  return built->through + 1;
}

/// The least seq whose known time is at or after this, of what can be read.
Result<std::uint64_t> readable_at_known(const Sources& sources, std::int64_t known_time_us) {
  const Snapshot snapshot(sources.database.db());
  const std::uint64_t floor = sources.floor.load();
  const auto start = start_of_search(sources, snapshot, known_time_us);
  if (!start.ok()) return start.fault();
  std::uint64_t after_last = *start;
  if (*start < floor) {
    // Of what is older than the tracks that are kept, events and states are there.
    std::uint64_t found = 0;
    auto scanned =
        scan_kept(sources, &snapshot, *start, floor - 1, [&](std::uint64_t seq, Bytes body) {
          if (header_of(body).known_time_us() < known_time_us) return true;
          found = seq;
          return false;
        });
    if (!scanned.ok()) return scanned.fault();
    if (found != 0) return found;
    after_last = floor;
  }
  const auto reader = make_log_reader(sources.database, sources.health, sources.floor, &snapshot);
  reader->seek(*start);
  bool damaged = false;  // between after_last and the next body: it may be what is asked for
  while (true) {
    const auto body = reader->next();
    if (!body.ok()) {
      if (body.fault().code != FaultCode::Damaged) return body.fault();
      damaged = true;
      continue;
    }
    if (body->empty()) return after_last;
    if (header_of(*body).known_time_us() >= known_time_us) {
      return damaged ? after_last : header_of(*body).first_seq();
    }
    after_last = header_of(*body).last_seq() + 1;
    damaged = false;
  }
}

}  // namespace

Result<std::uint64_t> seq_at_known(const Sources& sources, std::int64_t known_time_us) {
  const auto readable = readable_at_known(sources, known_time_us);
  if (!readable.ok()) return readable;
  // An index that was built over damage begins behind it.
  for (const wire::SeqRange& range : sources.health.damaged()) {
    if (range.first() < *readable && range.last() + 1 >= *readable) return range.first();
  }
  return readable;
}

}  // namespace vigie::store
