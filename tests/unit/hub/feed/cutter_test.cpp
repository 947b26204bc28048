// Promise 4: snapshot plus feed equals the fold of the log, at any moment, for any view.

#include "hub/feed/cutter.h"

#include <gtest/gtest.h>

#include <map>

#include "hub/picture/live_picture.h"
#include "tests/unit/schemas/seed.h"
#include "tests/unit/support/random_world.h"

namespace vigie::feed {
namespace {

using picture::LivePicture;
using picture::ViewFilter;

/// What a console shows: each unit's newest fix, and the states.
struct Shown {
  Picture picture;

  void take(const Body& body) {
    std::map<std::string, std::uint64_t> left;
    BlockWalk walk(body.bytes());
    while (const auto block = walk.next()) {
      if (block->header->kind() != wire::BlockKind::Leaves) continue;
      for (const wire::Leave* leave : each(block->leaves().leaves())) {
        left[leave->unit()->str()] = leave->seq();
      }
    }
    picture.fold(body.bytes());
    for (const auto& [unit, seq] : left) {
      const Unit* shown = picture.find_unit(unit);
      if (shown != nullptr && shown->seq < seq) picture.forget_unit(unit);
    }
  }
  std::map<std::string, std::uint64_t> units() const {
    std::map<std::string, std::uint64_t> all;
    for (const Unit& unit : picture.units()) {
      if (unit.seq != 0) all[unit.name] = unit.seq;
    }
    return all;
  }
};

std::map<std::string, std::uint64_t> wanted_units(const Picture& picture, ViewFilter& filter) {
  std::map<std::string, std::uint64_t> all;
  for (UnitIndex i = 0; i < picture.units().size(); ++i) {
    if (filter.shows(i)) all[picture.units()[i].name] = picture.units()[i].seq;
  }
  return all;
}

View parsed(const wire::ViewT& native) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::View::Pack(builder, &native));
  RefusedRequest refused;
  return *View::parse(flatbuffers::GetRoot<wire::View>(builder.GetBufferPointer()), refused);
}

Entry& pass(test::RandomWorld& world, LivePicture& live, Ring& ring) {
  BodyPtr body = world.body();
  Folded folded;
  live.fold_and_mark(*body, folded);
  return ring.push(body, std::move(folded));
}

void snapshot(const LivePicture& live, ViewFilter& filter, std::size_t goal, Shown& shown) {
  picture::PageCursor cursor;
  bool more = true;
  while (more) {
    EntryWriter page;
    more = live.write_page(cursor, filter, page, goal, 5);
    if (!page.empty()) shown.take(*page.finish(0));
  }
}

/// A view at random, of somebody who may see everything or only some of it.
View view_of(test::RandomWorld& world) {
  View view = parsed(world.view());
  if (world.chance(70)) view.cut_to(world.entitlement());
  return view;
}

TEST(Cutter, snapshot_plus_feed_equals_the_fold_of_the_log_for_any_view) {
  const std::uint64_t seed = test::seed();
  for (std::uint64_t round = 0; round < 60; ++round) {
    test::RandomWorld world(seed + round);
    LivePicture live{Picture()};
    live.set_ranks(test::RandomWorld::ranks());
    Ring ring(1 << 20, 0);
    for (int i = world.pick(30); i > 0; --i) pass(world, live, ring);
    ViewFilter filter(view_of(world), live.picture());
    Shown shown;
    snapshot(live, filter, 200 + static_cast<std::size_t>(world.pick(4000)), shown);
    for (int i = 0; i < 60; ++i) {
      Entry& entry = pass(world, live, ring);
      if (takes_whole(entry, filter)) {
        shown.take(*entry.body);
      } else {
        std::uint64_t after = entry.prev_seq;
        const auto bytes_max = static_cast<std::size_t>(300 + world.pick(2000));
        while (after < entry.last_seq()) {
          const Cut part = cut(entry, filter, after, bytes_max, Lanes::All);
          ASSERT_GT(part.reached, after);
          if (part.body) shown.take(*part.body);
          after = part.reached;
        }
      }
      if (filter.view().takes_class(MessageClass::Track)) {
        ASSERT_EQ(shown.units(), wanted_units(live.picture(), filter))
            << "round " << round << " seq " << ring.head() << " view " << filter.view().key();
      }
    }
  }
}

TEST(Cutter, a_cut_holds_nothing_that_the_view_does_not_take) {
  const std::uint64_t seed = test::seed();
  for (std::uint64_t round = 0; round < 40; ++round) {
    test::RandomWorld world(seed + round);
    LivePicture live{Picture()};
    live.set_ranks(test::RandomWorld::ranks());
    Ring ring(1 << 20, 0);
    ViewFilter filter(view_of(world), live.picture());
    const View& view = filter.view();
    for (int i = 0; i < 40; ++i) {
      Entry& entry = pass(world, live, ring);
      const Cut part = cut(entry, filter, entry.prev_seq, 1 << 20, Lanes::All);
      if (!part.body) continue;
      BlockWalk walk(part.body->bytes());
      while (const auto block = walk.next()) {
        if (block->header->kind() != wire::BlockKind::Batch) continue;
        for (const wire::UnitFixes* fixes : each(block->batch().fixes())) {
          const std::string_view unit = text_of(fixes->unit());
          EXPECT_TRUE(view.takes_unit(unit));
          EXPECT_TRUE(
              view.takes_channel(MessageClass::Track, owner_of(unit), text_of(fixes->group())));
          for (const wire::Fix* fix : *fixes->fixes()) {
            EXPECT_TRUE(view.takes_fix(*fixes, *fix));
          }
        }
        for (const wire::Event* event : each(block->batch().events())) {
          EXPECT_TRUE(view.takes_event(*event));
        }
        for (const wire::State* state : each(block->batch().states())) {
          EXPECT_TRUE(view.takes_state(*state));
        }
      }
    }
  }
}

TEST(Cutter, behind_and_back_equals_the_newest_of_each_unit_plus_every_event) {
  const std::uint64_t seed = test::seed();
  for (std::uint64_t round = 0; round < 40; ++round) {
    test::RandomWorld world(seed + round);
    LivePicture live{Picture()};
    live.set_ranks(test::RandomWorld::ranks());
    Ring ring(1 << 20, 0);
    wire::ViewT native = world.view();
    native.area.reset();
    native.channels.clear();
    ViewFilter filter(parsed(native), live.picture());
    for (int i = 0; i < 10; ++i) pass(world, live, ring);
    Shown shown;
    snapshot(live, filter, 1000, shown);
    const std::uint64_t left_at = ring.head();
    std::vector<std::uint64_t> wanted_events;
    for (int i = 0; i < 50; ++i) {
      for (const FoldedEvent& event : pass(world, live, ring).folded.events) {
        if (filter.takes_event(event)) wanted_events.push_back(event.event->stamp()->first_seq());
      }
    }
    std::vector<std::uint64_t> events;
    for (std::uint64_t at = left_at; at < ring.head();) {
      const Cut part = cut(*ring.after(at), filter, at, 1 << 20, Lanes::EventsAndStates);
      at = part.reached;
      if (!part.body) continue;
      BlockWalk walk(part.body->bytes());
      for (const wire::Event* event : each(walk.next()->batch().events())) {
        events.push_back(event->stamp()->first_seq());
      }
    }
    EXPECT_EQ(events, wanted_events);
    for (std::uint64_t at = left_at; at < ring.head();) {
      EntryWriter page;
      const std::uint64_t reached = live.write_moved(at, filter, page, 300);
      ASSERT_GT(reached, at);
      at = reached;
      if (!page.empty()) shown.take(*page.finish(0));
    }
    EXPECT_EQ(shown.units(), wanted_units(live.picture(), filter)) << "round " << round;
  }
}

}  // namespace
}  // namespace vigie::feed
