#pragma once
// What other rooms ask of the store: by seq, by known time, by true time. Each query sees one
// consistent moment, and merges what the indexes hold with the tail of the log that is not built
// yet. Any thread.

#include <functional>

#include "hub/store/built.h"
#include "hub/store/log.h"

namespace vigie::store {

/// What a query needs of the store. All outlive the queries.
struct Sources {
  const Database& database;
  Health& health;
  const std::atomic<std::uint64_t>& floor;
  const std::atomic<std::uint64_t>& event_floor;
};

/// Calls sink for each event and state with seq in [first, last], rising, until it returns false.
/// Rows of `keep` that are damaged are taken from the log where it still has them; else the range
/// is noted and left out.
Result<void> scan_kept(const Sources& sources, const Snapshot* snapshot, std::uint64_t first,
                       std::uint64_t last,
                       const std::function<bool(std::uint64_t seq, Bytes body)>& sink);

Result<std::uint64_t> seq_at_known(const Sources& sources, std::int64_t known_time_us);

Result<void> track_refs(const Sources& sources, std::string_view unit, const TimeRange& range,
                        const std::function<bool(SeqTime)>& sink);

Result<void> event_refs(const Sources& sources, const TimeRange& range,
                        const std::function<bool(SeqTime)>& sink);

}  // namespace vigie::store
