#pragma once
// A store whose log lies in several small table files, which a test looks at and damages.

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "tests/unit/hub/store/pictures.h"
#include "tests/unit/hub/store/world.h"

namespace vigie::store::test {

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

}  // namespace vigie::store::test
