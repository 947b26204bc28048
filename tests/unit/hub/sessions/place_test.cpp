// What a session is told of its place: never further than what it was sent, and what it has lost.

#include "tests/unit/hub/sessions/room.h"

namespace vigie::sessions {
namespace {

using test::Got;
using test::grant;
using test::Room;

wire::OpenT from_known(std::int64_t time_us) {
  wire::OpenT open = Room::open_request();
  open.start = wire::StartKind::KnownTime;
  open.time_us = time_us;
  return open;
}

class Place : public test::InWorlds {};
INSTANTIATE_TEST_SUITE_P(Worlds, Place, testing::Range(0, 10));

TEST_P(Place, one_that_opens_after_a_change_is_shown_every_state_as_it_is) {
  Room room(seed(), 1024);  // what lies behind a page falls out of the ring
  for (int console = 0; console < 40; ++console) {
    const std::string peer = std::to_string(console);
    room.ask(peer, Room::open_request());
    room.run();
    const Got got = room.take(peer);
    for (const RetainedState& state : room.picture.picture().states()) {
      const wire::UnitCard* card = room.picture.picture().find_card(state.name);
      const wire::UnitCard* shown = got.picture.find_card(state.name);
      ASSERT_EQ(card == nullptr, shown == nullptr) << state.name;
      if (card == nullptr) continue;
      EXPECT_EQ(text_of(card->call_sign()), text_of(shown->call_sign()));
    }
    room.publish(2);
  }
}

TEST_P(Place, an_older_state_that_comes_late_brings_nothing_back_that_was_deleted) {
  Room room(seed());
  for (int joined = 0; joined < 20; ++joined) {
    room.publish(10);
    room.ask(std::to_string(joined), Room::open_request(8 << 20));
    room.run();
  }
  room.publish(60);
  room.run();
  for (int joined = 0; joined < 20; ++joined) {
    const Got got = room.take(std::to_string(joined));
    for (const RetainedState& state : room.picture.picture().states()) {
      EXPECT_EQ(got.picture.find_card(state.name) == nullptr,
                room.picture.picture().find_card(state.name) == nullptr)
          << state.name << ", console " << joined;
    }
  }
}

TEST(Place, no_fix_counts_as_sent_before_the_picture_is) {
  Room room(vigie::test::seed());
  room.publish(10);
  room.ask("a", Room::open_request());
  room.publish(10);
  room.clock.now_us += limits::kHeartbeatUs + 1;
  room.sessions.tick();
  const Got before = room.take("a");
  ASSERT_EQ(before.opened.size(), 1u);
  EXPECT_TRUE(before.opened[0].replaces);
  EXPECT_EQ(before.opened[0].position->fix(), 0u);
  ASSERT_EQ(before.beats.size(), 1u);
  EXPECT_EQ(before.beats[0].position->fix(), 0u);
  room.ask("a", grant(2 << 20));
  room.run();
  room.clock.now_us += limits::kHeartbeatUs + 1;
  room.sessions.tick();
  const Got after = room.take("a");
  ASSERT_EQ(after.beats.size(), 1u);
  EXPECT_EQ(after.beats[0].position->fix(), room.ring.head());
}

TEST(Place, one_whose_events_are_dropped_before_they_were_sent_is_told_which) {
  Room room(vigie::test::seed(), 4096);
  room.ask("a", Room::open_request());
  const Got opened = room.take("a");
  const std::uint64_t place = opened.opened.at(0).position->event();
  room.publish(200);
  const std::uint64_t floor = room.ring.head() / 2;
  room.store.track_floor = room.store.kept_floor = floor;
  room.ask("a", grant(2 << 20));
  room.run();
  const Got got = room.take("a");
  ASSERT_EQ(got.opened.size(), 1u);
  EXPECT_TRUE(got.opened[0].replaces);
  ASSERT_NE(got.opened[0].lost, nullptr);
  EXPECT_EQ(got.opened[0].lost->first(), place + 1);
  EXPECT_EQ(got.opened[0].lost->last(), floor - 1);
  const std::vector<std::uint64_t> left = room.events(floor - 1);
  EXPECT_EQ(std::set(got.events.begin(), got.events.end()), std::set(left.begin(), left.end()));
  EXPECT_EQ(room.sessions.count(), 1u);
}

TEST(Place,
     a_known_time_brings_the_picture_and_every_event_since_and_nothing_before_it_is_looked_up) {
  Room room(vigie::test::seed());
  room.publish(10);
  const std::uint64_t place = room.ring.head();
  const std::int64_t known_us = room.world.known_us() + 1;
  room.publish(10);
  room.ask("a", from_known(known_us));
  room.clock.now_us += limits::kHeartbeatUs + 1;
  room.sessions.tick();
  room.publish(1);
  EXPECT_TRUE(room.link.sent_to("a").empty());
  room.run();
  const Got got = room.take("a");
  ASSERT_EQ(got.opened.size(), 1u);
  EXPECT_EQ(got.opened[0].lost, nullptr);
  EXPECT_TRUE(got.opened[0].replaces);
  EXPECT_EQ(got.opened[0].position->event(), place);
  EXPECT_EQ(got.events, room.events(place));
  for (const Unit& unit : room.picture.picture().units()) {
    const Unit* shown = got.picture.find_unit(unit.name);
    EXPECT_EQ(shown == nullptr ? 0 : shown->seq, unit.seq) << unit.name;
  }
}

TEST(Place, a_known_time_that_is_not_kept_any_more_names_what_is_lost) {
  Room room(vigie::test::seed());
  room.publish(20);
  const std::int64_t gone_us = room.world.known_us();
  const std::uint64_t floor = room.ring.head() + 1;
  room.publish(20);
  room.store.track_floor = room.store.kept_floor = floor;
  room.store.gone_times = {gone_us, gone_us};
  while (room.store.log.front()->last_seq() < floor) room.store.log.erase(room.store.log.begin());
  room.ask("a", from_known(gone_us));
  room.run();
  const Got got = room.take("a");
  ASSERT_EQ(got.opened.size(), 1u);
  EXPECT_TRUE(got.opened[0].replaces);
  ASSERT_NE(got.opened[0].lost, nullptr);
  EXPECT_EQ(got.opened[0].lost->last(), floor - 1);
  room.ask("b", from_known(gone_us + 1));
  room.run();
  EXPECT_EQ(room.take("b").opened.at(0).lost, nullptr);
}

TEST(Place, a_known_time_while_the_hub_was_down_loses_nothing) {
  Room room(vigie::test::seed());
  room.publish(5);
  const std::uint64_t last = room.ring.head();
  const std::int64_t down_us = room.world.known_us() + 1;
  room.note_void(last + 1, last + 1000);
  room.ask("a", from_known(down_us));
  // The store's answer is the first body that was known at or after: the void's own.
  room.commands.clear();
  room.sessions.on_worker_output(replay::SoughtOut{.session = 1, .seq = last + 1001});
  room.run();
  const Got got = room.take("a");
  ASSERT_EQ(got.opened.size(), 1u);
  EXPECT_EQ(got.opened[0].lost, nullptr);
  EXPECT_EQ(got.opened[0].position->event(), last);
}

TEST(Place, one_that_can_not_be_looked_up_now_is_told_to_try_again) {
  Room room(vigie::test::seed());
  room.workers_busy = true;
  room.ask("a", from_known(0));
  const Got got = room.take("a");
  ASSERT_EQ(got.denied.size(), 1u);
  EXPECT_EQ(got.denied[0].code, wire::Refusal::NotReady);
  EXPECT_GT(got.denied[0].retry_after_ms, 0u);
  EXPECT_EQ(room.sessions.count(), 0u);
}

TEST(Place, a_grant_that_the_workers_had_no_room_for_counts_when_it_is_said_again) {
  Room room(vigie::test::seed());
  room.publish(10);
  wire::OpenT open = Room::open_request(1 << 16);
  open.mode = wire::Mode::Replay;
  open.start = wire::StartKind::KnownTime;
  open.until_us = room.world.known_us();
  room.ask("a", open);
  const auto grants = [&] {
    std::size_t count = 0;
    for (const replay::Command& command : std::exchange(room.commands, {})) {
      if (std::holds_alternative<replay::Grant>(command)) ++count;
    }
    return count;
  };
  grants();
  room.workers_busy = true;
  room.ask("a", grant(2 << 20));
  EXPECT_EQ(grants(), 0u);
  room.workers_busy = false;
  room.ask("a", grant(2 << 20));
  EXPECT_EQ(grants(), 1u);
}

}  // namespace
}  // namespace vigie::sessions
