#include <rocksdb/db.h>

#include "hub/store/entries.h"
#include "hub/store/queries.h"
#include "hub/store/track_rows.h"

namespace vigie::store {
namespace {

struct Wanted {
  std::string_view unit;  // empty: all
  std::int64_t from_us;
  std::int64_t until_us;
  bool time(std::int64_t time_us) const { return time_us >= from_us && time_us < until_us; }
};

class IndexedTrack {
 public:
  IndexedTrack(const Sources& sources, const Snapshot& snapshot, const Wanted& wanted,
               const std::function<bool(SeqTime)>& sink)
      : sources_(sources), snapshot_(snapshot), wanted_(wanted), sink_(sink) {}

  /// False when the sink wants no more.
  Result<bool> run(std::uint64_t built_through) {
    const std::int32_t first_hour = hour_of(wanted_.from_us);
    const std::int32_t last_hour = hour_of(wanted_.until_us - 1);
    const auto iterator = sources_.database.iterate(Family::Track, &snapshot_);
    iterator->Seek(track_prefix(first_hour, wanted_.unit));
    while (iterator->Valid()) {
      TrackKey key;
      if (!parse_track_key(iterator->key().ToStringView(), key) || key.hour > last_hour) break;
      const int side = wanted_.unit.empty() ? 0 : key.unit.compare(wanted_.unit);
      if (side < 0) {  // this hour's row of the unit, if any, is ahead
        iterator->Seek(track_prefix(key.hour, wanted_.unit));
        continue;
      }
      if (side > 0) {  // the next hour's
        if (key.hour == INT32_MAX) break;
        iterator->Seek(track_prefix(key.hour + 1, wanted_.unit));
        continue;
      }
      if (key.first_seq <= built_through && !row(key, iterator->value().ToStringView())) {
        return false;
      }
      iterator->Next();
    }
    if (!iterator->status().ok()) return fault_of(iterator->status(), "reading tracks by time");
    return true;
  }

 private:
  bool row(const TrackKey& key, std::string_view value) {
    const std::uint64_t floor = sources_.floor.load();
    if (track_row_last_seq(key.first_seq, value) < floor) return true;
    bool goes_on = true;
    read_track_row(key.hour, key.first_seq, value, [&](std::uint64_t seq, std::int64_t time_us) {
      if (seq >= floor && wanted_.time(time_us)) goes_on = sink_({seq, time_us});
      return goes_on;
    });
    return goes_on;
  }

  const Sources& sources_;
  const Snapshot& snapshot_;
  const Wanted& wanted_;
  const std::function<bool(SeqTime)>& sink_;
};

}  // namespace

Result<void> track_refs(const Sources& sources, std::string_view unit, std::int64_t from_us,
                        std::int64_t until_us, const std::function<bool(SeqTime)>& sink) {
  if (from_us >= until_us) return {};
  const Wanted wanted{unit, from_us, until_us};
  const Snapshot snapshot(sources.database.db());
  const auto built = read_built(sources.database, &snapshot);
  if (!built.ok()) return built.fault();
  const auto indexed = IndexedTrack(sources, snapshot, wanted, sink).run(built->through);
  if (!indexed.ok()) return indexed.fault();
  if (!*indexed) return {};
  const auto reader = make_log_reader(sources.database, sources.health, sources.floor, &snapshot);
  reader->seek(built->through + 1);
  bool goes_on = true;
  while (goes_on) {
    const auto body = reader->next();
    if (!body.ok()) {
      if (body.fault().code == FaultCode::Damaged) continue;
      return body.fault();
    }
    if (body->empty()) return {};
    for_each_entry(
        *body,
        [&](const wire::UnitFixes& fixes, const wire::Stamp& stamp) {
          if (!unit.empty() && text_of(fixes.unit()) != unit) return;
          for_each_fix(fixes, stamp, [&](std::uint64_t seq, std::int64_t time_us) {
            if (goes_on && seq > built->through && wanted.time(time_us)) {
              goes_on = sink({seq, time_us});
            }
          });
        },
        [](std::uint64_t, std::int64_t) {});
  }
  return {};
}

}  // namespace vigie::store
