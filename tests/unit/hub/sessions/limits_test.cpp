// How much one identity may ask of the listen endpoint, and what guests leave the owner.

#include "tests/unit/hub/sessions/room.h"
#include "tests/unit/support/access_book.h"

namespace vigie::sessions {
namespace {

using test::Room;
using vigie::test::Book;
using vigie::test::key;
using wire::Refusal;
using wire::Role;

/// Blue's administrator '1' and console '2', and green's console '3', to whom blue grants by terms.
struct LimitedRoom {
  explicit LimitedRoom(SessionsOptions options, bool is_guarded = true)
      : room(1, 1 << 20, options, is_guarded ? &book.registry : nullptr) {
    book.now_us = room.world.known_us();
    book.enrol("blue/boss", '1', Role::Administrator);
    book.enrol("blue/room", '2', Role::Console);
    book.enrol("green/room", '3', Role::Console);
    auto grant = Book::grant("blue/shown", "green");
    grant->grant->round_m = 1000;
    book.must(key('1'), std::move(grant));
    room.sessions.set_known_time(book.now_us);
  }
  /// None: it was opened.
  Refusal open(const std::string& peer, char digit, wire::OpenT request = Room::open_request()) {
    room.link.own(peer, key(digit));
    room.ask(peer, request);
    const test::Got got = room.take(peer);
    return got.denied.empty() ? Refusal::None : got.denied[0].code;
  }
  Refusal ask(const std::string& peer, char digit, wire::AskKind what) {
    wire::AskT ask;
    ask.request = 7;
    ask.what = what;
    room.link.own(peer, key(digit));
    room.ask(peer, ask);
    Refusal code = Refusal::None;
    for (const auto& message : std::exchange(room.link.sent_to(peer), {})) {
      const AlignedBytes copy(message);
      if (const auto* told = verified<wire::Told>(copy.bytes())) code = told->code();
    }
    return code;
  }
  Book book;
  Room room;
};

TEST(SessionLimits, who_opens_too_often_is_told_to_wait_and_the_others_are_not) {
  LimitedRoom limited(SessionsOptions{.requests_per_second = 2});
  for (int i = 0; i < 8; ++i) EXPECT_EQ(limited.open("a", '2'), Refusal::None) << i;
  limited.room.ask("a", Room::open_request());
  const test::Got got = limited.room.take("a");
  ASSERT_EQ(got.denied.size(), 1u);
  EXPECT_EQ(got.denied[0].code, Refusal::TooFast);
  EXPECT_EQ(got.denied[0].retry_after_ms, 501u);
  EXPECT_EQ(limited.room.sessions.count(), 1u) << "its session goes on";
  EXPECT_EQ(limited.open("other", '1'), Refusal::None);
  limited.room.clock.now_us += 501'000;
  EXPECT_EQ(limited.open("a", '2'), Refusal::None);
}

TEST(SessionLimits, one_address_has_so_many_sessions_and_replays_whoever_opens_them) {
  LimitedRoom limited(SessionsOptions{.sessions_per_address = 3, .replays_per_address = 1});
  for (const char* peer : {"a", "b", "c", "d", "e", "f"}) {
    limited.room.link.place(peer, "10.0.0.1");
  }
  limited.room.link.place("far", "10.0.0.2");
  wire::OpenT replay = Room::open_request();
  replay.mode = wire::Mode::Replay;
  replay.start = wire::StartKind::KnownTime;
  EXPECT_EQ(limited.open("a", '1', replay), Refusal::None);
  EXPECT_EQ(limited.open("b", '2', replay), Refusal::TooManySessions);
  EXPECT_EQ(limited.open("far", '2', replay), Refusal::None);
  EXPECT_EQ(limited.open("c", '2'), Refusal::None);
  EXPECT_EQ(limited.open("d", '3'), Refusal::None);
  limited.room.link.own("e", key('2'));
  limited.room.ask("e", Room::open_request());
  const test::Got got = limited.room.take("e");
  ASSERT_EQ(got.denied.size(), 1u);
  EXPECT_EQ(got.denied[0].code, Refusal::TooManySessions);
  EXPECT_EQ(got.denied[0].reason,
            "your address has 3 sessions already, as many as sessions.per_address allows");
  EXPECT_EQ(limited.open("local", '2'), Refusal::None) << "it is at no address";
  limited.room.ask("a", wire::CloseT());
  EXPECT_EQ(limited.open("f", '2', replay), Refusal::None);
}

TEST(SessionLimits, those_at_one_address_ask_so_often_together) {
  LimitedRoom limited(SessionsOptions{.requests_per_address = 2});
  for (const char* peer : {"a", "b"}) limited.room.link.place(peer, "10.0.0.1");
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(limited.open(i % 2 == 0 ? "a" : "b", i % 2 == 0 ? '1' : '2'), Refusal::None) << i;
  }
  EXPECT_EQ(limited.open("a", '1'), Refusal::TooFast);
  EXPECT_EQ(limited.ask("b", '1', wire::AskKind::Quarantine), Refusal::TooFast);
  limited.room.link.place("far", "10.0.0.2");
  EXPECT_EQ(limited.open("far", '1'), Refusal::None);
  limited.room.clock.now_us += 501'000;
  EXPECT_EQ(limited.open("a", '1'), Refusal::None);
}

TEST(SessionLimits, a_question_counts_and_one_for_a_whole_message_counts_more) {
  LimitedRoom limited(SessionsOptions{.requests_per_second = 10});
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(limited.ask("a", '1', wire::AskKind::Quarantined), Refusal::NotFound) << i;
  }
  EXPECT_EQ(limited.ask("a", '1', wire::AskKind::Quarantined), Refusal::TooFast);
  EXPECT_EQ(limited.ask("b", '1', wire::AskKind::Quarantine), Refusal::TooFast);
  limited.room.clock.now_us += 101'000;
  EXPECT_EQ(limited.ask("b", '1', wire::AskKind::Quarantine), Refusal::None);
  EXPECT_EQ(limited.ask("b", '1', wire::AskKind::Quarantine), Refusal::TooFast);
}

TEST(SessionLimits, a_plain_hub_and_one_that_sets_none_count_nothing) {
  LimitedRoom plain(SessionsOptions{.requests_per_second = 1}, false);
  LimitedRoom any(SessionsOptions{.requests_per_second = 0});
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(plain.open("a", '2'), Refusal::None);
    EXPECT_EQ(any.open("a", '2'), Refusal::None);
  }
}

TEST(SessionLimits, sessions_by_grants_have_half_of_the_replays_and_leave_the_owner_the_rest) {
  LimitedRoom limited(SessionsOptions{.replays_max = 4});
  wire::OpenT shown = Room::open_request();
  shown.grant = "blue/shown";
  wire::OpenT replay = Room::open_request();
  replay.mode = wire::Mode::Replay;
  replay.start = wire::StartKind::KnownTime;
  EXPECT_EQ(limited.open("a", '3', shown), Refusal::None);
  EXPECT_EQ(limited.open("b", '3', shown), Refusal::None);
  EXPECT_EQ(limited.open("c", '3', shown), Refusal::TooManySessions);
  EXPECT_EQ(limited.open("d", '2', replay), Refusal::None);
  EXPECT_EQ(limited.open("e", '2', replay), Refusal::None);
  EXPECT_EQ(limited.open("f", '2', replay), Refusal::TooManySessions);
  limited.room.ask("a", wire::CloseT());
  limited.room.take("a");
  EXPECT_EQ(limited.open("c", '3', shown), Refusal::None) << "there is room again";
}

}  // namespace
}  // namespace vigie::sessions
