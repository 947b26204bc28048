// Promise 7: a replay gives the messages of its range, in order, at any speed, and can be paused,
// sought and stopped.

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "hub/replay/workers.h"
#include "schemas/messages/frame.h"
#include "tests/unit/schemas/samples.h"
#include "tests/unit/schemas/seed.h"
#include "tests/unit/support/memory_store.h"
#include "tests/unit/support/random_world.h"

namespace vigie::replay {
namespace {

using test::FakeClock;
using test::MemoryStore;

struct EntryRow {
  std::uint64_t seq;
  std::int64_t known_us;
  std::int64_t corrected_us;
  auto operator<=>(const EntryRow&) const = default;
};

/// Every entry of a body or frame that the view takes, in the order in which they stand.
void list_entries(const Block& block, const View& view, std::vector<EntryRow>& rows) {
  if (block.header->kind() != wire::BlockKind::Batch) return;
  const auto row = [&](const wire::Stamp& stamp, std::uint64_t step, std::int64_t true_us,
                       wire::Clock clock) {
    rows.push_back({stamp.first_seq() + step, stamp.known_time_us(),
                    corrected_true_time_us(true_us, clock, stamp.clock_offset_us())});
  };
  for (const auto* event : each(block.batch().events())) {
    if (view.takes_event(*event)) row(*event->stamp(), 0, event->true_time_us(), event->clock());
  }
  for (const auto* state : each(block.batch().states())) {
    if (view.takes_state(*state)) row(*state->stamp(), 0, state->true_time_us(), state->clock());
  }
  for (const auto* section : each(block.batch().fixes())) {
    if (!view.takes_section(*section)) continue;
    for (flatbuffers::uoffset_t i = 0; i < section->fixes()->size(); ++i) {
      const wire::Fix& fix = *section->fixes()->Get(i);
      if (!view.takes_fix(*section, fix)) continue;
      row(*section->stamp(), i, fix.true_time_us(), fix.clock());
    }
  }
}

/// A worker on a random log, and a console that takes what comes.
struct Desk {
  explicit Desk(std::uint64_t seed, const SourceRanks* ranks = nullptr) : world(seed) {
    for (int i = 0; i < 80; ++i) {
      BodyPtr body = world.body();
      Folded folded;
      const Bytes bytes = body->bytes();
      live.fold_and_mark({const_cast<std::byte*>(bytes.data()), bytes.size()}, folded, ranks);
      store.submit(body);
    }
    store.sync();
    clock.now_us = world.known_us() + 1'000'000;
    wire::ViewT native = world.view();
    native.area.reset();
    if (world.chance(50)) native = wire::ViewT();
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(wire::View::Pack(builder, &native));
    RefusedRequest refused;
    View parsed =
        *View::parse(flatbuffers::GetRoot<wire::View>(builder.GetBufferPointer()), refused);
    if (world.chance(50)) parsed.cut_to(world.entitlement());
    view = std::make_shared<const View>(std::move(parsed));
  }

  Start start(wire::StartKind kind, std::int64_t from_us, std::int64_t until_us) const {
    return {.session = 1,
            .mode = StartMode::Replay,
            .view = view,
            .clock = kind,
            .from_us = from_us,
            .until_us = until_us,
            .speed = 0,
            .paused = false,
            .frame_bytes_max = 8192,
            .granted_bytes = granted};
  }
  /// Lets the worker run until it has nothing to do at this moment; grants what is used when asked
  /// to.
  void run(bool grants) {
    for (int steps = 0; steps < 10'000; ++steps) {
      const std::size_t did = workers.step(0);
      if (grants && sent_bytes + 16384 > granted) {
        granted = sent_bytes + 32768;
        ASSERT_TRUE(workers.post(Grant{.session = 1, .granted_bytes = granted}));
      } else if (did == 0) {
        return;
      }
    }
    FAIL() << "the worker does not come to rest";
  }
  /// The picture of that moment comes to be in `past`.
  void run_picture(wire::StartKind by, std::int64_t at_us) {
    Start asked = start(by, at_us, 0);
    asked.mode = StartMode::PastPicture;
    ASSERT_TRUE(workers.post(std::move(asked)));
    run(true);
  }
  /// A body of one section, as the hub would have marked it.
  void submit_fixes(const std::string& unit, std::uint64_t first_seq, std::int64_t known_us,
                    const std::vector<wire::Fix>& fixes) {
    EntryWriter writer;
    writer.add_fixes({.unit = unit,
                      .group = "",
                      .stamp = wire::Stamp(first_seq, known_us, 0, 0, 0),
                      .spool = wire::Spool(3, 3),
                      .first_number = first_seq,
                      .fixes = fixes,
                      .readings = {},
                      .readings_bytes = 0});
    store.submit(writer.finish(known_us));
  }
  bool take(Output&& output) {
    if (auto* frame = std::get_if<FrameOut>(&output)) {
      sent_bytes += frame->bytes.size();
      EXPECT_LE(sent_bytes, granted + 8192);
      const Result<Frame> parsed = Frame::parse(frame->bytes);
      EXPECT_TRUE(parsed);
      parsed->for_each_block(
          [&](const Block& block, std::int64_t) { list_entries(block, View(), rows); });
      for (std::size_t i = 0; i < parsed->header().body_count(); ++i) ++bodies;
      if (parsed->header().kind() == wire::FrameKind::Snapshot) {
        parsed->for_each_block([&](const Block& block, std::int64_t known_us) {
          BodyBuilder builder;
          builder.append(block.header->kind(), block.payload, block.header->count(),
                         block.header->first_seq());
          past.fold(
              builder.close(block.header->first_seq(), parsed->header().last(), known_us)->bytes());
        });
      }
    } else if (auto* state = std::get_if<StateOut>(&output)) {
      const AlignedBytes copy(state->message);
      const wire::ReplayState* parsed = verified<wire::ReplayState>(copy.bytes());
      states.emplace_back();
      parsed->UnPackTo(&states.back());
      rows_at_state.push_back(rows.size());
    }
    return true;
  }
  std::vector<EntryRow> wanted() const {
    std::vector<EntryRow> all;
    for (const BodyPtr& body : store.log) {
      BlockWalk walk(body->bytes());
      while (const auto block = walk.next()) list_entries(*block, *view, all);
    }
    return all;
  }
  bool ended() const { return !states.empty() && states.back().phase == wire::ReplayPhase::Ended; }

  test::RandomWorld world;
  MemoryStore store;
  FakeClock clock;
  Picture live;
  std::shared_ptr<const View> view;
  std::uint64_t granted = 32768;
  std::uint64_t sent_bytes = 0;
  std::size_t bodies = 0;
  std::vector<EntryRow> rows;
  std::vector<wire::ReplayStateT> states;
  std::vector<std::size_t> rows_at_state;
  Picture past;
  Workers workers{1, store, clock, wire::LogId(7, 9),
                  [this](Output&& output) { return take(std::move(output)); }};
};

std::shared_ptr<const View> view_of(const std::string& unit) {
  wire::ViewT native;
  native.units.push_back(unit);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::View::Pack(builder, &native));
  RefusedRequest refused;
  return std::make_shared<const View>(
      *View::parse(flatbuffers::GetRoot<wire::View>(builder.GetBufferPointer()), refused));
}

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

TEST(ReplayControl, at_full_speed_the_clock_moves_though_nothing_of_the_log_is_visible) {
  Desk desk(test::seed());
  desk.view = view_of("nobody/n1");
  const std::int64_t first_us = desk.store.log.front()->known_time_us();
  const std::int64_t month_later_us = first_us + 30 * 86'400'000'000ll;
  desk.submit_fixes("alpha/v1", desk.store.durable_seq() + 1, month_later_us,
                    {test::make_fix(month_later_us)});
  desk.store.sync();
  ASSERT_TRUE(desk.workers.post(desk.start(wire::StartKind::TrueTime, first_us, 0)));
  desk.workers.step(0);
  ASSERT_FALSE(desk.ended());
  ASSERT_TRUE(
      desk.workers.post(Steer{.session = 1, .request = 5, .kind = wire::ControlKind::Pause}));
  desk.run(true);
  EXPECT_TRUE(desk.rows.empty());
  EXPECT_EQ(desk.states.back().phase, wire::ReplayPhase::Paused);
  EXPECT_GT(desk.states.back().time_us, first_us);
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
