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
Found look_at_or_behind(rocksdb::Iterator& iterator, std::uint64_t seq) {
  const Key<8> key = seq_key(seq);
  iterator.Seek({key.data(), key.size()});
  return look(iterator);
}
Found look_at_or_before(rocksdb::Iterator& iterator, std::uint64_t seq) {
  const Key<8> key = seq_key(seq);
  iterator.SeekForPrev({key.data(), key.size()});
  return look(iterator);
}
std::optional<std::uint64_t> row(rocksdb::Iterator& iterator, Found found) {
  if (found != Found::Row) return std::nullopt;
  return get_u64(iterator.key().data());
}

}  // namespace

std::optional<std::uint64_t> first_readable(rocksdb::Iterator& iterator, std::uint64_t seq) {
  Found found = look_at_or_behind(iterator, seq);
  if (found != Found::Damage) return row(iterator, found);
  std::uint64_t bad = seq;
  std::uint64_t good = seq;
  for (std::uint64_t step = 1; found == Found::Damage; step *= 2) {
    if (good > UINT64_MAX - step || step == 0) return std::nullopt;
    bad = good;
    good += step;
    found = look_at_or_behind(iterator, good);
  }
  while (good - bad > 1) {
    const std::uint64_t middle = bad + (good - bad) / 2;
    (look_at_or_behind(iterator, middle) == Found::Damage ? bad : good) = middle;
  }
  return row(iterator, look_at_or_behind(iterator, good));
}

std::optional<std::uint64_t> last_readable(rocksdb::Iterator& iterator, std::uint64_t least,
                                           std::uint64_t seq) {
  Found found = look_at_or_before(iterator, seq);
  std::uint64_t bad = seq;
  std::uint64_t good = seq;
  for (std::uint64_t step = 1; found == Found::Damage; step *= 2) {
    if (good <= least) return std::nullopt;
    bad = good;
    good = good - least > step ? good - step : least;
    found = look_at_or_before(iterator, good);
  }
  while (bad > good && bad - good > 1) {
    const std::uint64_t middle = good + (bad - good) / 2;
    (look_at_or_before(iterator, middle) == Found::Damage ? bad : good) = middle;
  }
  const auto key = row(iterator, look_at_or_before(iterator, good));
  if (key && *key < least) return std::nullopt;
  return key;
}

std::uint64_t last_key(const Database& database, Family family) {
  const auto iterator = database.iterate(family, nullptr);
  iterator->SeekToLast();
  if (iterator->Valid()) return get_u64(iterator->key().data());
  if (iterator->status().ok()) return 0;
  const auto behind_files = database.iterate(family, nullptr);
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
  if (const auto behind = first_readable(*behind_files, greatest + 1)) {
    greatest = std::max(greatest, *behind);
    for (; behind_files->Valid(); behind_files->Next()) {
      greatest = get_u64(behind_files->key().data());
    }
  }
  return greatest;
}

}  // namespace vigie::store
