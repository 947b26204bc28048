// What a session is sent, and when: whole bodies to those that keep up, the newest and every event
// to those that do not, and nothing beyond what was granted.

#include "tests/unit/hub/sessions/room.h"

namespace vigie::sessions {
namespace {

using test::Got;
using test::grant;
using test::Room;

class Delivery : public test::InWorlds {};
INSTANTIATE_TEST_SUITE_P(Worlds, Delivery, testing::Range(0, 10));

TEST_P(Delivery, those_that_keep_up_get_each_body_once_and_whole) {
  Room room(seed());
  for (const char* peer : {"a", "b"}) {
    room.ask(peer, Room::open_request(8 << 20));
    room.run();
    room.take(peer);
  }
  room.publish(30);
  for (const char* peer : {"a", "b"}) {
    const Got got = room.take(peer);
    ASSERT_EQ(got.frames.size(), 30u);
    std::uint64_t place = 0;
    for (const wire::FrameHeader& frame : got.frames) {
      EXPECT_EQ(frame.kind(), wire::FrameKind::Live);
      EXPECT_EQ(frame.prev(), place);
      place = frame.last();
    }
    EXPECT_EQ(place, room.ring.head());
    EXPECT_EQ(got.events, room.events(0));
  }
}

TEST_P(Delivery, a_grant_without_end_is_cut_to_the_limit_and_counted) {
  const std::uint64_t limit = 16 * 1024;
  const std::uint64_t endless = 1ull << 60;
  Room room(seed(), 1 << 20, SessionsOptions{.credit_bytes = limit});
  room.ask("a", Room::open_request(endless));
  room.run();
  room.publish(100);
  room.run();
  const std::uint64_t first = room.take("a").frame_bytes;
  EXPECT_GT(first, 0u);
  EXPECT_LE(first, limit);
  EXPECT_EQ(room.sessions.counts().credit_cut, 1u);
  room.ask("a", grant(endless));
  room.run();
  room.publish(100);
  room.run();
  const std::uint64_t second = room.take("a").frame_bytes;
  EXPECT_GT(second, 0u);
  EXPECT_LE(second, limit);
  EXPECT_EQ(room.sessions.counts().credit_cut, 2u);
  room.ask("a", grant(first + second + limit));
  EXPECT_EQ(room.sessions.counts().credit_cut, 2u) << "all of it is taken";
  EXPECT_TRUE(room.take("a").denied.empty()) << "nothing is refused";
}

TEST_P(Delivery, behind_and_back_is_the_newest_of_each_unit_and_every_event) {
  Room room(seed(), 4096);  // falls out of the ring soon
  const std::uint64_t credit = 64 * 1024;
  room.ask("a", Room::open_request(credit));
  room.run();
  std::uint64_t used = room.take("a").frame_bytes;
  room.ask("a", grant(used));  // a total never sinks: it is used up below
  room.publish(400);
  room.run();
  Got all = room.take("a");
  used += all.frame_bytes;
  EXPECT_LE(used, credit);
  for (int i = 0; i < 200 && (all.frames.empty() || all.frames.back().last() < room.ring.head());
       ++i) {
    room.ask("a", grant(used + credit));
    room.run();
    const Got more = room.take("a");
    used += more.frame_bytes;
    all.frames.insert(all.frames.end(), more.frames.begin(), more.frames.end());
    all.events.insert(all.events.end(), more.events.begin(), more.events.end());
    for (const Unit& unit : more.picture.units()) {
      const Unit* before = all.picture.find_unit(unit.name);
      if (before == nullptr || before->seq < unit.seq) {
        EntryWriter writer;
        write_unit(more.picture, unit, writer);
        all.picture.fold(writer.finish(0)->bytes());
      }
    }
  }
  EXPECT_EQ(std::set(all.events.begin(), all.events.end()).size(), room.events(0).size());
  for (const Unit& unit : room.picture.picture().units()) {
    if (unit.seq == 0) continue;
    const Unit* shown = all.picture.find_unit(unit.name);
    ASSERT_NE(shown, nullptr) << unit.name;
    EXPECT_EQ(shown->seq, unit.seq) << unit.name;
  }
}

TEST_P(Delivery, nothing_is_sent_beyond_what_was_granted) {
  Room room(seed());
  std::uint64_t granted = limits::kFrameBytesMin;
  wire::OpenT open = Room::open_request(granted);
  open.frame_bytes_max = limits::kFrameBytesMin;
  room.ask("a", open);
  std::uint64_t used = 0;
  for (int i = 0; i < 60; ++i) {
    room.publish(2);
    room.run();
    used += room.take("a").frame_bytes;
    // One entry larger than a frame should be may overdraw, once a whole frame is free.
    EXPECT_LE(used, granted + limits::kFrameBytesMin);
    if (room.world.chance(50)) {
      granted = used + limits::kFrameBytesMin;
      room.ask("a", grant(granted));
    }
  }
}

TEST_P(Delivery, events_that_lie_behind_a_picture_come_before_what_is_live) {
  Room room(seed());
  room.publish(10);
  const std::uint64_t event = room.ring.head();
  room.publish(10);
  const std::uint64_t fix = room.ring.head();
  room.publish(10);
  room.ask("a", Room::resume_request(event, fix));
  room.run();
  const Got got = room.take("a");
  std::uint64_t position = event;
  for (const wire::FrameHeader& frame : got.frames) {
    EXPECT_LE(frame.prev_event(), position) << "a hole in the events";
    position = std::max(position, frame.last_event());
  }
  const std::vector<std::uint64_t> wanted = room.events(event);
  EXPECT_EQ(std::set(got.events.begin(), got.events.end()), std::set(wanted.begin(), wanted.end()));
}

TEST(Delivery, a_heartbeat_says_what_was_sent_and_how_far_nothing_more_is_in_the_view) {
  Room room(1);
  wire::OpenT open = Room::open_request();
  open.view = std::make_unique<wire::ViewT>();
  open.view->units.push_back("nobody/here");
  room.ask("a", open);
  room.run();
  room.take("a");
  room.publish(5);
  room.clock.now_us += limits::kHeartbeatUs + 1;
  room.ask("a", grant(2 << 20));
  room.sessions.tick();
  const Got got = room.take("a");
  ASSERT_EQ(got.beats.size(), 1u);
  EXPECT_LT(got.beats[0].sent->fix(), room.ring.head());
  EXPECT_EQ(got.beats[0].position->fix(), room.ring.head());
  EXPECT_EQ(got.beats[0].head, room.ring.head());
}

wire::CreditT probe(std::uint64_t number) {
  wire::CreditT credit = grant(1 << 20);
  credit.probe = number;
  return credit;
}

TEST(Delivery, a_probe_is_said_back_at_once_and_a_flood_of_them_brings_no_flood_of_heartbeats) {
  Room room(1);
  room.ask("a", Room::open_request());
  room.run();
  room.take("a");
  room.clock.now_us += 1'000'000;
  room.ask("a", probe(7));
  Got got = room.take("a");
  ASSERT_EQ(got.beats.size(), 1u);
  EXPECT_EQ(got.beats[0].probe, 7u);
  for (std::uint64_t number = 1; number <= 50; ++number) room.ask("a", probe(number));
  EXPECT_EQ(room.take("a").beats.size(), 0u) << "the greatest was said already";
  std::size_t beats = 0;
  for (std::uint64_t number = 100; number < 600; ++number) {
    room.ask("a", probe(number));
    room.clock.now_us += 1'000;
    room.sessions.tick();
    got = room.take("a");
    beats += got.beats.size();
  }
  EXPECT_GE(beats, 4u);
  EXPECT_LE(beats, 6u);
  room.clock.now_us += 100'000;
  room.sessions.tick();
  got = room.take("a");
  ASSERT_EQ(got.beats.size(), 1u);
  EXPECT_EQ(got.beats[0].probe, 599u) << "the last of them is answered too";
}

TEST(Delivery, a_paced_view_gets_events_at_once_and_fixes_at_its_pace) {
  Room room(vigie::test::seed());
  wire::OpenT open = Room::open_request(8 << 20);
  open.view = std::make_unique<wire::ViewT>();
  open.view->pace_ms = 1000;
  room.ask("a", open);
  room.run();
  room.take("a");
  room.clock.now_us += 1'000'001;
  room.sessions.tick();
  room.publish(40);
  room.run();
  room.take("a");
  const std::uint64_t place = room.ring.head();
  room.publish(40);
  room.run();
  const Got early = room.take("a");
  EXPECT_EQ(early.events, room.events(place));
  for (const wire::FrameHeader& frame : early.frames) EXPECT_EQ(frame.prev(), frame.last());
  room.clock.now_us += 1'000'001;
  room.sessions.tick();
  room.run();
  const Got due = room.take("a");
  ASSERT_FALSE(due.frames.empty());
  EXPECT_EQ(due.frames.back().last(), room.ring.head());
}

TEST(Delivery, a_picture_once_holds_what_was_stored_a_moment_before_and_ends) {
  Room room(vigie::test::seed());
  room.publish(5);
  wire::OpenT open = Room::open_request();
  open.mode = wire::Mode::Snapshot;
  for (const char* peer : {"a", "b"}) {
    room.publish(1);
    room.ask(peer, open);
    room.run();
    const Got got = room.take(peer);
    EXPECT_EQ(got.reopens, 1u);
    EXPECT_EQ(got.frames.back().last(), room.ring.head());
  }
  EXPECT_EQ(room.sessions.count(), 0u);
}

}  // namespace
}  // namespace vigie::sessions
