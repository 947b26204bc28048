// Retention drops the oldest, whole files at a time, behind a floor that only rises and is known.

#include "tests/unit/hub/store/files.h"

namespace vigie::store::test {
namespace {

using RetentionTest = FilesTest;

TEST_F(RetentionTest, disk_budget_drops_the_oldest_files_and_the_floor_only_rises) {
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

TEST_F(RetentionTest, events_outlive_tracks_by_their_own_age_and_the_floors_survive_a_restart) {
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
  // And the times say so: what was known at or before them is gone, what is left came after.
  const Gone gone = store->gone();
  for (const BodyIn& body : source_.bodies) {
    EXPECT_EQ(body.last >= floor, body.known_us > gone.track_known_us);
    EXPECT_TRUE(body.first < event_floor || body.known_us > gone.event_known_us);
    EXPECT_TRUE(body.last >= event_floor || body.known_us <= gone.track_known_us);
  }
  EXPECT_LE(gone.event_known_us, gone.track_known_us);
  EXPECT_GT(gone.event_known_us, start_us);
  // By time: events above their floor, fixes above theirs.
  std::size_t events = 0;
  ASSERT_TRUE(store
                  ->read_event_refs({INT64_MIN, INT64_MAX},
                                    [&](SeqTime ref) {
                                      EXPECT_GE(ref.seq, event_floor);
                                      return ++events > 0;
                                    })
                  .ok());
  EXPECT_EQ(events, expected.size());
  std::size_t fixes = 0;
  ASSERT_TRUE(store
                  ->read_track_refs("", {INT64_MIN, INT64_MAX},
                                    [&](SeqTime ref) {
                                      EXPECT_GE(ref.seq, floor);
                                      return ++fixes > 0;
                                    })
                  .ok());
  EXPECT_EQ(fixes, static_cast<std::size_t>(
                       std::count_if(source_.fixes.begin(), source_.fixes.end(),
                                     [&](const FixIn& fix) { return fix.seq >= floor; })));
}

TEST_F(RetentionTest, a_clock_that_leaps_ahead_drops_nothing_until_it_has_kept_to_it_for_an_hour) {
  constexpr std::int64_t kHourUs = 3600 * kMicrosecondsPerSecond;
  StoreOptions made = options();
  made.retention.track_age_us = made.retention.event_age_us = 48 * kHourUs;
  const auto store = open_store(made, told_);
  write(*store, 3500);  // more than a stretch of the indexes
  build_all(*store);
  settle(*store);
  clock_.leap(365 * 24 * kHourUs);
  for (int minute = 0; minute < 59; ++minute) {
    build_all(*store);
    clock_.advance(kHourUs / 60);
  }
  EXPECT_EQ(store->floor(), 1u);
  for (int minute = 0; minute < 3; ++minute) {
    clock_.advance(kHourUs / 60);
    build_all(*store);
  }
  EXPECT_GT(store->floor(), 1u);
}

TEST_F(RetentionTest, a_restart_does_not_forget_that_the_clock_has_leapt) {
  constexpr std::int64_t kHourUs = 3600 * kMicrosecondsPerSecond;
  StoreOptions made = options();
  made.retention.track_age_us = made.retention.event_age_us = 48 * kHourUs;
  {
    const auto store = open_store(made, told_);
    write(*store, 3500);
    build_all(*store);
    clock_.leap(365 * 24 * kHourUs);
    write(*store, 4);  // known by the leapt clock
    build_all(*store);
  }
  const auto store = open_store(made, told_);
  source_.go_on_at(store->recovery().next_seq);
  for (int minute = 0; minute < 30; ++minute) {
    build_all(*store);
    clock_.advance(kHourUs / 60);
  }
  EXPECT_EQ(store->floor(), 1u);
  EXPECT_EQ(store->event_floor(), 1u);
}

TEST_F(RetentionTest, a_hub_that_is_used_for_less_than_an_hour_at_a_time_comes_to_trust_its_clock) {
  constexpr std::int64_t kHourUs = 3600 * kMicrosecondsPerSecond;
  StoreOptions made = options();
  made.retention.track_age_us = made.retention.event_age_us = 48 * kHourUs;
  for (int used = 0; used < 4; ++used) {
    const auto store = open_store(made, told_);
    source_.go_on_at(store->recovery().next_seq);
    if (used == 0) write(*store, 3500);
    for (int minute = 0; minute < 25; ++minute) {
      build_all(*store);
      clock_.advance(kHourUs / 60);
    }
    if (used < 3) {
      EXPECT_EQ(store->floor(), 1u) << "use " << used;
    } else {
      EXPECT_GT(store->floor(), 1u);
    }
    clock_.leap(7 * 24 * kHourUs);
  }
}

TEST_F(RetentionTest, what_is_too_old_goes_though_nothing_new_comes) {
  constexpr std::int64_t kHourUs = 3600 * kMicrosecondsPerSecond;
  StoreOptions made = options();
  made.checkpoint_entries = 1'000'000;
  made.retention.track_age_us = made.retention.event_age_us = 48 * kHourUs;
  const auto store = open_store(made, told_);
  write(*store, 20);
  for (int hour = 0; hour < 47; ++hour) {
    clock_.advance(kHourUs);
    build_all(*store);
  }
  EXPECT_EQ(store->floor(), 1u);
  for (int hour = 0; hour < 2; ++hour) {
    clock_.advance(kHourUs);
    build_all(*store);
  }
  EXPECT_EQ(store->floor(), source_.next_seq());
  EXPECT_EQ(store->event_floor(), source_.next_seq());
  EXPECT_EQ(store->gone().track_known_us, source_.bodies.back().known_us);
}

}  // namespace
}  // namespace vigie::store::test
