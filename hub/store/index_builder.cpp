#include "hub/store/index_builder.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <numeric>

namespace vigie::store {
namespace {

// A query reads what is not built from the log, some 10 million fixes a second: so many it may
// find.
constexpr std::size_t kStretchFixes = 128 * 1024;
constexpr std::size_t kStretchFixesMax = 1024 * 1024;
// With many units a stretch is longer, or each row would hold a single fix: a row's key costs some
// 30 bytes.
constexpr std::size_t kFixesAUnit = 8;
constexpr std::size_t kStretchSeqs = 2 * kStretchFixesMax;
// Rows in a batch: the writer's commit waits for one at most.
constexpr std::size_t kRowsAStep = 256;

}  // namespace

Result<void> IndexBuilder::load() {
  const auto built = read_built(database_);
  if (!built.ok()) return built.fault();
  const auto building = database_.meta(meta::kBuilding);
  if (!building.ok()) return building.fault();
  built_ = *built;
  fed_ = built_.through;
  last_second_ = built_.last_second;
  resumed_end_ = building->size() >= 8 ? get_u64(building->data()) : 0;
  return {};
}

std::uint32_t IndexBuilder::unit_index(std::string_view unit) {
  const auto [found, added] =
      unit_by_name_.emplace(unit, static_cast<std::uint32_t>(units_.size()));
  if (added) units_.emplace_back(unit);
  return found->second;
}

void IndexBuilder::feed(Bytes body) {
  const wire::BodyHeader& header = header_of(body);
  if (header.last_seq() <= fed_) return;
  if (fed_ == built_.through) since_us_ = header.known_time_us();
  const std::int64_t second = floor_div(header.known_time_us(), kMicrosecondsPerSecond);
  if (second > last_second_) {
    seconds_.push_back({second, header.first_seq()});
    last_second_ = second;
  }
  for_each_entry(
      body,
      [&](const wire::UnitFixes& fixes, const wire::Stamp& stamp) {
        const std::uint32_t unit = unit_index(text_of(fixes.unit()));
        for_each_fix(fixes, stamp, [&](std::uint64_t seq, std::int64_t time_us) {
          fixes_.push_back({hour_of(time_us), unit, seq, time_us});
        });
      },
      [&](std::uint64_t seq, std::int64_t time_us) {
        events_.push_back({time_us, seq});
      });
  fed_ = header.last_seq();
}

bool IndexBuilder::stretch_is_full() const {
  if (fed_ == built_.through) return false;
  if (resumed_end_ != 0) return fed_ >= resumed_end_;
  const std::size_t goal = std::clamp(kFixesAUnit * units_.size(), kStretchFixes, kStretchFixesMax);
  return fixes_.size() >= goal || fed_ - built_.through >= kStretchSeqs ||
         events_.size() >= kStretchFixes;
}

bool IndexBuilder::holds_from_before(std::int64_t known_us) const {
  return fed_ != built_.through && resumed_end_ == 0 && since_us_ < known_us;
}

void IndexBuilder::sort_fixes() {
  std::vector<std::uint32_t> by_name(units_.size());
  std::iota(by_name.begin(), by_name.end(), 0u);
  std::sort(by_name.begin(), by_name.end(),
            [this](std::uint32_t a, std::uint32_t b) { return units_[a] < units_[b]; });
  std::vector<std::uint32_t> rank(units_.size());
  for (std::uint32_t i = 0; i < by_name.size(); ++i) rank[by_name[i]] = i;
  std::sort(fixes_.begin(), fixes_.end(), [&rank](const FixRef& a, const FixRef& b) {
    if (a.hour != b.hour) return a.hour < b.hour;
    return a.unit != b.unit ? rank[a.unit] < rank[b.unit] : a.seq < b.seq;
  });
}

void IndexBuilder::begin_writing() {
  sort_fixes();
  writing_ = true;
  fixes_written_ = events_written_ = seconds_written_ = 0;
}

Result<std::size_t> IndexBuilder::write_some() {
  rocksdb::WriteBatch batch;
  std::size_t rows = 0;
  std::size_t fix = fixes_written_;
  std::size_t event = events_written_;
  std::size_t second = seconds_written_;
  if (fix == 0 && event == 0 && second == 0) {
    batch.Put(database_.family(Family::Meta), meta::kBuilding, view(seq_key(fed_)));
  }
  while (fix < fixes_.size() && rows < kRowsAStep) {
    const FixRef& first = fixes_[fix];
    TrackRowWriter row(first.hour, first.seq, first.time_us);
    for (++fix;
         fix < fixes_.size() && fixes_[fix].hour == first.hour && fixes_[fix].unit == first.unit;
         ++fix) {
      row.add(fixes_[fix].seq, fixes_[fix].time_us);
    }
    batch.Put(database_.family(Family::Track), track_key(first.hour, units_[first.unit], first.seq),
              row.value());
    ++rows;
  }
  for (; event < events_.size() && rows < kRowsAStep; ++event, ++rows) {
    batch.Put(database_.family(Family::EventTime),
              view(event_time_key(events_[event].time_us, events_[event].seq)), {});
  }
  for (; second < seconds_.size() && rows < kRowsAStep; ++second, ++rows) {
    batch.Put(database_.family(Family::Known), view(known_key(seconds_[second].second)),
              view(seq_key(seconds_[second].seq)));
  }
  const bool last = fix == fixes_.size() && event == events_.size() && second == seconds_.size();
  const Built built{fed_, last_second_};
  if (last) {
    batch.Put(database_.family(Family::Meta), meta::kBuilt, encode(built));
    batch.Delete(database_.family(Family::Meta), meta::kBuilding);
    ++rows;
  }
  // Not synced: what a crash takes is built again from the log.
  const rocksdb::Status status = database_.db().Write(rocksdb::WriteOptions(), &batch);
  if (!status.ok()) return fault_of(status, "writing indexes");
  fixes_written_ = fix;
  events_written_ = event;
  seconds_written_ = second;
  if (last) {
    built_ = built;
    resumed_end_ = 0;
    writing_ = false;
    fixes_.clear();
    events_.clear();
    seconds_.clear();
    units_.clear();
    unit_by_name_.clear();
  }
  return rows;
}

}  // namespace vigie::store
