#include "hub/store/built.h"

namespace vigie::store {
namespace {

std::string pair(std::uint64_t first, std::uint64_t second) {
  std::string value(view(seq_key(first)));
  value.append(view(seq_key(second)));
  return value;
}

}  // namespace

std::string encode(const Built& built) {
  return pair(built.through, sortable(built.last_second));
}

Result<Built> read_built(const Database& database, const Snapshot* snapshot) {
  const auto value = database.meta(meta::kBuilt, snapshot);
  if (!value.ok()) return value.fault();
  if (value->size() < 16) return Built{};
  return Built{get_u64(value->data()), from_sortable(get_u64(value->data() + 8))};
}

std::string encode(const Floors& floors) {
  return pair(floors.track, floors.event) +
         pair(sortable(floors.gone.track_known_us), sortable(floors.gone.event_known_us));
}

Result<Floors> read_floors(const Database& database) {
  const auto value = database.meta(meta::kFloors);
  if (!value.ok()) return value.fault();
  if (value->size() < 32) return Floors{};
  return Floors{
      get_u64(value->data()),
      get_u64(value->data() + 8),
      {from_sortable(get_u64(value->data() + 16)), from_sortable(get_u64(value->data() + 24))}};
}

}  // namespace vigie::store
