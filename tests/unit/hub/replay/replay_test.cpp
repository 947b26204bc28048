// Promise 7: a replay gives the messages of its range, in order, at any speed, and can be paused,
// sought and stopped (replay_control_test.cpp).

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/hub/replay/replay_desk.h"
#include "tests/unit/schemas/samples.h"
#include "tests/unit/schemas/seed.h"

namespace vigie::replay {
namespace {

class Replay : public testing::TestWithParam<int> {};

TEST_P(Replay, by_known_time_gives_exactly_the_range_in_order_of_seq) {
  Desk desk(test::seed() + static_cast<std::uint64_t>(GetParam()));
  const std::int64_t first_us = desk.store.log.front()->known_time_us();
  const std::int64_t from_us = first_us + desk.world.pick(40'000'000);
  const std::int64_t until_us = from_us + 1 + desk.world.pick(60'000'000);
  ASSERT_TRUE(desk.workers.post(desk.start(wire::StartKind::KnownTime, from_us, until_us)));
  desk.run(true);
  std::vector<EntryRow> wanted = desk.wanted();
  std::erase_if(wanted, [&](const EntryRow& row) {
    return row.known_us < from_us || row.known_us >= until_us;
  });
  EXPECT_EQ(desk.rows, wanted);
  EXPECT_TRUE(desk.ended());
  EXPECT_EQ(desk.states.back().sent, wanted.size());
}

TEST_P(Replay, by_true_time_gives_exactly_the_range_in_its_order_late_fixes_in_their_place) {
  Desk desk(test::seed() + static_cast<std::uint64_t>(GetParam()));
  const std::int64_t from_us =
      desk.store.log.front()->known_time_us() - desk.world.pick(300'000'000);
  const std::int64_t until_us = from_us + 1 + desk.world.pick(600'000'000);
  ASSERT_TRUE(desk.workers.post(desk.start(wire::StartKind::TrueTime, from_us, until_us)));
  desk.run(true);
  std::vector<EntryRow> wanted = desk.wanted();
  std::erase_if(wanted, [&](const EntryRow& row) {
    return row.corrected_us < from_us || row.corrected_us >= until_us;
  });
  const auto by_time = [](const EntryRow& a, const EntryRow& b) {
    return std::tie(a.corrected_us, a.seq) < std::tie(b.corrected_us, b.seq);
  };
  std::sort(wanted.begin(), wanted.end(), by_time);
  // Within one body of a frame entries stand by class; their set and the order of the frames are
  // what counts.
  std::vector<EntryRow> got = desk.rows;
  std::sort(got.begin(), got.end(), by_time);
  EXPECT_EQ(got, wanted);
  EXPECT_TRUE(desk.ended());
}

TEST_P(Replay, never_sends_beyond_its_credit_and_goes_on_when_granted) {
  Desk desk(test::seed() + static_cast<std::uint64_t>(GetParam()));
  ASSERT_TRUE(desk.workers.post(desk.start(wire::StartKind::KnownTime, 0, 0)));
  desk.run(false);
  EXPECT_LE(desk.sent_bytes, desk.granted);
  desk.run(true);
  EXPECT_EQ(desk.rows, desk.wanted());
}

TEST_P(Replay, a_picture_as_known_equals_the_fold_of_what_was_known) {
  const SourceRanks ranks = test::RandomWorld::ranks();
  Desk desk(test::seed() + static_cast<std::uint64_t>(GetParam()), &ranks);
  const std::int64_t at_us = desk.store.log.front()->known_time_us() + desk.world.pick(80'000'000);
  desk.run_picture(wire::StartKind::KnownTime, at_us);
  Picture wanted;
  for (const BodyPtr& body : desk.store.log) {
    if (body->known_time_us() <= at_us) wanted.fold(body->bytes());
  }
  for (const Unit& unit : wanted.units()) {
    const ChannelKey& channel = wanted.channels()[unit.channel];
    const bool shown =
        unit.seq != 0 && desk.view->takes_unit(unit.name) &&
        desk.view->takes_channel(MessageClass::Track, channel.owner, channel.group) &&
        desk.view->permits({.message_class = MessageClass::Track,
                            .owner = channel.owner,
                            .group = channel.group,
                            .unit = unit.name,
                            .known_us = unit.stamp.known_time_us(),
                            .position = AccessPoint{unit.fix.lat_e7(), unit.fix.lon_e7()}},
                           at_us);
    const Unit* got = desk.past.find_unit(unit.name);
    EXPECT_EQ(got == nullptr ? 0 : got->seq, shown ? unit.seq : 0) << unit.name;
  }
}

TEST_P(Replay, a_picture_as_it_truly_was_also_holds_what_came_in_later) {
  Desk desk(test::seed() + static_cast<std::uint64_t>(GetParam()));
  desk.view = std::make_shared<const View>();
  const std::int64_t at_us = desk.store.log.front()->known_time_us() + desk.world.pick(80'000'000);
  desk.run_picture(wire::StartKind::TrueTime, at_us);
  std::map<std::string, std::pair<std::int64_t, std::uint64_t>>
      newest;  // unit: greatest (order, seq) at or before
  for (const BodyPtr& body : desk.store.log) {
    BlockWalk walk(body->bytes());
    while (const auto block = walk.next()) {
      for (const auto* section : each(block->batch().fixes())) {
        for (flatbuffers::uoffset_t i = 0; i < section->fixes()->size(); ++i) {
          const wire::Fix& fix = *section->fixes()->Get(i);
          const std::int64_t order =
              order_us(fix.true_time_us(), fix.clock(), section->stamp()->clock_offset_us(),
                       section->stamp()->known_time_us());
          if (order > at_us) continue;
          auto& best = newest[section->unit()->str()];
          best = std::max(best, {order, section->stamp()->first_seq() + i});
        }
      }
    }
  }
  for (const auto& [unit, best] : newest) {
    const Unit* got = desk.past.find_unit(unit);
    ASSERT_NE(got, nullptr) << unit;
    EXPECT_EQ(got->seq, best.second) << unit;
  }
}

TEST(PastPicture, of_what_came_in_later_what_stood_aside_stands_aside) {
  Desk desk(test::seed());
  desk.view = std::make_shared<const View>();
  const std::int64_t at_us = desk.world.known_us();
  std::uint64_t seq = desk.store.log.back()->last_seq();
  // A late fix, and then a newer one that did not move the unit when it came.
  for (const auto& [mark, back_us] :
       {std::pair{wire::FixMark::Late, 2}, std::pair{wire::FixMark::Aside, 1}}) {
    std::vector<wire::Fix> fixes{test::make_fix(at_us - back_us)};
    fixes[0].mutate_marks(static_cast<std::uint8_t>(mark));
    desk.submit_fixes("two/sources", ++seq, at_us + 1, fixes);
  }
  desk.store.sync();
  desk.run_picture(wire::StartKind::TrueTime, at_us);
  const Unit* got = desk.past.find_unit("two/sources");
  ASSERT_NE(got, nullptr) << "a page's fix bears no mark that would keep a console from showing it";
  EXPECT_EQ(got->seq, seq - 1);
}

TEST(PastPicture, holds_what_came_in_later_however_much_it_is) {
  Desk desk(test::seed());
  desk.view = std::make_shared<const View>();
  const std::int64_t at_us = desk.world.known_us();
  const std::uint64_t known_through = desk.store.log.back()->last_seq();
  constexpr std::uint64_t kFixes = 250'000;
  std::uint64_t newest = 0;
  for (std::uint64_t sent = 0; sent < kFixes; sent += 5'000) {
    std::vector<wire::Fix> fixes(5'000, test::make_fix());
    const std::uint64_t first = known_through + 1 + sent;
    for (std::uint64_t i = 0; i < fixes.size(); ++i) {
      // All of one second, and the newest among the last that came.
      const bool is_newest = sent + i == kFixes - 17;
      const auto back_us = is_newest ? 0 : 1 + static_cast<std::int64_t>((sent + i) % 1'000'000);
      fixes[i].mutate_true_time_us(at_us - back_us);
      if (is_newest) newest = first + i;
    }
    desk.submit_fixes("late/one", first, at_us + 1, fixes);
  }
  desk.store.sync();
  desk.run_picture(wire::StartKind::TrueTime, at_us);
  const Unit* got = desk.past.find_unit("late/one");
  ASSERT_NE(got, nullptr);
  EXPECT_EQ(got->seq, newest);
}

INSTANTIATE_TEST_SUITE_P(Worlds, Replay, testing::Range(0, 12));

TEST_P(Replay, paused_at_full_speed_it_tells_a_time_before_which_all_was_sent) {
  for (const auto kind : {wire::StartKind::KnownTime, wire::StartKind::TrueTime}) {
    Desk desk(test::seed() + static_cast<std::uint64_t>(GetParam()));
    const std::int64_t from_us = desk.store.log.front()->known_time_us() - 300'000'000;
    ASSERT_TRUE(desk.workers.post(desk.start(kind, from_us, 0)));
    for (std::int64_t steps = desk.world.pick(6); steps >= 0; --steps) desk.workers.step(0);
    ASSERT_TRUE(
        desk.workers.post(Steer{.session = 1, .request = 5, .kind = wire::ControlKind::Pause}));
    desk.run(false);
    ASSERT_FALSE(desk.states.empty());
    EXPECT_EQ(desk.states.back().request, 5u);
    const std::int64_t reached_us = desk.states.back().time_us;
    std::vector<EntryRow> before = desk.wanted();
    std::erase_if(before, [&](const EntryRow& row) {
      const bool by_known = kind == wire::StartKind::KnownTime;
      const std::int64_t at_us = by_known ? row.known_us : row.corrected_us;
      return at_us < from_us || at_us >= reached_us;
    });
    std::sort(desk.rows.begin(), desk.rows.end());
    EXPECT_TRUE(std::includes(desk.rows.begin(), desk.rows.end(), before.begin(), before.end()));
  }
}

}  // namespace
}  // namespace vigie::replay
