#include "hub/store/unread.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "hub/store/keys.h"

namespace vigie::store {
namespace {
constexpr std::size_t kRangeBytes = 16;
}  // namespace

Result<std::vector<wire::SeqRange>> read_unread(const Database& database) {
  const auto value = database.meta(meta::kUnread);
  if (!value.ok()) return value.fault();
  std::vector<wire::SeqRange> ranges;
  for (std::size_t at = 0; at + kRangeBytes <= value->size(); at += kRangeBytes) {
    ranges.emplace_back(get_u64(value->data() + at), get_u64(value->data() + at + 8));
  }
  return ranges;
}

Result<void> write_unread(const Database& database, const std::vector<wire::SeqRange>& ranges) {
  std::string value;
  for (const wire::SeqRange& range : ranges) {
    value.append(view(seq_key(range.first())));
    value.append(view(seq_key(range.last())));
  }
  rocksdb::WriteBatch batch;
  database.begin(batch);
  batch.Put(database.family(Family::Meta), meta::kUnread, value);
  const rocksdb::Status status = database.commit(batch);
  if (!status.ok()) return fault_of(status, "noting what can't be read");
  return {};
}

}  // namespace vigie::store
