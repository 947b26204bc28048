#pragma once
// What stands in `meta`: how far the indexes have been built, what retention left, the trusted
// time.

#include "hub/store/database.h"
#include "hub/store/store.h"

namespace vigie::store {

struct Built {
  std::uint64_t through = 0;             // everything up to this seq is indexed
  std::int64_t last_second = INT64_MIN;  // the newest row of `known` that counts
};

std::string encode(const Built& built);
Result<Built> read_built(const Database& database, const Snapshot* snapshot = nullptr);

struct Floors {
  std::uint64_t track = 1;  // the lowest seq of tracks still kept
  std::uint64_t event = 1;  // of events and states; never above `track`
  Gone gone;                // what lies below them
};
std::string encode(const Floors& floors);
Result<Floors> read_floors(const Database& database);

std::string encode(const Trust& trust);
/// All zero when nothing was noted yet.
Result<Trust> read_trust(const Database& database);

/// The floors as every reader knows them. Written by the builder's thread, after they are on disk
/// and before anything below them goes.
struct LiveFloors {
  std::atomic<std::uint64_t> track{1};
  std::atomic<std::uint64_t> event{1};
  std::atomic<std::int64_t> gone_track_known_us{INT64_MIN};
  std::atomic<std::int64_t> gone_event_known_us{INT64_MIN};
  void set(const Floors& floors) {
    gone_track_known_us.store(floors.gone.track_known_us);
    gone_event_known_us.store(floors.gone.event_known_us);
    track.store(floors.track);
    event.store(floors.event);
  }
  Floors get() const {
    return {track.load(), event.load(), {gone_track_known_us.load(), gone_event_known_us.load()}};
  }
};

}  // namespace vigie::store
