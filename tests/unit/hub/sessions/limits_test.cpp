// How much one identity, and one address, may send to the listen endpoint and ask of it, and what
// guests leave the owner.

#include <cstring>

#include "tests/unit/hub/sessions/room.h"
#include "tests/unit/support/access_book.h"

namespace vigie::sessions {
namespace {

using test::grant;
using test::Room;
using vigie::test::Book;
using vigie::test::key;
using wire::Refusal;
using wire::Role;

/// What is of that kind by its identifier, and not by anything else.
std::vector<std::byte> bytes_of(std::string_view identifier, std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::memcpy(bytes.data() + 4, identifier.data(), identifier.size());
  return bytes;
}

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
  /// None: it was not denied.
  Refusal send(const std::string& peer, const std::vector<std::byte>& message) {
    room.link.put(peer, message);
    room.sessions.read_turn(16);
    room.sessions.tick();
    const test::Got got = room.take(peer);
    return got.denied.empty() ? Refusal::None : got.denied.back().code;
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

TEST(SessionLimits, an_open_or_a_question_that_is_malformed_counts) {
  for (const char* identifier : {"VGOP", "VGAQ"}) {
    LimitedRoom limited(SessionsOptions{.requests_per_second = 2});
    limited.room.link.own("a", key('1'));
    const std::vector<std::byte> spoilt = bytes_of(identifier, 40);
    for (int i = 0; i < 8; ++i) EXPECT_EQ(limited.send("a", spoilt), Refusal::Malformed) << i;
    EXPECT_EQ(limited.send("a", spoilt), Refusal::TooFast) << identifier;
    EXPECT_EQ(limited.open("a", '1'), Refusal::TooFast) << identifier;
  }
}

TEST(SessionLimits, whatever_a_session_sends_counts_before_it_is_read) {
  wire::ControlT control;
  const std::vector<std::pair<std::vector<std::byte>, int>> kinds{
      {packed<wire::Credit>(grant(1)), 1}, {packed<wire::Control>(control), 10},
      {bytes_of("VGCR", 40), 1},           {bytes_of("VGRE", 40), 10},
      {bytes_of("VGCT", 40), 10},          {bytes_of("VGOP", 40), 1},
      {bytes_of("none", 40), 1},           {std::vector<std::byte>(), 1}};
  for (const auto& [message, cost] : kinds) {
    LimitedRoom limited(SessionsOptions{.of_identity = {.messages = 20}});
    ASSERT_EQ(limited.open("a", '2'), Refusal::None);
    int sent = 0;
    while (sent < 100 && limited.send("a", message) != Refusal::TooFast) ++sent;
    EXPECT_EQ(sent, 79 / cost) << message.size() << " bytes";
    EXPECT_EQ(limited.room.sessions.counts().denied.at(Refusal::TooFast), 1u);
    EXPECT_EQ(limited.room.sessions.count(), 1u) << "its session goes on";
  }
}

TEST(SessionLimits, what_is_sent_without_a_session_counts) {
  LimitedRoom limited(SessionsOptions{.of_identity = {.messages = 2}});
  limited.room.link.own("a", key('2'));
  for (int i = 0; i < 8; ++i) {
    limited.room.ask("a", grant(1));
    EXPECT_EQ(limited.room.take("a").reopens, 1u) << i;
  }
  EXPECT_EQ(limited.send("a", packed<wire::Credit>(grant(1))), Refusal::TooFast);
  EXPECT_EQ(limited.open("a", '2'), Refusal::TooFast);
  EXPECT_EQ(limited.open("b", '1'), Refusal::None) << "another identity has its own";
}

TEST(SessionLimits, bytes_count_as_messages_do) {
  LimitedRoom limited(SessionsOptions{.of_identity = {.bytes = 1000}});
  ASSERT_EQ(limited.open("a", '2'), Refusal::None);
  EXPECT_EQ(limited.send("a", bytes_of("none", 3500)), Refusal::Malformed);
  EXPECT_EQ(limited.send("a", bytes_of("none", 1000)), Refusal::TooFast);
  limited.room.clock.now_us += 1'000'000;
  EXPECT_EQ(limited.send("a", bytes_of("none", 1000)), Refusal::Malformed);
}

TEST(SessionLimits, those_at_one_address_send_so_much_together) {
  LimitedRoom limited(SessionsOptions{.of_address = {.messages = 2}});
  for (const char* peer : {"a", "b"}) limited.room.link.place(peer, "10.0.0.1");
  ASSERT_EQ(limited.open("a", '1'), Refusal::None);
  ASSERT_EQ(limited.open("b", '2'), Refusal::None);
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(limited.send("a", bytes_of("none", 40)), Refusal::Malformed);
  limited.room.ask("b", grant(1));
  const test::Got got = limited.room.take("b");
  ASSERT_EQ(got.denied.size(), 1u);
  EXPECT_EQ(got.denied[0].code, Refusal::TooFast);
  EXPECT_EQ(got.denied[0].retry_after_ms, 501u);
  EXPECT_NE(got.denied[0].reason.find("those at your address"), std::string::npos);
  EXPECT_EQ(limited.open("far", '2'), Refusal::None);
}

TEST(SessionLimits, a_credit_that_comes_too_fast_grants_nothing_and_is_told_of_once_a_tick) {
  LimitedRoom limited(SessionsOptions{.of_identity = {.messages = 2}});
  ASSERT_EQ(limited.open("a", '2', Room::open_request(64 << 10)), Refusal::None);
  const auto granted = [&] { return limited.room.sessions.statuses(1).at(0).credit_bytes; };
  const std::uint64_t before = granted();
  for (int i = 0; i < 7; ++i) limited.room.ask("a", grant(1));
  for (int i = 0; i < 100; ++i) limited.room.ask("a", grant(1 << 20));
  EXPECT_EQ(granted(), before);
  EXPECT_EQ(limited.room.take("a").denied.size(), 1u);
  EXPECT_EQ(limited.room.sessions.counts().denied.at(Refusal::TooFast), 100u);
  limited.room.clock.now_us += 100'000;
  limited.room.ask("a", grant(1 << 20));
  EXPECT_EQ(limited.room.take("a").denied.size(), 1u) << "it is told again";
  limited.room.clock.now_us += 501'000;
  limited.room.ask("a", grant(1 << 20));
  EXPECT_GT(granted(), before);
}

TEST(SessionLimits, who_waits_as_it_is_told_has_an_answer_to_its_next_open) {
  LimitedRoom limited(SessionsOptions{.of_identity = {.messages = 1000}});
  limited.room.link.own("b", key('2'));
  const auto storm = [&] {
    for (int i = 0; i < 5000; ++i) limited.room.ask("b", grant(1));
  };
  storm();
  limited.room.link.own("a", key('2'));
  limited.room.ask("a", Room::open_request(1 << 20));
  limited.room.run();
  const auto told = limited.room.take("a").denied;
  ASSERT_EQ(told.size(), 1u);
  limited.room.clock.now_us += std::int64_t{told[0].retry_after_ms} * 1000;
  storm();
  limited.room.ask("a", Room::open_request(1 << 20));
  limited.room.run();
  EXPECT_EQ(limited.room.take("a").denied.size(), 1u) << "it waits for an answer in vain";
}

TEST(SessionLimits, a_session_that_is_only_put_off_is_not_silent) {
  LimitedRoom limited(SessionsOptions{.of_identity = {.messages = 1}});
  ASSERT_EQ(limited.open("a", '2'), Refusal::None);
  limited.room.link.own("b", key('2'));
  for (int second = 0; second < 20; ++second) {
    for (int i = 0; i < 5; ++i) limited.room.ask("b", grant(1));
    EXPECT_EQ(limited.send("a", packed<wire::Credit>(grant(1))), Refusal::TooFast);
    limited.room.clock.now_us += 1'000'000;
    limited.room.sessions.tick();
  }
  EXPECT_EQ(limited.room.sessions.count(), 1u);
}

TEST(SessionLimits, who_is_nobody_any_more_and_storms_is_cut_off) {
  LimitedRoom limited(SessionsOptions{.of_address = {.messages = 2}});
  for (const char* peer : {"nobody", "a"}) limited.room.link.place(peer, "10.0.0.1");
  limited.room.link.own("nobody", key('9'));
  for (int i = 0; i < 9; ++i) limited.room.ask("nobody", grant(1));
  EXPECT_EQ(limited.open("a", '2'), Refusal::TooFast);
  limited.room.sessions.tick();
  limited.room.clock.now_us += 1'100'000;
  limited.room.sessions.tick();
  EXPECT_TRUE(limited.room.link.is_cut("nobody"));
  EXPECT_FALSE(limited.room.link.is_cut("a"));
}

TEST(SessionLimits, a_plain_hub_and_one_that_sets_none_count_nothing) {
  LimitedRoom plain(
      SessionsOptions{
          .requests_per_second = 1, .of_identity = {.messages = 1}, .of_address = {.messages = 1}},
      false);
  LimitedRoom any(SessionsOptions{.requests_per_second = 0, .of_identity = {}});
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
