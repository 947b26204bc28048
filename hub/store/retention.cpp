#include "hub/store/retention.h"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

#include "hub/store/entries.h"
#include "hub/store/seq_max_property.h"

namespace vigie::store {
namespace {

constexpr std::int64_t kThinAfterUs = 24 * kHourUs;
constexpr std::int64_t kNoteUs = 600 * kMicrosecondsPerSecond;
constexpr std::int64_t kNoteWaitUs = 60 * kMicrosecondsPerSecond;  // while a leap waits

struct File {
  std::string name;
  std::string smallest;
  std::string largest;
  std::uint64_t bytes;
  int level;
};

std::vector<File> files_of(const Database& database, Family family) {
  rocksdb::ColumnFamilyMetaData meta_data;
  database.db().GetColumnFamilyMetaData(database.family(family), &meta_data);
  std::vector<File> files;
  for (const auto& level : meta_data.levels) {
    for (const auto& file : level.files) {
      files.push_back({file.name, file.smallestkey, file.largestkey, file.size, level.level});
    }
  }
  return files;
}

struct Cut {
  std::uint64_t key;    // the first seq that is left
  std::uint64_t bytes;  // freed
};
/// Where a floor may come to stand behind whole files, oldest first.
std::vector<Cut> cuts_of(const Database& database, Family family) {
  std::vector<File> files = files_of(database, family);
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.largest < b.largest; });
  std::vector<Cut> cuts;
  std::uint64_t bytes = 0;
  for (const File& file : files) {
    if (file.largest.size() < 8) continue;
    bytes += file.bytes;
    cuts.push_back({get_u64(file.largest.data()) + 1, bytes});
  }
  return cuts;
}

}  // namespace

Retention::Retention(const Sources& sources, LiveFloors& floors, const StoreOptions& options,
                     const Trust& last_trust)
    : sources_(sources), floors_(floors), options_(options), time_(*options.clock, last_trust) {}

Result<void> Retention::note_time() {
  const std::int64_t now_us = time_.now_us();
  const Trust trust = time_.trust();
  if (std::abs(now_us - noted_us_) < (trust.waited_us > 0 ? kNoteWaitUs : kNoteUs)) return {};
  rocksdb::WriteBatch batch;
  sources_.database.begin(batch);
  batch.Put(sources_.database.family(Family::Meta), meta::kTrusted, encode(trust));
  const rocksdb::Status status = sources_.database.commit(batch);
  if (!status.ok()) return fault_of(status, "noting the time");
  noted_us_ = now_us;
  return {};
}

Result<std::size_t> Retention::run(std::uint64_t built_through, std::uint64_t last_seq) {
  auto checkpoints = list_checkpoints(sources_.database);
  if (!checkpoints.ok()) return checkpoints.fault();
  const std::uint64_t newest = checkpoints->empty() ? 0 : checkpoints->back().seq;
  const std::uint64_t limit = std::min(built_through, newest) + 1;
  auto target = by_age(last_seq);
  if (!target.ok()) return target.fault();
  by_budget(*target, limit);
  // Back to the nearest checkpoint, and never back.
  const Floors now = floors_.get();
  const std::uint64_t track_most = std::min(target->track, limit);
  target->track = now.track;
  for (const Checkpoint& checkpoint : *checkpoints) {
    if (checkpoint.seq + 1 > track_most) break;
    if (checkpoint.seq + 1 <= target->track) continue;
    target->track = checkpoint.seq + 1;
    target->gone.track_known_us = checkpoint.known_time_us;
  }
  target->event = std::clamp(target->event, now.event, target->track);
  if (target->event != now.event) {
    const auto gone_us = gone_events_us(*target);
    if (!gone_us.ok()) return gone_us.fault();
    target->gone.event_known_us = *gone_us;
  }
  if (auto stored = store_floors(*target); !stored.ok()) return stored.fault();
  const auto dropped = drop(*checkpoints);
  if (!dropped.ok()) return dropped.fault();
  const auto thinned = thin(*checkpoints);
  if (!thinned.ok()) return thinned.fault();
  return *dropped + *thinned;
}

/// The known time of the last event that goes; where the next one that is left tells no more, a
/// moment before that one.
Result<std::int64_t> Retention::gone_events_us(const Floors& target) const {
  std::int64_t gone_us = target.gone.track_known_us;
  auto scanned =
      scan_kept(sources_, nullptr, target.event, target.track - 1, [&](std::uint64_t, Bytes body) {
        gone_us = std::min(gone_us, header_of(body).known_time_us() - 1);
        return false;
      });
  if (!scanned.ok()) return scanned.fault();
  return gone_us;
}

Result<Floors> Retention::by_age(std::uint64_t last_seq) {
  Floors target = floors_.get();
  const std::int64_t now_us = time_.now_us();
  const auto older_than = [&](std::int64_t age_us, std::uint64_t& floor) -> Result<void> {
    if (age_us == 0) return {};
    const auto seq = seq_at_known(sources_, now_us - age_us);
    if (!seq.ok()) return seq.fault();
    floor = std::max(floor, std::min(*seq, last_seq + 1));
    return {};
  };
  if (auto done = older_than(options_.retention.track_age_us, target.track); !done.ok()) {
    return done.fault();
  }
  const std::int64_t event_age_us = options_.retention.event_age_us;
  const std::int64_t least_us = options_.retention.track_age_us;
  if (event_age_us != 0 && least_us != 0) {
    if (auto done = older_than(std::max(event_age_us, least_us), target.event); !done.ok()) {
      return done.fault();
    }
  }
  return target;
}

void Retention::by_budget(Floors& target, std::uint64_t checkpoint_limit) const {
  const std::uint64_t budget = options_.retention.disk_bytes;
  if (budget == 0) return;
  const std::uint64_t used = sources_.database.table_bytes() + sources_.database.wal_bytes();
  if (used <= budget) return;
  // A little below, so that this is not needed again at once.
  std::uint64_t too_much = used - budget + budget / 20;
  const auto free_from = [&too_much](const std::vector<Cut>& cuts, std::uint64_t limit,
                                     std::uint64_t& floor) {
    std::uint64_t freed = 0;
    for (const Cut& cut : cuts) {
      if (cut.key > limit || freed >= too_much) break;
      freed = cut.bytes;
      floor = std::max(floor, cut.key);
    }
    too_much -= std::min(freed, too_much);
  };
  free_from(cuts_of(sources_.database, Family::Log), checkpoint_limit, target.track);
  if (too_much == 0) return;
  free_from(cuts_of(sources_.database, Family::Keep), checkpoint_limit, target.event);
}

Result<void> Retention::store_floors(const Floors& target) {
  if (target.track == floors_.track.load() && target.event == floors_.event.load()) return {};
  rocksdb::WriteBatch batch;
  sources_.database.begin(batch);
  batch.Put(sources_.database.family(Family::Meta), meta::kFloors, encode(target));
  const rocksdb::Status status = sources_.database.commit(batch);
  if (!status.ok()) return fault_of(status, "storing the floors");
  floors_.set(target);
  return {};
}

Result<std::size_t> Retention::drop(const std::vector<Checkpoint>& checkpoints) {
  const std::uint64_t floor = floors_.track.load();
  const std::uint64_t event_floor = floors_.event.load();
  std::size_t files = 0;
  const auto add = [&files](const Result<std::size_t>& dropped) -> Result<void> {
    if (!dropped.ok()) return dropped.fault();
    files += *dropped;
    return {};
  };
  // The row that holds the floor may begin below it.
  const auto iterator = sources_.database.iterate(Family::Log, nullptr);
  const Key<8> floor_key = seq_key(floor);
  iterator->SeekForPrev({floor_key.data(), floor_key.size()});
  const std::uint64_t first_row = iterator->Valid() ? get_u64(iterator->key().data()) : 0;
  if (auto done = add(drop_below(Family::Log, first_row)); !done.ok()) return done.fault();
  if (auto done = add(drop_below(Family::Keep, event_floor)); !done.ok()) return done.fault();
  // A second's row names its first entry: those before the floor's second lead nowhere.
  const std::int64_t gone_us = floors_.get().gone.event_known_us;
  if (gone_us != INT64_MIN) {
    const Key<8> second = known_key(floor_div(gone_us, kMicrosecondsPerSecond));
    if (auto done = add(drop_below(Family::Known, get_u64(second.data()))); !done.ok()) {
      return done.fault();
    }
  }
  if (auto done = add(drop_expired(Family::Track, floor)); !done.ok()) return done.fault();
  if (auto done = add(drop_expired(Family::EventTime, event_floor)); !done.ok()) {
    return done.fault();
  }
  if (!checkpoints.empty() && checkpoints.front().seq + 1 < floor) {
    if (auto done = drop_checkpoints(sources_.database, 0, floor - 2); !done.ok()) {
      return done.fault();
    }
    ++files;
  }
  return files;
}

Result<std::size_t> Retention::drop_below(Family family, std::uint64_t key) const {
  std::size_t files = 0;
  std::uint64_t bound = 0;
  for (const File& file : files_of(sources_.database, family)) {
    if (file.level == 0 || file.largest.size() < 8) continue;
    const std::uint64_t largest = get_u64(file.largest.data());
    if (largest >= key) continue;
    ++files;
    bound = std::max(bound, largest);
  }
  if (files == 0) return files;
  const Key<8> from = seq_key(0);
  const Key<8> until = seq_key(bound);
  const rocksdb::Slice begin(from.data(), from.size());
  const rocksdb::Slice end(until.data(), until.size());
  const rocksdb::Status status = rocksdb::DeleteFilesInRange(
      &sources_.database.db(), sources_.database.family(family), &begin, &end);
  if (!status.ok()) return fault_of(status, "dropping old files");
  return files;
}

Result<std::size_t> Retention::drop_expired(Family family, std::uint64_t floor) const {
  const std::vector<File> files = files_of(sources_.database, family);
  rocksdb::TablePropertiesCollection properties;
  auto* handle = sources_.database.family(family);
  const rocksdb::Status read = sources_.database.db().GetPropertiesOfAllTables(handle, &properties);
  if (!read.ok()) return fault_of(read, "reading the properties of files");
  const auto expired = [&](const File& file) {
    for (const auto& [path, table] : properties) {
      if (!path.ends_with(file.name)) continue;
      const auto seq_max = seq_max_of(table->user_collected_properties);
      return seq_max && *seq_max < floor;
    }
    return false;
  };
  std::size_t dropped = 0;
  for (const File& file : files) {
    if (file.level == 0 || !expired(file)) continue;
    // DeleteFilesInRange takes all files within the range, on every level.
    const bool alone = std::all_of(files.begin(), files.end(), [&](const File& other) {
      const bool inside = other.smallest >= file.smallest && other.largest <= file.largest;
      return !inside || other.level == 0 || expired(other);
    });
    if (!alone) continue;
    const rocksdb::Slice begin(file.smallest);
    const rocksdb::Slice end(file.largest);
    const rocksdb::Status status =
        rocksdb::DeleteFilesInRange(&sources_.database.db(), handle, &begin, &end);
    if (!status.ok()) return fault_of(status, "dropping old index files");
    ++dropped;
  }
  return dropped;
}

/// Of those older than a day, the ones that only time called for go: what is left stands close
/// enough for a picture of any past moment.
Result<std::size_t> Retention::thin(const std::vector<Checkpoint>& checkpoints) {
  const std::int64_t before_us = time_.now_us() - kThinAfterUs;
  const std::uint64_t floor = floors_.track.load();
  std::size_t dropped = 0;
  std::uint64_t kept_seq = 0;
  for (std::size_t i = 0; i + 1 < checkpoints.size(); ++i) {
    const Checkpoint& checkpoint = checkpoints[i];
    if (checkpoint.seq + 1 < floor) continue;  // gone already
    const std::uint64_t spacing = checkpoint_spacing(options_.checkpoint_entries, checkpoint.units);
    const bool spare = kept_seq != 0 && checkpoint.known_time_us < before_us &&
                       checkpoints[i + 1].seq - kept_seq <= spacing;
    if (!spare) {
      kept_seq = checkpoint.seq;
      continue;
    }
    auto done = drop_checkpoints(sources_.database, checkpoint.seq, checkpoint.seq);
    if (!done.ok()) return done.fault();
    ++dropped;
  }
  return dropped;
}

}  // namespace vigie::store
