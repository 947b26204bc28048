// A checkpoint and the log behind it are the whole fold, now and at any past moment.

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/hub/store/pictures.h"
#include "tests/unit/hub/store/world.h"
#include "tests/unit/support/fault_file_system.h"

namespace vigie::store::test {
namespace {

class CheckpointsTest : public ::testing::Test {
 protected:
  CheckpointsTest() : seed_(test_seed()), source_(seed_) {}
  StoreOptions options() {
    StoreOptions made;
    made.directory = folder_.path();
    made.clock = &clock_;
    made.env = env_.env();
    made.free_bytes_min = 0;
    made.checkpoint_entries = 500;
    return made;
  }
  void write(Store& store, std::size_t bodies, std::size_t units = 20) {
    for (std::size_t i = 0; i < bodies; ++i) {
      const BodyPtr body =
          source_.body(clock_.utc_us(), 1 + source_.below(40), units, source_.below(3));
      log_.push_back(body);
      store.submit(body);
      clock_.advance(50'000);
    }
    write_all(store);
  }
  /// The plain fold of everything that was written, up to a seq at a body's end.
  std::pair<Picture, Ledger> plain_fold(std::uint64_t through) const {
    std::pair<Picture, Ledger> fold;
    for (const BodyPtr& body : log_) {
      if (body->last_seq() > through) break;
      fold.first.fold(body->bytes());
      fold.second.fold(body->bytes());
    }
    return fold;
  }
  double figure(const Store& store, std::string_view wanted) const {
    for (const auto& [name, value] : store.figures()) {
      if (name == wanted) return value;
    }
    ADD_FAILURE() << wanted;
    return 0;
  }

  const std::uint64_t seed_;
  vigie::test::FaultEnv env_{true};
  TemporaryFolder folder_;
  FakeClock clock_;
  Told told_;
  Source source_;
  std::vector<BodyPtr> log_;
};

TEST_F(CheckpointsTest, start_folds_the_newest_checkpoint_and_the_log_behind_it) {
  for (int life = 0; life < 5; ++life) {
    SCOPED_TRACE(seed_);
    const auto store = open_store(options(), told_);
    Picture picture;
    Ledger ledger;
    ASSERT_TRUE(store->recover(picture, ledger).ok());
    const auto plain = plain_fold(UINT64_MAX);
    expect_same(plain.first, picture);
    expect_same(plain.second, ledger);
    source_.go_on_at(store->recovery().next_seq);
    write(*store, 100);
    build_all(*store);
    write(*store, 10);
    EXPECT_GE(figure(*store, "checkpoints"), 1.0);
  }
}

TEST_F(CheckpointsTest, picture_at_any_past_seq_is_the_fold_up_to_it) {
  const auto store = open_store(options(), told_);
  for (int i = 0; i < 20; ++i) {
    write(*store, 20);
    build_all(*store);
  }
  EXPECT_GE(figure(*store, "checkpoints"), 5.0);
  for (int i = 0; i < 40; ++i) {
    const std::uint64_t seq = log_[source_.below(log_.size())]->last_seq();
    SCOPED_TRACE(testing::Message() << "seq " << seq << " seed " << seed_);
    Picture picture;
    ASSERT_TRUE(store->picture_at(seq, picture).ok());
    expect_same(plain_fold(seq).first, picture);
  }
  Picture before_all;
  ASSERT_TRUE(store->picture_at(0, before_all).ok());
  EXPECT_TRUE(before_all.units().empty());
}

TEST_F(CheckpointsTest, picture_within_a_body_holds_nothing_beyond_its_seq) {
  const auto store = open_store(options(), told_);
  write(*store, 60);
  build_all(*store);
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t seq = 1 + source_.below(source_.next_seq() - 1);
    Picture picture;
    ASSERT_TRUE(store->picture_at(seq, picture).ok());
    EXPECT_EQ(picture.last_seq(), seq);
    std::map<std::string, std::uint32_t> counts;
    for (const FixIn& fix : source_.fixes) counts[fix.unit] += fix.seq <= seq ? 1 : 0;
    for (const auto& [name, count] : counts) {
      const Unit* unit = picture.find_unit(name);
      EXPECT_EQ(unit == nullptr ? 0 : unit->count, count) << name << " seq " << seq;
    }
    for (const Unit& unit : picture.units()) EXPECT_LE(unit.seq, seq);
    for (const RetainedState& state : picture.states()) EXPECT_LE(state.seq, seq);
  }
}

TEST_F(CheckpointsTest, checkpoint_that_was_not_finished_is_not_used) {
  {
    const auto store = open_store(options(), told_);
    write(*store, 2000, 1000);  // some pages, so some steps
    // Into the writing of a checkpoint, and not to its end.
    while (figure(*store, "checkpoint_seq") == 0 && figure(*store, "table_bytes") < 1e12) {
      const double before = figure(*store, "memtable_bytes");
      if (store->build_step() == 0) break;
      if (figure(*store, "memtable_bytes") > before + 100'000) break;
    }
    EXPECT_EQ(figure(*store, "checkpoint_seq"), 0.0);
  }
  const auto store = open_store(options(), told_);
  Picture picture;
  Ledger ledger;
  ASSERT_TRUE(store->recover(picture, ledger).ok());
  expect_same(plain_fold(UINT64_MAX).first, picture);
  build_all(*store);
  EXPECT_GE(figure(*store, "checkpoints"), 1.0);
}

TEST_F(CheckpointsTest, checkpoint_is_due_by_known_time_too) {
  StoreOptions made = options();
  made.checkpoint_entries = 1'000'000;
  made.checkpoint_interval_us = 3'600'000'000;
  const auto store = open_store(made, told_);
  write(*store, 50);
  build_all(*store);
  EXPECT_EQ(figure(*store, "checkpoints"), 0.0);
  clock_.advance(3'700'000'000);
  write(*store, 1);
  build_all(*store);
  EXPECT_EQ(figure(*store, "checkpoints"), 1.0);
}

TEST_F(CheckpointsTest, a_start_on_old_log_makes_one_when_it_has_caught_up) {
  StoreOptions made = options();
  made.checkpoint_entries = 1'000'000;
  {
    const auto store = open_store(made, told_);
    write(*store, 5000);
  }
  clock_.advance(14 * 3'600'000'000ll);
  const auto store = open_store(made, told_);
  build_all(*store);
  EXPECT_EQ(figure(*store, "checkpoints"), 1.0);
}

TEST_F(CheckpointsTest, those_that_only_time_called_for_thin_out_after_a_day) {
  StoreOptions made = options();
  made.checkpoint_entries = 2000;
  const auto store = open_store(made, told_);
  for (int hour = 0; hour < 60; ++hour) {
    clock_.advance(3'600'000'001);
    write(*store, 5);
    build_all(*store);
  }
  const double entries = static_cast<double>(source_.next_seq());
  EXPECT_LT(figure(*store, "checkpoints"), 24 + 4 + entries / 1000);
  EXPECT_GE(figure(*store, "checkpoints"), 20);
  const std::uint64_t seq = log_[log_.size() / 3]->last_seq();
  Picture picture;
  ASSERT_TRUE(store->picture_at(seq, picture).ok());
  expect_same(plain_fold(seq).first, picture);
}

}  // namespace
}  // namespace vigie::store::test
