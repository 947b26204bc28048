#include "hub/store/figures.h"

#include <rocksdb/db.h>

namespace vigie::store {

std::vector<std::pair<std::string, double>> figures(const Sources& sources, const Writer& writer,
                                                    const Builder& builder) {
  std::vector<std::pair<std::string, double>> all;
  const auto add = [&all](std::string name, auto value) {
    all.emplace_back(std::move(name), static_cast<double>(value));
  };
  const Health& health = sources.health;
  const std::uint64_t durable = writer.durable_seq();
  const std::uint64_t built = builder.built_through();
  add("commits_total", writer.commits());
  add("bodies_total", writer.bodies());
  add("body_bytes_total", writer.bytes());
  add("queued_bytes", writer.queued_bytes());
  add("durable_seq", durable);
  add("disk_full", writer.full() ? 1 : 0);
  add("broken", writer.broken() ? 1 : 0);
  add("floor_seq", sources.floor.load());
  add("event_floor_seq", sources.event_floor.load());
  add("built_seq", built);
  add("built_lag_entries", durable > built ? durable - built : 0);
  add("builder_failures_total", builder.failures());
  add("checkpoints", builder.checkpoints());
  add("checkpoint_seq", builder.last_checkpoint());
  add("checkpoint_bytes_total", builder.checkpoint_bytes());
  add("files_dropped_total", builder.files_dropped());
  add("damaged_ranges", health.damaged().size());
  add("free_bytes", sources.database.free_bytes());
  add("background_errors_total", health.background_errors.load());
  add("damaged_compactions_total", health.damaged_compactions.load());
  add("damaged_index_queries_total", health.index_damages.load());
  add("stalls_total", health.stalls.load());
  add("flushes_total", health.flushes.load());
  add("compactions_total", health.compactions.load());
  add("compacted_bytes_total", health.compacted_bytes.load());
  add("wal_bytes", sources.database.wal_bytes());
  add("table_bytes", sources.database.table_bytes());
  for (std::size_t i = 0; i < kFamilies; ++i) {
    const auto family = static_cast<Family>(i);
    add("table_bytes_" + std::string(i == 0 ? "meta" : kFamilyNames[i]),
        sources.database.table_bytes(family));
  }
  using Properties = rocksdb::DB::Properties;
  rocksdb::DB& db = sources.database.db();
  const auto aggregated = [&](const char* name, const std::string& property) {
    std::uint64_t value = 0;
    if (db.GetAggregatedIntProperty(property, &value)) add(name, value);
  };
  const auto plain = [&](const char* name, const std::string& property) {
    std::uint64_t value = 0;
    if (db.GetIntProperty(sources.database.family(Family::Log), property, &value)) add(name, value);
  };
  aggregated("memtable_bytes", Properties::kCurSizeAllMemTables);
  plain("block_cache_bytes", Properties::kBlockCacheUsage);
  aggregated("table_readers_bytes", Properties::kEstimateTableReadersMem);
  aggregated("pending_compaction_bytes", Properties::kEstimatePendingCompactionBytes);
  plain("running_flushes", Properties::kNumRunningFlushes);
  plain("running_compactions", Properties::kNumRunningCompactions);
  plain("writes_stopped", Properties::kIsWriteStopped);
  plain("delayed_write_rate_bytes", Properties::kActualDelayedWriteRate);
  return all;
}

}  // namespace vigie::store
