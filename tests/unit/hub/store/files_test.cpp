// What lies in table files: damaged blocks are named and the rest is served; retention drops whole
// files behind a floor that only rises.

#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

#include "tests/unit/hub/store/pictures.h"
#include "tests/unit/hub/store/world.h"

namespace vigie::store::test {
namespace {

using ::testing::HasSubstr;

class FilesTest : public ::testing::Test {
 protected:
  FilesTest() : seed_(test_seed()), source_(seed_) {}
  StoreOptions options() {
    StoreOptions made;
    made.directory = folder_.path();
    made.clock = &clock_;
    made.free_bytes_min = 0;
    made.memtable_bytes = 256 * 1024;  // so that there are files
    made.checkpoint_entries = 2000;
    return made;
  }
  double figure(const Store& store, std::string_view wanted) const {
    for (const auto& [name, value] : store.figures()) {
      if (name == wanted) return value;
    }
    ADD_FAILURE() << wanted;
    return 0;
  }
  void write(Store& store, std::size_t bodies) {
    for (std::size_t i = 0; i < bodies; ++i) {
      const BodyPtr body = source_.body(clock_.utc_us(), 40, 30, 2);
      log_.push_back(body);
      store.submit(body);
      clock_.advance(200'000);
      if (i % 4 == 3) write_all(store);
    }
    write_all(store);
  }
  /// Writes and builds until the log has so many bytes in table files.
  void fill(Store& store, double bytes) {
    while (figure(store, "table_bytes_log") < bytes) {
      write(store, 20);
      build_all(store);
    }
    settle(store);
  }
  /// Waits for RocksDB's background threads: an event that only polling tells of.
  void settle(Store& store) {
    for (int calm = 0; calm < 50;) {
      const bool busy =
          figure(store, "running_flushes") > 0 || figure(store, "running_compactions") > 0;
      calm = busy ? 0 : calm + 1;
      std::this_thread::yield();
    }
  }
  /// Files of a family, oldest rows first, after the store was closed.
  std::vector<std::string> files_of(const std::string& family) {
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder_.path(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    rocksdb::ColumnFamilyOptions untouched;
    untouched.disable_auto_compactions = true;
    for (const auto& name : names) families.emplace_back(name, untouched);
    rocksdb::DBOptions plain;
    plain.avoid_flush_during_recovery = true;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(plain, folder_.path(), families, &handles, &db).ok());
    std::vector<rocksdb::LiveFileMetaData> live;
    db->GetLiveFilesMetaData(&live);
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    delete db;
    std::sort(live.begin(), live.end(),
              [](const auto& a, const auto& b) { return a.smallestkey < b.smallestkey; });
    std::vector<std::string> paths;
    for (const auto& file : live) {
      if (file.column_family_name == family) paths.push_back(folder_.path() + file.name);
    }
    return paths;
  }
  void flip(const std::string& path, std::uint64_t offset) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(file.get() ^ 0x40);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(byte);
  }
  /// Flips a byte early in the middle file of a family.
  void damage(const std::string& family) {
    const std::vector<std::string> files = files_of(family);
    ASSERT_FALSE(files.empty());
    const std::string& path = files[files.size() / 2];
    flip(path, std::filesystem::file_size(path) / 3);
  }

  const std::uint64_t seed_;
  TemporaryFolder folder_;
  FakeClock clock_;
  Told told_;
  Source source_;
  std::vector<BodyPtr> log_;
};

TEST_F(FilesTest, damaged_block_is_named_with_its_range_and_the_rest_is_served) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 1'000'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  damage("log");
  const auto store = open_store(options(), told_);
  ASSERT_NE(store, nullptr);
  const ReadLog read = read_log(*store);
  ASSERT_EQ(read.faults.size(), 1u);
  const auto damaged = store->damaged();
  ASSERT_EQ(damaged.size(), 1u);
  EXPECT_THAT(read.faults[0], HasSubstr("seq " + std::to_string(damaged[0].first()) + " to " +
                                        std::to_string(damaged[0].last())));
  EXPECT_EQ(figure(*store, "damaged_ranges"), 1.0);
  // All but the range comes, and the range is a few bodies.
  std::size_t missing = 0;
  auto next = read.bodies.begin();
  for (const BodyIn& body : source_.bodies) {
    if (body.first >= damaged[0].first() && body.last <= damaged[0].last()) {
      ++missing;
      continue;
    }
    ASSERT_NE(next, read.bodies.end());
    EXPECT_EQ(next->first, body.first);
    ++next;
  }
  EXPECT_EQ(next, read.bodies.end());
  EXPECT_GT(missing, 0u);
  EXPECT_LT(missing, 40u);
  // From anywhere within, before and behind.
  for (const std::uint64_t seq :
       {damaged[0].first() - 1, damaged[0].first(), (damaged[0].first() + damaged[0].last()) / 2,
        damaged[0].last(), damaged[0].last() + 1}) {
    SCOPED_TRACE(seq);
    const ReadLog from = read_log(*store, seq);
    EXPECT_EQ(from.faults.size(), seq <= damaged[0].last() ? 1u : 0u);
    EXPECT_EQ(from.bodies.back().second, source_.bodies.back().last);
  }
  EXPECT_EQ(store->damaged().size(), 1u);
  // Writing goes on.
  write(*store, 50);
  EXPECT_EQ(told_.durable, source_.next_seq() - 1);
}

TEST_F(FilesTest, damage_in_any_block_of_any_file_hides_nothing_beyond_what_is_named) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 700'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  for (const std::string& path : files_of("log")) {
    for (const int percent : {0, 1, 5, 30, 60, 80}) {
      SCOPED_TRACE(path + " at " + std::to_string(percent) + " %");
      const TemporaryFolder copy;
      std::filesystem::copy(folder_.path(), copy.path());
      const auto name = std::filesystem::path(path).filename().string();
      flip(copy.path() + "/" + name,
           std::filesystem::file_size(path) * static_cast<std::uint64_t>(percent) / 100 + 20);
      StoreOptions made = options();
      made.directory = copy.path();
      made.accept_damage = true;
      const auto store = open_store(made, told_);
      ASSERT_NE(store, nullptr);
      const ReadLog read = read_log(*store);
      const auto damaged = store->damaged();
      std::set<std::uint64_t> had;
      for (const auto& [first, last] : read.bodies) had.insert(first);
      for (const BodyIn& body : source_.bodies) {
        const bool named = std::any_of(damaged.begin(), damaged.end(), [&](const auto& range) {
          return range.first() <= body.first && body.last <= range.last();
        });
        ASSERT_TRUE(named || had.contains(body.first)) << body.first;
      }
    }
  }
}

TEST_F(FilesTest, start_needs_only_the_checkpoint_and_what_is_behind_it) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 1'000'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  damage("log");  // in the middle: older than the newest checkpoint
  const auto store = open_store(options(), told_);
  Picture picture;
  Ledger ledger;
  ASSERT_TRUE(store->recover(picture, ledger).ok());
  Picture plain;
  for (const BodyPtr& body : log_) plain.fold(body->bytes());
  expect_same(plain, picture);
}

TEST_F(FilesTest, damage_in_what_a_start_needs_stops_it_unless_it_is_accepted) {
  StoreOptions made = options();
  made.checkpoint_entries = 100'000'000;
  made.checkpoint_interval_us = INT64_MAX;
  {
    const auto store = open_store(made, told_);
    fill(*store, 500'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  damage("log");
  {
    const auto store = open_store(made, told_);
    Picture picture;
    Ledger ledger;
    const auto recovered = store->recover(picture, ledger);
    ASSERT_FALSE(recovered.ok());
    EXPECT_EQ(recovered.fault().code, FaultCode::Damaged);
    EXPECT_THAT(recovered.fault().sentence, HasSubstr("seq"));
  }
  made.accept_damage = true;
  const auto store = open_store(made, told_);
  Picture picture;
  Ledger ledger;
  EXPECT_TRUE(store->recover(picture, ledger).ok());
  EXPECT_EQ(picture.last_seq(), source_.next_seq() - 1);
  const ReadLog read = read_log(*store);
  EXPECT_EQ(read.faults.size(), 1u);
  EXPECT_EQ(read.bodies.back().second, source_.next_seq() - 1);
}

TEST_F(FilesTest, damaged_checkpoint_is_passed_over_for_an_older_one) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 3'000'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  const std::vector<std::string> files = files_of("checkpoint");
  ASSERT_FALSE(files.empty());
  flip(files.back(), std::filesystem::file_size(files.back()) / 2);
  const auto store = open_store(options(), told_);
  Picture picture;
  Ledger ledger;
  ASSERT_TRUE(store->recover(picture, ledger).ok());
  Picture plain;
  for (const BodyPtr& body : log_) plain.fold(body->bytes());
  expect_same(plain, picture);
}

TEST_F(FilesTest, damaged_kept_entries_are_served_from_the_log) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 3'000'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  damage("keep");
  const auto store = open_store(options(), told_);
  std::vector<std::uint64_t> seqs;
  const auto got = store->read_kept(0, UINT64_MAX, SIZE_MAX,
                                    [&](std::uint64_t seq, Bytes) { seqs.push_back(seq); });
  ASSERT_TRUE(got.ok());
  ASSERT_EQ(seqs.size(), source_.kept.size());
  for (std::size_t i = 0; i < seqs.size(); ++i) EXPECT_EQ(seqs[i], source_.kept[i].seq);
}

TEST_F(FilesTest, damaged_indexes_are_answered_from_the_log) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 5'500'000);  // a stretch or two of indexes
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  std::multiset<std::pair<std::uint64_t, std::int64_t>> expected;
  std::multiset<std::pair<std::uint64_t, std::int64_t>> events;
  for (const FixIn& fix : source_.fixes) expected.emplace(fix.seq, fix.corrected_us);
  for (const KeptIn& kept : source_.kept) events.emplace(kept.seq, kept.corrected_us);
  for (const std::string family : {"track", "event_time", "known"}) {
    SCOPED_TRACE(family);
    const std::vector<std::string> files = files_of(family);
    if (files.empty()) continue;  // still in memory
    const std::uint64_t offset = std::filesystem::file_size(files[0]) / 3;
    flip(files[0], offset);
    {
      const auto store = open_store(options(), told_);
      std::multiset<std::pair<std::uint64_t, std::int64_t>> got;
      const auto sink = [&](SeqTime ref) {
        got.emplace(ref.seq, ref.corrected_true_time_us);
        return true;
      };
      ASSERT_TRUE(store->read_track_refs("", INT64_MIN, INT64_MAX, sink).ok());
      EXPECT_EQ(got == expected, true);
      got.clear();
      ASSERT_TRUE(store->read_event_refs(INT64_MIN, INT64_MAX, sink).ok());
      EXPECT_EQ(got == events, true);
      const BodyIn& body = source_.bodies[10];
      EXPECT_EQ(store->seq_at_known(body.known_us).value(), body.first);
      EXPECT_GT(figure(*store, "damaged_index_queries_total"), 0.0);
    }
    flip(files[0], offset);
  }
}

TEST_F(FilesTest, log_is_never_written_twice) {
  const auto store = open_store(options(), told_);
  fill(*store, 3'000'000);
  // Files of the log moved to the second level by name; what was rewritten is the indexes', small.
  EXPECT_LT(figure(*store, "compacted_bytes_total"), 0.5 * figure(*store, "table_bytes_log"));
}

TEST_F(FilesTest, disk_budget_drops_the_oldest_files_and_the_floor_only_rises) {
  StoreOptions made = options();
  made.retention.disk_bytes = 4'000'000;
  made.checkpoint_entries = 1000;
  const auto store = open_store(made, told_);
  std::uint64_t floor = 1;
  for (int i = 0; i < 60; ++i) {
    fill(*store, 0);
    write(*store, 100);
    clock_.advance(20'000'000);
    build_all(*store);
    EXPECT_GE(store->floor(), floor);
    EXPECT_LE(store->event_floor(), store->floor());
    floor = store->floor();
  }
  settle(*store);
  clock_.advance(20'000'000);
  build_all(*store);
  floor = store->floor();
  EXPECT_GT(floor, 1u);
  EXPECT_LT(figure(*store, "table_bytes") + figure(*store, "wal_bytes"), 2 * 4'000'000.0);
  EXPECT_GT(figure(*store, "files_dropped_total"), 0.0);
  // What is left is whole, from the floor on.
  const ReadLog read = read_log(*store);
  EXPECT_TRUE(read.faults.empty());
  EXPECT_EQ(read.bodies.front().first, floor);
  EXPECT_EQ(read.bodies.back().second, source_.next_seq() - 1);
  // Pictures from the floor on, with the states of bodies that are gone.
  Picture plain;
  for (const BodyPtr& body : log_) {
    plain.fold(body->bytes());
    if (body->last_seq() == floor - 1) break;
  }
  Picture picture;
  ASSERT_TRUE(store->picture_at(floor - 1, picture).ok());
  expect_same(plain, picture);
  EXPECT_FALSE(picture.states().empty());
  Picture older;
  const auto gone = store->picture_at(floor - 2, older);
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.fault().code, FaultCode::NotFound);
}

TEST_F(FilesTest, events_outlive_tracks_by_their_own_age_and_the_floors_survive_a_restart) {
  StoreOptions made = options();
  made.retention.track_age_us = 200'000'000;
  made.retention.event_age_us = 600'000'000;
  std::uint64_t floor = 0;
  std::uint64_t event_floor = 0;
  const std::int64_t start_us = clock_.utc_us();
  {
    const auto store = open_store(made, told_);
    while (clock_.utc_us() - start_us < 1'000'000'000) {
      write(*store, 100);
      settle(*store);
      build_all(*store);
    }
    clock_.advance(11'000'000);
    build_all(*store);
    floor = store->floor();
    event_floor = store->event_floor();
    EXPECT_GT(event_floor, 1u);
    EXPECT_GT(floor, event_floor);
  }
  const auto store = open_store(made, told_);
  EXPECT_EQ(store->floor(), floor);
  EXPECT_EQ(store->event_floor(), event_floor);
  std::vector<std::uint64_t> seqs;
  ASSERT_TRUE(store
                  ->read_kept(0, UINT64_MAX, SIZE_MAX,
                              [&](std::uint64_t seq, Bytes) { seqs.push_back(seq); })
                  .ok());
  std::vector<std::uint64_t> expected;
  for (const KeptIn& kept : source_.kept) {
    if (kept.seq >= event_floor) expected.push_back(kept.seq);
  }
  EXPECT_EQ(seqs, expected);
  EXPECT_LT(seqs.front(), floor);
  // By time: events above their floor, fixes above theirs.
  std::size_t events = 0;
  ASSERT_TRUE(store
                  ->read_event_refs(INT64_MIN, INT64_MAX,
                                    [&](SeqTime ref) {
                                      EXPECT_GE(ref.seq, event_floor);
                                      return ++events > 0;
                                    })
                  .ok());
  EXPECT_EQ(events, expected.size());
  std::size_t fixes = 0;
  ASSERT_TRUE(store
                  ->read_track_refs("", INT64_MIN, INT64_MAX,
                                    [&](SeqTime ref) {
                                      EXPECT_GE(ref.seq, floor);
                                      return ++fixes > 0;
                                    })
                  .ok());
  EXPECT_EQ(fixes, static_cast<std::size_t>(
                       std::count_if(source_.fixes.begin(), source_.fixes.end(),
                                     [&](const FixIn& fix) { return fix.seq >= floor; })));
}

}  // namespace
}  // namespace vigie::store::test
