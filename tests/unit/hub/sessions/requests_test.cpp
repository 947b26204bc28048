// How a session is opened, resumed, denied and ended.

#include "tests/unit/hub/sessions/room.h"

namespace vigie::sessions {
namespace {

using test::Got;
using test::Room;

TEST(Requests, an_open_is_answered_with_the_position_and_then_the_picture) {
  Room room(vigie::test::seed());
  room.publish(20);
  room.ask("a", Room::open_request());
  room.run();
  const Got got = room.take("a");
  ASSERT_EQ(got.opened.size(), 1u);
  EXPECT_TRUE(got.opened[0].replaces);
  EXPECT_EQ(got.opened[0].position->event(), room.ring.head());
  ASSERT_FALSE(got.frames.empty());
  EXPECT_EQ(got.frames.back().last(), room.ring.head());
  for (const Unit& unit : room.picture.picture().units()) {
    if (unit.seq == 0) continue;
    const Unit* shown = got.picture.find_unit(unit.name);
    ASSERT_NE(shown, nullptr) << unit.name;
    EXPECT_EQ(shown->seq, unit.seq);
  }
}

TEST(Requests, another_protocol_is_denied_with_a_reason) {
  Room room(1);
  wire::OpenT open = Room::open_request();
  open.protocol = 99;
  room.ask("a", open);
  const Got got = room.take("a");
  ASSERT_EQ(got.denied.size(), 1u);
  EXPECT_NE(got.denied[0].reason.find("99"), std::string::npos) << got.denied[0].reason;
  EXPECT_EQ(room.sessions.count(), 0u);
}

TEST(Requests, whoever_has_no_session_is_asked_to_open_one) {
  Room room(1);
  room.ask("a", wire::CreditT());
  EXPECT_EQ(room.take("a").reopens, 1u);
}

TEST(Requests, one_session_too_many_is_denied_and_told_when_to_try_again) {
  Room room(1, 1 << 20, {.sessions_max = 2});
  for (const char* peer : {"a", "b", "c"}) room.ask(peer, Room::open_request());
  EXPECT_EQ(room.sessions.count(), 2u);
  const Got got = room.take("c");
  ASSERT_EQ(got.denied.size(), 1u);
  EXPECT_GT(got.denied[0].retry_after_ms, 0u);
}

TEST(Requests, a_second_open_on_a_connection_replaces_the_first) {
  Room room(1);
  room.publish(3);
  room.ask("a", Room::open_request());
  room.ask("a", Room::open_request());
  EXPECT_EQ(room.sessions.count(), 1u);
  EXPECT_EQ(room.take("a").opened.size(), 2u);
}

TEST(Requests, a_token_goes_on_where_it_stood_without_a_picture) {
  Room room(vigie::test::seed());
  room.publish(10);
  const std::uint64_t place = room.ring.head();
  room.publish(10);
  room.ask("a", Room::resume_request(place, place));
  room.run();
  const Got got = room.take("a");
  ASSERT_EQ(got.opened.size(), 1u);
  EXPECT_FALSE(got.opened[0].replaces);
  ASSERT_FALSE(got.frames.empty());
  EXPECT_EQ(got.frames.front().prev(), place);
  EXPECT_EQ(got.frames.back().last(), room.ring.head());
  EXPECT_EQ(got.events, room.events(place));
}

TEST(Requests, a_token_inside_a_void_names_what_is_lost_and_brings_the_picture) {
  Room room(vigie::test::seed());
  room.publish(5);
  const std::uint64_t last = room.ring.head();
  room.note_void(last + 1, last + 1000);
  room.ask("a", Room::resume_request(last + 7, last + 7));
  room.run();
  const Got got = room.take("a");
  ASSERT_EQ(got.opened.size(), 1u);
  EXPECT_TRUE(got.opened[0].replaces);
  ASSERT_NE(got.opened[0].lost, nullptr);
  EXPECT_EQ(got.opened[0].lost->first(), last + 1);
  EXPECT_EQ(got.opened[0].lost->last(), last + 7);
  EXPECT_EQ(got.opened[0].position->event(), last);
}

TEST(Requests, a_token_without_fixes_gets_the_picture_and_every_event_behind_it) {
  Room room(vigie::test::seed());
  room.publish(5);
  const std::uint64_t place = room.ring.head();
  room.publish(15);
  room.ask("a", Room::resume_request(place, 0));
  room.run();
  const Got got = room.take("a");
  ASSERT_EQ(got.opened.size(), 1u);
  EXPECT_TRUE(got.opened[0].replaces);
  EXPECT_EQ(got.events, room.events(place));
}

TEST(Requests, a_token_of_another_log_gets_the_picture) {
  Room room(vigie::test::seed());
  room.publish(5);
  wire::OpenT open = Room::resume_request(3, 3);
  open.token[0] ^= 1;
  room.ask("a", open);
  const Got got = room.take("a");
  ASSERT_EQ(got.opened.size(), 1u);
  EXPECT_TRUE(got.opened[0].replaces);
}

TEST(Requests, a_live_session_can_not_be_steered) {
  Room room(1);
  room.ask("a", Room::open_request());
  room.take("a");
  room.ask("a", wire::ControlT());
  EXPECT_EQ(room.take("a").denied.size(), 1u);
}

TEST(Requests, a_console_that_says_nothing_is_ended_and_asked_to_open_again) {
  Room room(1);
  room.ask("a", Room::open_request());
  room.take("a");
  room.clock.now_us += limits::kSilenceUsMax + 1;
  room.sessions.tick();
  EXPECT_EQ(room.sessions.count(), 0u);
  EXPECT_EQ(room.take("a").reopens, 1u);
}

}  // namespace
}  // namespace vigie::sessions
