// Promise 7: a replay is paused, sought, and keeps its clock; what a console lacks is read again.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/hub/replay/replay_desk.h"
#include "tests/unit/schemas/samples.h"
#include "tests/unit/schemas/seed.h"

namespace vigie::replay {
namespace {

std::shared_ptr<const View> view_of(const std::string& unit) {
  wire::ViewT native;
  native.units.push_back(unit);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::View::Pack(builder, &native));
  RefusedRequest refused;
  return std::make_shared<const View>(
      *View::parse(flatbuffers::GetRoot<wire::View>(builder.GetBufferPointer()), refused));
}

TEST(ReplayControl, at_full_speed_the_clock_moves_though_nothing_of_the_log_is_visible) {
  for (const auto kind : {wire::StartKind::KnownTime, wire::StartKind::TrueTime}) {
    Desk desk(test::seed());
    desk.view = view_of("nobody/n1");
    const std::int64_t first_us = desk.store.log.front()->known_time_us();
    std::int64_t at_us = desk.store.log.back()->known_time_us();
    for (int bodies = 0; bodies < 3000; ++bodies) {
      at_us += 3'600'000'000;
      desk.submit_fixes("alpha/v1", desk.store.durable_seq() + 1, at_us, {test::make_fix(at_us)});
      desk.store.sync();
    }
    ASSERT_TRUE(desk.workers.post(desk.start(kind, first_us, 0)));
    desk.workers.step(0);
    ASSERT_FALSE(desk.ended());
    ASSERT_TRUE(
        desk.workers.post(Steer{.session = 1, .request = 5, .kind = wire::ControlKind::Pause}));
    desk.run(true);
    EXPECT_TRUE(desk.rows.empty());
    EXPECT_EQ(desk.states.back().phase, wire::ReplayPhase::Paused);
    EXPECT_GT(desk.states.back().time_us, first_us);
  }
}

TEST(ReplayControl, real_time_follows_the_clock_and_a_pause_holds_it) {
  Desk desk(test::seed());
  desk.view = std::make_shared<const View>();
  const std::int64_t first_us = desk.store.log.front()->known_time_us();
  Start start = desk.start(wire::StartKind::KnownTime, first_us, 0);
  start.speed = 2;
  ASSERT_TRUE(desk.workers.post(std::move(start)));
  desk.run(true);
  desk.clock.now_us += 10'000'000;
  desk.run(true);
  const auto due = [&](std::int64_t until_us) {
    std::vector<EntryRow> wanted = desk.wanted();
    std::erase_if(wanted, [&](const EntryRow& row) { return row.known_us > until_us; });
    return wanted.size();
  };
  EXPECT_EQ(desk.rows.size(), due(first_us + 20'000'000));
  ASSERT_TRUE(
      desk.workers.post(Steer{.session = 1, .request = 5, .kind = wire::ControlKind::Pause}));
  desk.run(true);
  EXPECT_EQ(desk.states.back().request, 5u);
  EXPECT_EQ(desk.states.back().phase, wire::ReplayPhase::Paused);
  const std::size_t held = desk.rows.size();
  desk.clock.now_us += 30'000'000;
  desk.run(true);
  EXPECT_EQ(desk.rows.size(), held);
  ASSERT_TRUE(
      desk.workers.post(Steer{.session = 1, .request = 6, .kind = wire::ControlKind::Resume}));
  desk.clock.now_us += 5'000'000;
  desk.run(true);
  desk.clock.now_us += 5'000'000;
  desk.run(true);
  EXPECT_EQ(desk.rows.size(), due(first_us + 30'000'000));
}

TEST(ReplayControl, from_the_beginning_the_clock_starts_at_the_first_entry) {
  for (const auto kind : {wire::StartKind::KnownTime, wire::StartKind::TrueTime}) {
    Desk desk(test::seed());
    desk.view = std::make_shared<const View>();
    Start start = desk.start(kind, 0, 0);
    start.speed = 1;
    ASSERT_TRUE(desk.workers.post(std::move(start)));
    desk.run(true);
    desk.clock.now_us += 1;  // the entries of the first microsecond are due
    desk.run(true);
    EXPECT_FALSE(desk.rows.empty());
    EXPECT_FALSE(desk.ended());
  }
}

TEST(ReplayControl, a_seek_is_answered_before_the_frames_that_obey_it_and_works_after_the_end) {
  Desk desk(test::seed());
  desk.view = std::make_shared<const View>();
  const std::int64_t first_us = desk.store.log.front()->known_time_us();
  ASSERT_TRUE(desk.workers.post(desk.start(wire::StartKind::KnownTime, first_us, 0)));
  desk.run(true);
  ASSERT_TRUE(desk.ended());
  const std::size_t before = desk.rows.size();
  const std::int64_t to_us = first_us + 30'000'000;
  ASSERT_TRUE(desk.workers.post(
      Steer{.session = 1, .request = 9, .kind = wire::ControlKind::Seek, .time_us = to_us}));
  desk.run(true);
  const auto answer = std::find_if(desk.states.begin(), desk.states.end(),
                                   [](const auto& s) { return s.request == 9; });
  ASSERT_NE(answer, desk.states.end());
  EXPECT_EQ(desk.rows_at_state[static_cast<std::size_t>(answer - desk.states.begin())], before);
  ASSERT_GT(desk.rows.size(), before);
  EXPECT_GE(desk.rows[before].known_us, to_us);
  EXPECT_TRUE(desk.ended());
}

TEST(ReplayControl, what_a_console_lacks_is_read_in_pieces_and_complete) {
  Desk desk(test::seed());
  std::vector<std::uint64_t> wanted;
  for (const BodyPtr& body : desk.store.log) {
    for_each_kept(body->bytes(), [&](std::uint64_t seq, Bytes) { wanted.push_back(seq); });
  }
  std::vector<std::uint64_t> got;
  std::uint64_t at = 0;
  Workers workers(1, desk.store, desk.clock, wire::LogId(7, 9), [&](Output&& output) {
    const auto& kept = std::get<KeptOut>(output);
    EXPECT_EQ(kept.after, at);
    at = kept.through;
    for (const BodyPtr& body : kept.bodies) {
      BlockWalk walk(body->bytes());
      std::vector<EntryRow> rows;
      while (const auto block = walk.next()) list_entries(*block, View(), rows);
      for (const EntryRow& row : rows) got.push_back(row.seq);
    }
    return true;
  });
  const std::uint64_t head = desk.store.durable_seq();
  for (int i = 0; i < 1000 && at < head; ++i) {
    ASSERT_TRUE(workers.post(ReadKept{.session = 1,
                                      .after = at,
                                      .through = head,
                                      .view = std::make_shared<const View>(),
                                      .frame_bytes_max = 700,
                                      .bytes_max = 1500}));
    workers.step(0);
  }
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, wanted);
}

}  // namespace
}  // namespace vigie::replay
