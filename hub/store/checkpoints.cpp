#include "hub/store/checkpoints.h"

#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "hub/store/entries.h"
#include "hub/store/log.h"

namespace vigie::store {
namespace {

constexpr std::size_t kPagesAStep = 4;  // about 128 KB, which a commit may have to wait for

std::optional<Checkpoint> parse_end(std::string_view key, std::string_view value) {
  if (key.size() != 12 || get_u32(key.data() + 8) != kEndPage || value.size() != 20) {
    return std::nullopt;
  }
  return Checkpoint{.seq = get_u64(key.data()),
                    .pages = get_u32(value.data()),
                    .known_time_us = from_sortable(get_u64(value.data() + 4)),
                    .units = get_u64(value.data() + 12)};
}

std::string end_value(const Checkpoint& checkpoint) {
  std::string value(20, '\0');
  put_u32(value.data(), checkpoint.pages);
  put_u64(value.data() + 4, sortable(checkpoint.known_time_us));
  put_u64(value.data() + 12, checkpoint.units);
  return value;
}

}  // namespace

Result<std::vector<Checkpoint>> list_checkpoints(const Database& database) {
  std::vector<Checkpoint> list;
  const auto iterator = database.iterate(Family::Checkpoint, nullptr);
  for (iterator->SeekToFirst(); iterator->Valid();) {
    const std::uint64_t seq = get_u64(iterator->key().data());
    iterator->Seek(view(page_key(seq, kEndPage)));
    if (!iterator->Valid()) break;
    const auto end = parse_end(iterator->key().ToStringView(), iterator->value().ToStringView());
    if (end && end->seq == seq) list.push_back(*end);
    // The next one's first page; an unfinished one is passed by.
    if (end) iterator->Next();
  }
  if (!iterator->status().ok()) return fault_of(iterator->status(), "listing checkpoints");
  return list;
}

Result<std::optional<Checkpoint>> checkpoint_at_or_before(const Database& database,
                                                          std::uint64_t seq) {
  const auto iterator = database.iterate(Family::Checkpoint, nullptr);
  iterator->SeekForPrev(view(page_key(seq, kEndPage)));
  while (iterator->Valid()) {
    const auto end = parse_end(iterator->key().ToStringView(), iterator->value().ToStringView());
    if (end) return end;
    const std::uint64_t unfinished = get_u64(iterator->key().data());
    if (unfinished == 0) break;
    iterator->SeekForPrev(view(page_key(unfinished - 1, kEndPage)));
  }
  if (!iterator->status().ok()) return fault_of(iterator->status(), "finding a checkpoint");
  return std::optional<Checkpoint>();
}

Result<void> load_checkpoint(const Database& database, const Checkpoint& checkpoint,
                             Picture& picture, Ledger* ledger) {
  const auto iterator = database.iterate(Family::Checkpoint, nullptr);
  AlignedValue value;
  std::uint32_t page = 0;
  for (iterator->Seek(view(page_key(checkpoint.seq, 0)));
       page < checkpoint.pages && iterator->Valid(); iterator->Next(), ++page) {
    if (iterator->key().ToStringView() != view(page_key(checkpoint.seq, page))) break;
    const Bytes body = value.assign(iterator->value().ToStringView());
    picture.fold(body);
    if (ledger != nullptr) ledger->fold(body);
  }
  if (page == checkpoint.pages) return {};
  return Fault{
      FaultCode::Damaged,
      fmt::format("page {} of the checkpoint at seq {} can't be read: {}", page, checkpoint.seq,
                  iterator->status().ok() ? "missing" : iterator->status().ToString())};
}

Result<void> drop_unfinished(const Database& database, std::uint64_t newest) {
  const auto iterator = database.iterate(Family::Checkpoint, nullptr);
  iterator->Seek(view(page_key(newest + 1, 0)));
  if (!iterator->Valid()) return {};
  return drop_checkpoints(database, newest + 1, UINT64_MAX);
}

Result<void> drop_checkpoints(const Database& database, std::uint64_t first, std::uint64_t last) {
  const Key<12> from = page_key(first, 0);
  const Key<12> until = page_key(last, kEndPage);
  const std::string end = std::string(view(until)) + '\0';
  const rocksdb::Slice begin(from.data(), from.size());
  auto* family = database.family(Family::Checkpoint);
  const rocksdb::Slice last_key(until.data(), until.size());
  // Whole files go at once; the rest is left out when its file is next merged.
  rocksdb::Status status = rocksdb::DeleteFilesInRange(&database.db(), family, &begin, &last_key);
  if (status.ok()) {
    status = database.db().DeleteRange(rocksdb::WriteOptions(), family, begin, end);
  }
  if (!status.ok()) return fault_of(status, "dropping checkpoints");
  return {};
}

CheckpointWriter::CheckpointWriter(const Database& database, const Picture& picture,
                                   const Ledger& ledger)
    : database_(database),
      pages_(picture, ledger),
      checkpoint_{.seq = picture.last_seq(),
                  .pages = 0,
                  .known_time_us = picture.last_known_time_us(),
                  .units = picture.units().size()} {}

Result<std::size_t> CheckpointWriter::write_some() {
  rocksdb::WriteBatch batch;
  auto* family = database_.family(Family::Checkpoint);
  std::size_t pages = 0;
  bool more = true;
  for (; more && pages < kPagesAStep; ++pages) {
    const BodyPtr page = pages_.next();
    more = page != nullptr;
    if (!more) break;
    batch.Put(family, view(page_key(checkpoint_.seq, checkpoint_.pages)), view(page->bytes()));
    ++checkpoint_.pages;
    bytes_ += page->bytes().size();
  }
  if (!more) batch.Put(family, view(page_key(checkpoint_.seq, kEndPage)), end_value(checkpoint_));
  const rocksdb::Status status = database_.db().Write(rocksdb::WriteOptions(), &batch);
  if (!status.ok()) return fault_of(status, "writing a checkpoint");
  done_ = !more;
  return std::max<std::size_t>(pages, 1);
}

}  // namespace vigie::store
