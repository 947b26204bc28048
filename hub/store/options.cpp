#include "hub/store/options.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/statistics.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include "hub/store/health.h"
#include "hub/store/info_log.h"
#include "hub/store/seq_max_property.h"
#include "hub/store/store.h"

namespace vigie::store {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;
// What a start may have to read again from the write-ahead log, in memtables of the log: with the
// usual ones 192 MB, about half a second of work.
constexpr std::uint64_t kWalMemtables = 6;

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16 * 1024;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  return table;
}

/// A family whose keys only rise: flushed files never overlap, so that compaction moves them to the
/// second level by name, rewrites nothing, and never meets a damaged block. One compression for
/// both levels, or the move would be a rewrite.
rocksdb::ColumnFamilyOptions rising(const rocksdb::BlockBasedTableOptions& table,
                                    rocksdb::CompressionType compression,
                                    std::size_t memtable_bytes) {
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.compression = compression;
  family.write_buffer_size = memtable_bytes;
  family.max_write_buffer_number = 8;  // a slow flush delays nothing before that
  family.num_levels = 2;
  family.level_compaction_dynamic_level_bytes = false;
  family.max_bytes_for_level_base = UINT64_MAX / 4;
  family.target_file_size_base = 2 * memtable_bytes;
  family.level0_file_num_compaction_trigger = 2;
  family.level0_slowdown_writes_trigger = 200;
  family.level0_stop_writes_trigger = 400;
  family.soft_pending_compaction_bytes_limit = 0;
  family.hard_pending_compaction_bytes_limit = 0;
  // Files are dropped when retention says so, not rewritten because they are old.
  family.periodic_compaction_seconds = 0;
  family.ttl = 0;
  return family;
}

/// A family sorted by true time: late data goes to its place, so files are merged. Few bytes a fix.
rocksdb::ColumnFamilyOptions sorted(const rocksdb::BlockBasedTableOptions& table,
                                    std::size_t memtable_bytes) {
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.compression = rocksdb::kLZ4Compression;
  family.bottommost_compression = rocksdb::kZSTD;
  family.write_buffer_size = memtable_bytes;
  family.max_write_buffer_number = 3;
  family.level_compaction_dynamic_level_bytes = true;
  family.target_file_size_base = memtable_bytes;
  family.max_bytes_for_level_base = 8 * memtable_bytes;
  family.level0_slowdown_writes_trigger = 40;
  family.level0_stop_writes_trigger = 80;
  family.soft_pending_compaction_bytes_limit = 0;
  family.hard_pending_compaction_bytes_limit = 0;
  family.periodic_compaction_seconds = 0;
  family.ttl = 0;
  return family;
}

}  // namespace

rocksdb::DBOptions database_options(const StoreOptions& options, Health& health) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  if (options.env != nullptr) db.env = options.env;
  // The tail that a power cut tore is cut off; check_wal() has made sure before that nothing which
  // was synced goes with it.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.track_and_verify_wals_in_manifest = true;
  db.avoid_flush_during_recovery = true;
  db.paranoid_checks = true;
  db.recycle_log_file_num = 0;  // a recycled file's old records would look like damage
  db.max_total_wal_size = kWalMemtables * options.memtable_bytes;
  db.max_open_files = -1;
  db.max_background_jobs = 2;
  db.bytes_per_sync = kMegabyte;
  db.wal_bytes_per_sync = 0;  // each commit syncs
  db.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(5 * options.memtable_bytes);
  db.max_log_file_size = kMegabyte;
  db.keep_log_file_num = 4;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.info_log = make_info_log(options.directory, db);  // a full disk must not end the hub by it
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.skip_stats_update_on_db_open = true;
  db.enable_pipelined_write = false;
  db.listeners.push_back(health.listener());
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_options(const StoreOptions& options) {
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  const rocksdb::BlockBasedTableOptions plain = table_options(cache);
  rocksdb::BlockBasedTableOptions filtered = plain;
  filtered.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  const std::size_t small = options.memtable_bytes / 4;
  const rocksdb::CompressionType compression =
      options.compression == Compression::None ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const auto add = [&](Family family, const rocksdb::ColumnFamilyOptions& family_of) {
    families.emplace_back(std::string(kFamilyNames[static_cast<std::size_t>(family)]), family_of);
  };
  add(Family::Meta, sorted(filtered, small));
  add(Family::Log, rising(plain, compression, options.memtable_bytes));
  add(Family::Keep, rising(plain, compression, small));
  rocksdb::ColumnFamilyOptions track = sorted(plain, small);
  track.table_properties_collector_factories.push_back(seq_max_collector(Family::Track));
  add(Family::Track, track);
  rocksdb::ColumnFamilyOptions event_time = sorted(plain, small);
  event_time.table_properties_collector_factories.push_back(seq_max_collector(Family::EventTime));
  add(Family::EventTime, event_time);
  add(Family::Known, rising(plain, compression, small));
  // Rising too, but single checkpoints are dropped from the middle as they thin out.
  add(Family::Checkpoint, rising(plain, rocksdb::kZSTD, options.memtable_bytes / 2));
  return families;
}

}  // namespace vigie::store
