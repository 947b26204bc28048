#pragma once
// How far the indexes have been built, as it stands in `meta`.

#include "hub/store/database.h"

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
};
std::string encode(const Floors& floors);
Result<Floors> read_floors(const Database& database);

}  // namespace vigie::store
