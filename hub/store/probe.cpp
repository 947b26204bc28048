#include "hub/store/probe.h"

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>

#include <algorithm>

namespace vigie::store {
namespace {

enum class Found { Row, Nothing, Damage };

Found look(rocksdb::Iterator& iterator) {
  if (iterator.Valid()) return Found::Row;
  return iterator.status().ok() ? Found::Nothing : Found::Damage;
}
Found look_at_or_behind(const MakeIterator& make, std::uint64_t seq, RowIterator& iterator) {
  iterator = make();
  const Key<8> key = seq_key(seq);
  iterator->Seek({key.data(), key.size()});
  return look(*iterator);
}
Found look_at_or_before(const MakeIterator& make, std::uint64_t seq, RowIterator& iterator) {
  iterator = make();
  const Key<8> key = seq_key(seq);
  iterator->SeekForPrev({key.data(), key.size()});
  return look(*iterator);
}
std::optional<std::uint64_t> row(const RowIterator& iterator, Found found) {
  if (found != Found::Row) return std::nullopt;
  return get_u64(iterator->key().data());
}

}  // namespace

std::optional<std::uint64_t> first_readable(const MakeIterator& make, std::uint64_t seq,
                                            RowIterator& iterator) {
  Found found = look_at_or_behind(make, seq, iterator);
  if (found != Found::Damage) return row(iterator, found);
  std::uint64_t bad = seq;
  std::uint64_t good = seq;
  for (std::uint64_t step = 1; found == Found::Damage; step *= 2) {
    if (good > UINT64_MAX - step || step == 0) return std::nullopt;
    bad = good;
    good += step;
    found = look_at_or_behind(make, good, iterator);
  }
  while (good - bad > 1) {
    const std::uint64_t middle = bad + (good - bad) / 2;
    (look_at_or_behind(make, middle, iterator) == Found::Damage ? bad : good) = middle;
  }
  found = look_at_or_behind(make, good, iterator);
  return row(iterator, found);
}

std::optional<std::uint64_t> last_readable(const MakeIterator& make, std::uint64_t least,
                                           std::uint64_t seq, RowIterator& iterator) {
  Found found = look_at_or_before(make, seq, iterator);
  std::uint64_t bad = seq;
  std::uint64_t good = seq;
  for (std::uint64_t step = 1; found == Found::Damage; step *= 2) {
    if (good <= least) return std::nullopt;
    bad = good;
    good = good - least > step ? good - step : least;
    found = look_at_or_before(make, good, iterator);
  }
  while (bad > good && bad - good > 1) {
    const std::uint64_t middle = good + (bad - good) / 2;
    (look_at_or_before(make, middle, iterator) == Found::Damage ? bad : good) = middle;
  }
  const Found last = look_at_or_before(make, good, iterator);
  const auto key = row(iterator, last);
  if (key && *key < least) return std::nullopt;
  return key;
}

std::uint64_t last_key(const Database& database, Family family) {
  const auto iterator = database.iterate(family, nullptr);
  iterator->SeekToLast();
  if (iterator->Valid()) return get_u64(iterator->key().data());
  if (iterator->status().ok()) return 0;
  rocksdb::ColumnFamilyMetaData files;
  database.db().GetColumnFamilyMetaData(database.family(family), &files);
  std::uint64_t greatest = 0;
  for (const auto& level : files.levels) {
    for (const auto& file : level.files) {
      if (file.largestkey.size() < 8) continue;
      greatest = std::max(greatest, get_u64(file.largestkey.data()));
    }
  }
  // Rows that are only in memory are behind every file's.
  RowIterator behind_files;
  const auto make = [&] { return database.iterate(family, nullptr); };
  if (const auto behind = first_readable(make, greatest + 1, behind_files)) {
    greatest = std::max(greatest, *behind);
    for (; behind_files->Valid(); behind_files->Next()) {
      greatest = get_u64(behind_files->key().data());
    }
  }
  return greatest;
}

}  // namespace vigie::store
