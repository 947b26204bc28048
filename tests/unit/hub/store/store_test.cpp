// The way of bodies: handed over, durable, read again, in the same and in the next life.

#include "hub/store/store.h"

#include <gmock/gmock.h>

#include <thread>

#include "tests/unit/hub/store/world.h"

namespace vigie::store::test {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  StoreOptions options() {
    StoreOptions made;
    made.directory = folder_.path();
    made.clock = &clock_;
    made.free_bytes_min = 0;
    return made;
  }
  void submit(Store& store, std::size_t bodies, std::size_t fixes = 10, std::size_t kept = 1) {
    for (std::size_t i = 0; i < bodies; ++i) {
      store.submit(source_.body(clock_.utc_us(), fixes, 5, kept));
      clock_.advance(100'000);
    }
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  Told told_;
  Source source_{1};
};

TEST_F(StoreTest, new_log_is_empty_and_begins_at_seq_one) {
  const auto store = open_store(options(), told_);
  EXPECT_EQ(store->recovery().last_seq, 0u);
  EXPECT_EQ(store->recovery().next_seq, 1u);
  EXPECT_FALSE(store->recovery().after_crash);
  EXPECT_NE(store->recovery().log.high(), 0u);
  EXPECT_TRUE(read_log(*store).bodies.empty());
  EXPECT_EQ(store->seq_at_known(0).value(), 1u);
}

TEST_F(StoreTest, durable_is_told_after_the_commit_and_bodies_come_back_in_order) {
  const auto store = open_store(options(), told_);
  submit(*store, 50);
  EXPECT_EQ(told_.durable, 0u);
  EXPECT_GT(store->queued_bytes(), 0u);
  EXPECT_TRUE(read_log(*store).bodies.empty());
  EXPECT_EQ(store->write_step(0), 50u);
  EXPECT_EQ(told_.durable, source_.next_seq() - 1);
  EXPECT_EQ(store->durable_seq(), source_.next_seq() - 1);
  EXPECT_EQ(store->queued_bytes(), 0u);
  const ReadLog read = read_log(*store);
  ASSERT_EQ(read.bodies.size(), 50u);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(read.bodies[i].first, source_.bodies[i].first);
    EXPECT_EQ(read.bodies[i].second, source_.bodies[i].last);
  }
}

TEST_F(StoreTest, a_reader_finds_the_body_that_holds_a_seq_wherever_it_lies_in_its_row) {
  const auto store = open_store(options(), told_);
  for (int i = 0; i < 20; ++i) {
    submit(*store, 7);
    write_all(*store);
  }
  for (const BodyIn& body : source_.bodies) {
    for (const std::uint64_t seq : {body.first, (body.first + body.last) / 2, body.last}) {
      const auto reader = store->log_reader();
      reader->seek(seq);
      const auto found = reader->next();
      ASSERT_TRUE(found.ok());
      EXPECT_EQ(header(*found).first_seq(), body.first);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(found->data()) % 8, 0u);
    }
  }
  EXPECT_TRUE(read_log(*store, source_.next_seq()).bodies.empty());
}

TEST_F(StoreTest, a_reader_sees_what_was_durable_at_its_seek_and_the_rest_after_the_next) {
  const auto store = open_store(options(), told_);
  submit(*store, 2);
  write_all(*store);
  const auto reader = store->log_reader();
  reader->seek(1);
  submit(*store, 1);
  write_all(*store);
  ASSERT_FALSE(reader->next()->empty());
  ASSERT_FALSE(reader->next()->empty());
  EXPECT_TRUE(reader->next()->empty());
  reader->seek(source_.bodies[2].first);
  EXPECT_EQ(header(*reader->next()).first_seq(), source_.bodies[2].first);
}

TEST_F(StoreTest, clean_end_goes_on_at_the_next_seq_and_keeps_the_log_id) {
  wire::LogId id;
  {
    const auto store = open_store(options(), told_);
    id = store->recovery().log;
    submit(*store, 10);
    write_all(*store);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  const auto store = open_store(options(), told_);
  EXPECT_EQ(store->recovery().log.low(), id.low());
  EXPECT_EQ(store->recovery().last_seq, source_.next_seq() - 1);
  EXPECT_EQ(store->recovery().next_seq, source_.next_seq());
  EXPECT_EQ(store->recovery().last_known_time_us, source_.bodies.back().known_us);
  EXPECT_FALSE(store->recovery().after_crash);
}

TEST_F(StoreTest, after_a_crash_no_seq_that_may_have_been_given_out_is_given_out_again) {
  std::uint64_t highest = 0;
  for (int life = 0; life < 5; ++life) {
    const auto store = open_store(options(), told_);
    EXPECT_EQ(store->recovery().after_crash, life != 0);
    EXPECT_GT(store->recovery().next_seq, highest);
    const std::uint64_t next = store->recovery().next_seq;
    source_.go_on_at(next);
    submit(*store, 3);
    write_all(*store);
    highest = store->reserved_end(source_.next_seq()) - 1;  // any of these may be out
  }
}

TEST_F(StoreTest, the_front_is_given_the_next_block_by_the_writer_or_takes_it_itself) {
  const auto store = open_store(options(), told_);
  const std::uint64_t end = store->reserved_end(1);
  EXPECT_EQ(end, 1 + limits::kSeqBlock);
  // Past the half: asked for, and taken along with the next commit.
  EXPECT_EQ(store->reserved_end(end - 10), end);
  store->write_step(0);
  EXPECT_EQ(store->reserved_end(end - 10), end - 10 + limits::kSeqBlock);
  // Used up with no commit between: the front reserves.
  const std::uint64_t used_up = end - 10 + limits::kSeqBlock;
  EXPECT_EQ(store->reserved_end(used_up), used_up + limits::kSeqBlock);
}

TEST_F(StoreTest, kept_entries_are_read_apart_from_fixes_in_portions) {
  const auto store = open_store(options(), told_);
  submit(*store, 40, 20, 3);
  write_all(*store);
  std::vector<std::uint64_t> seqs;
  std::uint64_t after = 0;
  int portions = 0;
  while (after < store->durable_seq()) {
    const auto got = store->read_kept(after, UINT64_MAX, 2000, [&](std::uint64_t seq, Bytes body) {
      EXPECT_TRUE(verify_body(body).ok());
      EXPECT_EQ(header(body).first_seq(), seq);
      seqs.push_back(seq);
    });
    ASSERT_TRUE(got.ok());
    ASSERT_GT(*got, after);
    after = *got;
    ++portions;
  }
  EXPECT_GT(portions, 5);
  ASSERT_EQ(seqs.size(), source_.kept.size());
  for (std::size_t i = 0; i < seqs.size(); ++i) EXPECT_EQ(seqs[i], source_.kept[i].seq);
}

TEST_F(StoreTest, recovery_folds_what_the_log_holds) {
  Picture whole;
  Ledger ledger;
  {
    const auto store = open_store(options(), told_);
    for (int i = 0; i < 30; ++i) {
      const BodyPtr body = source_.body(clock_.utc_us(), 20, 5, 2);
      whole.fold(body->bytes());
      ledger.fold(body->bytes());
      store->submit(body);
    }
    write_all(*store);
  }
  const auto store = open_store(options(), told_);
  Picture picture;
  Ledger settled;
  ASSERT_TRUE(store->recover(picture, settled).ok());
  ASSERT_EQ(picture.units().size(), whole.units().size());
  for (const Unit& unit : whole.units()) {
    EXPECT_EQ(picture.find_unit(unit.name)->seq, unit.seq);
    EXPECT_EQ(picture.find_unit(unit.name)->count, unit.count);
  }
  EXPECT_EQ(picture.states().size(), whole.states().size());
  EXPECT_EQ(settled.find({7, 7})->settled, ledger.find({7, 7})->settled);
}

TEST_F(StoreTest, a_second_hub_on_the_same_directory_is_refused) {
  const auto store = open_store(options(), told_);
  const auto second = Store::open(options(), {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.fault().code, FaultCode::Io);
  EXPECT_THAT(second.fault().sentence, ::testing::HasSubstr(folder_.path()));
  EXPECT_THAT(second.fault().sentence, ::testing::HasSubstr("another hub"));
}

TEST_F(StoreTest, stop_ends_a_wait_and_what_was_submitted_is_durable_when_a_step_returns_nothing) {
  SystemClock system;
  StoreOptions made = options();
  made.clock = &system;
  std::atomic<std::uint64_t> durable{0};
  auto store = Store::open(made, {.durable = [&](Durable d) { durable.store(d.seq); },
                                  .disk_full = {},
                                  .space_again = {},
                                  .broken = {}});
  ASSERT_TRUE(store.ok());
  std::atomic<bool> stopping{false};
  std::thread writer([&] {
    while (true) {
      const bool last = stopping.load();
      if ((*store)->write_step(60'000'000) == 0 && last) break;
    }
  });
  for (int i = 0; i < 5000; ++i) {
    (*store)->submit(source_.body(system.utc_us(), 1, 5));
    if (i % 100 == 0) {
      while (durable.load() < source_.next_seq() - 1) std::this_thread::yield();
    }
  }
  stopping.store(true);
  (*store)->stop();
  writer.join();
  EXPECT_EQ((*store)->durable_seq(), source_.next_seq() - 1);
  EXPECT_EQ(read_log(**store).bodies.size(), 5000u);
}

TEST_F(StoreTest, figures_name_the_queue_the_index_and_what_rocksdb_says) {
  const auto store = open_store(options(), told_);
  submit(*store, 5);
  write_all(*store);
  std::map<std::string, double> figures;
  for (const auto& [name, value] : store->figures()) figures[name] = value;
  EXPECT_EQ(figures.at("bodies_total"), 5.0);
  EXPECT_EQ(figures.at("queued_bytes"), 0.0);
  EXPECT_EQ(figures.at("built_lag_entries"), static_cast<double>(source_.next_seq() - 1));
  EXPECT_GT(figures.at("wal_bytes"), 0.0);
  EXPECT_GT(figures.at("free_bytes"), 0.0);
  EXPECT_TRUE(figures.contains("memtable_bytes"));
}

}  // namespace
}  // namespace vigie::store::test
