// What the disk does to us: power cuts, full disks, failing syncs, and a damaged write-ahead log.

#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/unit/hub/store/world.h"
#include "tests/unit/support/fault_file_system.h"

namespace vigie::store::test {
namespace {

using ::testing::HasSubstr;

class FaultsTest : public ::testing::Test {
 protected:
  StoreOptions options(rocksdb::Env* env = nullptr) {
    StoreOptions made;
    made.directory = folder_.path();
    made.clock = &clock_;
    made.free_bytes_min = 0;
    made.env = env;
    return made;
  }
  /// Commits bodies one by one; returns how many became durable.
  std::size_t commit(Store& store, std::size_t bodies) {
    std::size_t durable = 0;
    for (std::size_t i = 0; i < bodies; ++i) {
      store.submit(source_.body(clock_.utc_us(), 3, 5, 1));
      durable += store.write_step(0);
      clock_.advance(1000);
    }
    return durable;
  }
  std::string newest_log() const {
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      const std::string path = entry.path().string();
      if (path.ends_with(".log") && std::filesystem::file_size(path) > 0) {
        newest = std::max(newest, path);
      }
    }
    return newest;
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  Told told_;
  Source source_{3};
};

TEST_F(FaultsTest, what_was_told_durable_survives_a_power_cut_at_any_sync) {
  for (std::uint64_t nth = 1; nth <= 25; ++nth) {
    SCOPED_TRACE(nth);
    vigie::test::FaultEnv env(true);
    Told told;
    Source source(nth);
    std::uint64_t highest_given = 0;
    {
      env.faults().cut_power_at_log_sync(nth);
      auto opened = Store::open(options(env.env()), told.notices());
      if (opened.ok()) {
        source.go_on_at((*opened)->recovery().next_seq);
        for (int i = 0; i < 30 && told.broken == 0; ++i) {
          (*opened)->submit(source.body(clock_.utc_us(), 3, 5, 1));
          (*opened)->write_step(0);
          while ((*opened)->build_step() != 0) {
          }
        }
        EXPECT_EQ(told.broken, 1);
        highest_given = source.next_seq() - 1;
      }
    }
    env.faults().drop_unsynced(nth % 3 * 50);
    const auto store = open_store(options(env.env()), told);
    ASSERT_NE(store, nullptr);
    EXPECT_GE(store->recovery().last_seq, told.durable);
    EXPECT_GT(store->recovery().next_seq, highest_given);
    const ReadLog read = read_log(*store);
    EXPECT_TRUE(read.faults.empty());
    std::uint64_t expected = 1;
    for (const auto& [first, last] : read.bodies) {
      EXPECT_EQ(first, expected);
      expected = last + 1;
    }
    EXPECT_GT(expected, told.durable);
  }
}

TEST_F(FaultsTest, failed_sync_stops_the_writer_for_good_and_the_next_start_goes_on) {
  vigie::test::FaultEnv env;
  {
    const auto store = open_store(options(env.env()), told_);
    EXPECT_EQ(commit(*store, 5), 5u);
    env.faults().fail_log_sync(1);
    EXPECT_EQ(commit(*store, 1), 0u);
    EXPECT_EQ(told_.broken, 1);
    EXPECT_THAT(told_.sentence, HasSubstr("unknown"));
    EXPECT_EQ(commit(*store, 3), 0u);
    EXPECT_EQ(told_.broken, 1);
    EXPECT_EQ(store->durable_seq(), source_.bodies[4].last);
    EXPECT_FALSE(store->close_clean(source_.next_seq()).ok());
  }
  const auto store = open_store(options(env.env()), told_);
  EXPECT_GE(store->recovery().last_seq, source_.bodies[4].last);
  EXPECT_GE(store->recovery().next_seq, source_.next_seq());
  EXPECT_TRUE(store->recovery().after_crash);
}

TEST_F(FaultsTest, failed_write_that_is_not_for_space_stops_the_writer) {
  vigie::test::FaultEnv env;
  const auto store = open_store(options(env.env()), told_);
  env.faults().fail_log_write(1);
  EXPECT_EQ(commit(*store, 1), 0u);
  EXPECT_EQ(told_.broken, 1);
  EXPECT_EQ(told_.disk_full, 0);
}

TEST_F(FaultsTest, low_space_is_noticed_before_rocksdb_finds_out_and_the_queue_is_kept) {
  vigie::test::FaultEnv env;
  StoreOptions made = options(env.env());
  made.free_bytes_min = 1 << 20;
  const auto store = open_store(made, told_);
  EXPECT_EQ(commit(*store, 2), 2u);
  env.faults().set_space(1000);
  clock_.advance(1'000'000);
  EXPECT_EQ(commit(*store, 3), 0u);
  EXPECT_EQ(told_.disk_full, 1);
  EXPECT_GT(store->queued_bytes(), 0u);
  EXPECT_EQ(store->build_step(), 0u);
  env.faults().set_space(UINT64_MAX);
  clock_.advance(1'000'000);
  write_all(*store);
  EXPECT_EQ(told_.space_again, 1);
  EXPECT_EQ(store->durable_seq(), source_.next_seq() - 1);
  EXPECT_EQ(store->queued_bytes(), 0u);
  EXPECT_EQ(read_log(*store).bodies.size(), 5u);
}

TEST_F(FaultsTest, what_found_no_space_is_written_under_the_same_seqs_when_there_is_some) {
  vigie::test::FaultEnv env;
  {
    const auto store = open_store(options(env.env()), told_);
    EXPECT_EQ(commit(*store, 4), 4u);
    env.faults().set_space(300);  // the next write is torn
    commit(*store, 4);
    EXPECT_EQ(told_.disk_full, 1);
    EXPECT_EQ(told_.broken, 0);
    EXPECT_THAT(told_.sentence, HasSubstr("space"));
    const std::uint64_t durable = store->durable_seq();
    EXPECT_LT(durable, source_.next_seq() - 1);
    // The front is not kept waiting for a block that can't be had.
    EXPECT_EQ(store->reserved_end(1), 1 + limits::kSeqBlock);
    env.faults().set_space(UINT64_MAX);
    // RocksDB looks at the space again after five seconds, on a thread of its own.
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (store->queued_bytes() != 0 && std::chrono::steady_clock::now() < give_up) {
      clock_.advance(200'000);
      if (store->write_step(0) == 0) std::this_thread::yield();
    }
    EXPECT_EQ(told_.space_again, 1);
    EXPECT_EQ(store->durable_seq(), source_.next_seq() - 1);
    EXPECT_EQ(commit(*store, 2), 2u);
    EXPECT_EQ(read_log(*store).bodies.size(), 10u);
  }
  const auto store = open_store(options(env.env()), told_);
  const ReadLog read = read_log(*store);
  ASSERT_EQ(read.bodies.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(read.bodies[i].first, source_.bodies[i].first);
}

TEST_F(FaultsTest, torn_tail_of_the_log_is_cut_off_and_the_start_goes_on) {
  {
    const auto store = open_store(options(), told_);
    commit(*store, 20);
  }
  const std::string path = newest_log();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 5);
  const auto store = open_store(options(), told_);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(read_log(*store).bodies.size(), 19u);
  EXPECT_TRUE(store->recovery().after_crash);
  EXPECT_GE(store->recovery().next_seq, source_.next_seq());
}

TEST_F(FaultsTest, a_cut_tail_is_no_damage_to_the_starts_after_it) {
  for (int life = 0; life < 4; ++life) {
    SCOPED_TRACE(life);
    {
      const auto store = open_store(options(), told_);
      ASSERT_NE(store, nullptr);
      source_.go_on_at(store->recovery().next_seq);
      commit(*store, 20);
    }
    const std::string path = newest_log();
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 5);
  }
  const auto store = open_store(options(), told_);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(read_log(*store).bodies.size(), 4 * 19u);
}

TEST_F(FaultsTest, tail_whose_length_is_there_but_not_its_bytes_is_cut_off_too) {
  {
    const auto store = open_store(options(), told_);
    commit(*store, 20);
  }
  const std::string path = newest_log();
  flip(path, std::filesystem::file_size(path) - 40);
  const auto store = open_store(options(), told_);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(read_log(*store).bodies.size(), 19u);
}

TEST_F(FaultsTest, flipped_byte_in_the_middle_of_the_log_stops_the_start_and_names_the_file) {
  {
    const auto store = open_store(options(), told_);
    commit(*store, 200);
  }
  const std::string path = newest_log();
  const std::uint64_t size = std::filesystem::file_size(path);
  // Payloads, headers and the first record alike; the last tenth could be the tail.
  for (std::uint64_t offset = 1; offset < size * 9 / 10; offset += size / 40) {
    SCOPED_TRACE(offset);
    flip(path, offset);
    const auto store = Store::open(options(), {});
    ASSERT_FALSE(store.ok());
    EXPECT_EQ(store.fault().code, FaultCode::Damaged);
    EXPECT_THAT(store.fault().sentence, HasSubstr(std::filesystem::path(path).filename().string()));
    flip(path, offset);
  }
  EXPECT_EQ(read_log(*open_store(options(), told_)).bodies.size(), 200u);
}

TEST_F(FaultsTest, flipped_byte_in_the_last_commit_before_a_clean_end_stops_the_start) {
  std::uint64_t before = 0;
  {
    const auto store = open_store(options(), told_);
    commit(*store, 20);
    before = std::filesystem::file_size(newest_log());
    commit(*store, 1);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  flip(newest_log(), before + 60);
  const auto store = Store::open(options(), {});
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.fault().code, FaultCode::Damaged);
}

TEST_F(FaultsTest, flipped_byte_in_the_last_commit_before_a_kill_stops_the_start_after_the_next) {
  std::string path;
  {
    const auto store = open_store(options(), told_);
    commit(*store, 20);
    path = newest_log();
  }
  static_cast<void>(open_store(options(), told_));  // comes up, takes nothing, and is killed
  ASSERT_NE(path, newest_log());
  flip(path, std::filesystem::file_size(path) - 40);
  const auto store = Store::open(options(), {});
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.fault().code, FaultCode::Damaged);
}

TEST_F(FaultsTest, what_a_start_found_is_not_lost_to_a_power_cut_after_it) {
  vigie::test::FaultEnv env(true);
  // A kill between writing and syncing: the kernel has the bytes, the disk does not.
  {
    const auto store = open_store(options(env.env()), told_);
    commit(*store, 3);
    env.faults().fail_log_sync(1);
    commit(*store, 1);
    ASSERT_EQ(told_.broken, 1);
  }
  std::uint64_t found = 0;
  {
    const auto store = open_store(options(env.env()), told_);
    found = store->recovery().last_seq;
    ASSERT_EQ(found, source_.next_seq() - 1);
    env.faults().cut_power();
  }
  env.faults().drop_unsynced();
  EXPECT_EQ(open_store(options(env.env()), told_)->recovery().last_seq, found);
}

TEST_F(FaultsTest, log_that_lost_its_end_in_a_finished_file_stops_the_start) {
  {
    const auto store = open_store(options(), told_);
    commit(*store, 100);
  }
  {
    // The next life writes on in a new file, which makes the old one's end the middle.
    const auto store = open_store(options(), told_);
    source_.go_on_at(store->recovery().next_seq);
    commit(*store, 100);
  }
  std::string oldest = newest_log();
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    const std::string path = entry.path().string();
    if (path.ends_with(".log") && std::filesystem::file_size(path) > 0) {
      oldest = std::min(oldest, path);
    }
  }
  ASSERT_NE(oldest, newest_log());
  std::filesystem::resize_file(oldest, std::filesystem::file_size(oldest) - 200);
  const auto store = Store::open(options(), {});
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.fault().code, FaultCode::Damaged);
}

}  // namespace
}  // namespace vigie::store::test
