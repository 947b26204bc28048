#include <rocksdb/db.h>

#include "hub/store/entries.h"
#include "hub/store/queries.h"
#include "hub/store/track_rows.h"

namespace vigie::store {
namespace {

struct Wanted {
  std::string_view unit;  // empty: all
  TimeRange range;
  bool time(std::int64_t time_us) const {
    return time_us >= range.from_us && time_us < range.until_us;
  }
};

/// How far the index was read: everything up to this row, in the order of its keys.
struct Reached {
  bool any = false;
  std::int32_t hour = 0;
  std::string unit;
  std::uint64_t last_seq = 0;
  bool covers(std::int32_t fix_hour, std::string_view fix_unit, std::uint64_t seq) const {
    if (!any) return false;
    if (fix_hour != hour) return fix_hour < hour;
    const int side = fix_unit.compare(unit);
    return side != 0 ? side < 0 : seq <= last_seq;
  }
};

class TrackQuery {
 public:
  TrackQuery(const Sources& sources, const Wanted& wanted, const std::function<bool(SeqTime)>& sink)
      : sources_(sources), snapshot_(sources.database.db()), wanted_(wanted), sink_(sink) {}

  Result<void> run() {
    const auto built = read_built(sources_.database, &snapshot_);
    if (!built.ok()) return built.fault();
    bool damaged = false;
    if (auto read = read_index(built->through, damaged); !read.ok()) return read;
    if (damaged && goes_on_) {
      // The rest of what the index would have told is in the log.
      sources_.health.index_damages.fetch_add(1);
      if (auto read = read_log(wanted_.range.after + 1, built->through, reached_); !read.ok()) {
        return read;
      }
    }
    if (!goes_on_) return {};
    const std::uint64_t first = std::max(built->through, wanted_.range.after) + 1;
    return read_log(first, UINT64_MAX, Reached());
  }

 private:
  Result<void> read_index(std::uint64_t built_through, bool& damaged) {
    const std::int32_t last_hour = hour_of(wanted_.range.until_us - 1);
    const auto iterator =
        sources_.database.iterate(Family::Track, &snapshot_, nullptr, wanted_.range.after);
    iterator->Seek(track_prefix(hour_of(wanted_.range.from_us), wanted_.unit));
    while (iterator->Valid() && goes_on_) {
      TrackKey key;
      if (!parse_track_key(iterator->key().ToStringView(), key) || key.hour > last_hour) break;
      const int side = wanted_.unit.empty() ? 0 : key.unit.compare(wanted_.unit);
      if (side < 0) {  // this hour's row of the unit, if any, is ahead
        iterator->Seek(track_prefix(key.hour, wanted_.unit));
      } else if (side > 0) {  // the next hour's
        if (key.hour == INT32_MAX) break;
        iterator->Seek(track_prefix(key.hour + 1, wanted_.unit));
      } else {
        if (key.first_seq <= built_through) take_row(key, iterator->value().ToStringView());
        iterator->Next();
      }
    }
    damaged = iterator->status().IsCorruption();
    if (!damaged && !iterator->status().ok()) {
      return fault_of(iterator->status(), "reading tracks by time");
    }
    return {};
  }

  void take_row(const TrackKey& key, std::string_view value) {
    const std::uint64_t last_seq = track_row_last_seq(key.first_seq, value);
    reached_ = {true, key.hour, std::string(key.unit), last_seq};
    const std::uint64_t first = std::max(sources_.floor.load(), wanted_.range.after + 1);
    if (last_seq < first) return;
    read_track_row(key.hour, key.first_seq, value, [&](std::uint64_t seq, std::int64_t time_us) {
      if (seq >= first && wanted_.time(time_us)) goes_on_ = sink_({seq, time_us});
      return goes_on_;
    });
  }

  Result<void> read_log(std::uint64_t first, std::uint64_t last, const Reached& had) {
    const auto reader =
        make_log_reader(sources_.database, sources_.health, sources_.floor, &snapshot_);
    reader->seek(first);
    while (goes_on_) {
      const auto body = reader->next();
      if (!body.ok()) {
        if (body.fault().code == FaultCode::Damaged) continue;  // noted by the reader
        return body.fault();
      }
      if (body->empty() || header_of(*body).first_seq() > last) return {};
      for_each_entry(
          *body,
          [&](const wire::UnitFixes& fixes, const wire::Stamp& stamp) {
            const std::string_view unit = text_of(fixes.unit());
            if (!wanted_.unit.empty() && unit != wanted_.unit) return;
            for_each_fix(fixes, stamp, [&](std::uint64_t seq, std::int64_t time_us) {
              if (!goes_on_ || seq < first || seq > last || !wanted_.time(time_us)) return;
              if (!had.covers(hour_of(time_us), unit, seq)) goes_on_ = sink_({seq, time_us});
            });
          },
          [](std::uint64_t, std::int64_t) {});
    }
    return {};
  }

  const Sources& sources_;
  const Snapshot snapshot_;
  const Wanted& wanted_;
  const std::function<bool(SeqTime)>& sink_;
  Reached reached_;
  bool goes_on_ = true;
};

}  // namespace

Result<void> track_refs(const Sources& sources, std::string_view unit, const TimeRange& range,
                        const std::function<bool(SeqTime)>& sink) {
  if (range.from_us >= range.until_us) return {};
  const Wanted wanted{unit, range};
  return TrackQuery(sources, wanted, sink).run();
}

}  // namespace vigie::store
