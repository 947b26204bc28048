#include "hub/store/built.h"

namespace vigie::store {
namespace {

std::string pair(std::uint64_t first, std::uint64_t second) {
  std::string value(view(seq_key(first)));
  value.append(view(seq_key(second)));
  return value;
}

std::int64_t time_at(const std::string& value, std::size_t at) {
  return from_sortable(get_u64(value.data() + at));
}

}  // namespace

std::string encode(const Built& built) {
  return pair(built.through, sortable(built.last_second));
}

Result<Built> read_built(const Database& database, const Snapshot* snapshot) {
  const auto value = database.meta(meta::kBuilt, snapshot);
  if (!value.ok()) return value.fault();
  if (value->size() < 16) return Built{};
  return Built{get_u64(value->data()), time_at(*value, 8)};
}

std::string encode(const Floors& floors) {
  return pair(floors.track, floors.event) +
         pair(sortable(floors.gone.track_known_us), sortable(floors.gone.event_known_us));
}

Result<Floors> read_floors(const Database& database) {
  const auto value = database.meta(meta::kFloors);
  if (!value.ok()) return value.fault();
  Floors floors;
  if (value->size() >= 16) {
    floors.track = get_u64(value->data());
    floors.event = get_u64(value->data() + 8);
  }
  // A folder of before the times were kept: they come with the floors' next move.
  if (value->size() >= 32) {
    floors.gone.track_known_us = time_at(*value, 16);
    floors.gone.event_known_us = time_at(*value, 24);
  }
  return floors;
}

std::string encode(const Trust& trust) {
  std::string value = pair(sortable(trust.time_us), sortable(trust.clock_us));
  value.append(view(seq_key(sortable(trust.waited_us))));
  return value;
}

Result<Trust> read_trust(const Database& database) {
  const auto value = database.meta(meta::kTrusted);
  if (!value.ok()) return value.fault();
  if (value->size() < 24) return Trust{};
  return Trust{time_at(*value, 0), time_at(*value, 8), time_at(*value, 16)};
}

}  // namespace vigie::store
