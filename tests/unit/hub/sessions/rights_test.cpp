// Promise 6 at the listen endpoint: a session sees what its identity may see, and no longer than it
// may.

#include <gmock/gmock.h>

#include "tests/unit/hub/sessions/room.h"
#include "tests/unit/support/access_book.h"

namespace vigie::sessions {
namespace {

using test::Got;
using test::Room;
using vigie::test::Book;
using vigie::test::key;
using wire::Refusal;
using wire::Role;

/// A room that asks who is there: two consoles of each of the world's first two owners.
struct GuardedRoom {
  explicit GuardedRoom(std::uint64_t seed, SessionsOptions options = {})
      : room(seed, 1 << 20, options, &book.registry) {
    book.now_us = room.world.known_us();
    book.enrol(owner + "/console", '1', Role::Console);
    book.enrol(other + "/console", '2', Role::Console);
    book.enrol(owner + "/boss", '3', Role::Administrator);
    room.sessions.set_known_time(book.now_us);
  }
  void open(const std::string& peer, char digit, wire::OpenT request = Room::open_request()) {
    room.link.own(peer, key(digit));
    room.ask(peer, request);
    room.run();
  }
  /// Time goes on by so much.
  void tick(std::int64_t us = 100'000) {
    room.clock.now_us += us;
    room.sessions.tick();
    room.run();
  }
  void say(char digit, std::unique_ptr<wire::StateT> state) {
    book.now_us = room.world.known_us();
    book.must(key(digit), std::move(state));
  }
  std::set<std::string> owners_of(const Got& got) const {
    std::set<std::string> owners;
    for (const Unit& unit : got.picture.units()) owners.emplace(owner_of(unit.name));
    return owners;
  }
  Book book;
  Room room;
  const std::string owner = "alpha";  // of the world's units
  const std::string other = "bravo";
};

class SessionRights : public test::InWorlds {};
INSTANTIATE_TEST_SUITE_P(Worlds, SessionRights, testing::Range(0, 5));

TEST_P(SessionRights, each_owner_is_shown_its_own) {
  GuardedRoom guarded(seed());
  guarded.room.publish(20);
  guarded.open("a", '1');
  guarded.open("b", '2');
  guarded.room.publish(20);
  guarded.room.run();
  EXPECT_THAT(guarded.owners_of(guarded.room.take("a")), testing::ElementsAre(guarded.owner));
  EXPECT_THAT(guarded.owners_of(guarded.room.take("b")), testing::ElementsAre(guarded.other));
}

TEST_P(SessionRights, a_key_that_nobody_holds_and_an_invitation_open_nothing) {
  GuardedRoom guarded(seed());
  guarded.say('3', Book::invite(guarded.owner + "/new", 'a', Role::Console));
  guarded.open("stranger", '9');
  guarded.open("invited", 'a');
  EXPECT_EQ(guarded.room.take("stranger").denied.at(0).code, Refusal::Revoked);
  EXPECT_EQ(guarded.room.take("invited").denied.at(0).code, Refusal::NotEntitled);
}

TEST_P(SessionRights, a_revoked_console_is_sent_nothing_more_and_cut_off_and_nobody_else_is) {
  GuardedRoom guarded(seed());
  guarded.room.publish(10);
  guarded.open("a", '1');
  guarded.open("boss", '3');
  guarded.say('3', Book::revoked(guarded.owner + "/console"));
  guarded.tick();
  Got got = guarded.room.take("a");
  EXPECT_EQ(got.reopens, 1u);
  guarded.room.take("boss");
  guarded.room.publish(10);
  guarded.room.run();
  EXPECT_TRUE(guarded.room.take("a").frames.empty());
  EXPECT_FALSE(guarded.room.take("boss").frames.empty());
  guarded.tick(1'000'000);
  EXPECT_TRUE(guarded.room.link.is_cut("a"));
  EXPECT_FALSE(guarded.room.link.is_cut("boss"));
  guarded.open("b", '1');
  EXPECT_EQ(guarded.room.take("b").denied.at(0).code, Refusal::Revoked);
}

TEST_P(SessionRights, what_is_granted_is_shown_and_what_is_withdrawn_is_gone_from_the_picture) {
  GuardedRoom guarded(seed());
  guarded.room.publish(10);
  guarded.open("b", '2');
  guarded.room.take("b");
  auto grant = Book::grant(guarded.owner + "/joint", guarded.other);
  guarded.say('3', std::make_unique<wire::StateT>(*grant));
  const std::int64_t made_us = guarded.book.now_us;
  guarded.tick();
  EXPECT_EQ(guarded.room.take("b").reopens, 1u);
  // It comes back from where it was, as clients do.
  const std::uint64_t head = guarded.room.ring.head();
  guarded.open("b", '2', Room::resume_request(head, head));
  guarded.room.publish(10);
  guarded.room.run();
  Got got = guarded.room.take("b");
  EXPECT_TRUE(got.opened.at(0).replaces);
  EXPECT_TRUE(guarded.owners_of(got).contains(guarded.owner));

  guarded.say('3', Book::ended(std::move(grant), made_us));
  guarded.tick();
  const std::uint64_t then = guarded.room.ring.head();
  guarded.open("b", '2', Room::resume_request(then, then));
  guarded.room.publish(10);
  guarded.room.run();
  got = guarded.room.take("b");
  EXPECT_TRUE(got.opened.at(0).replaces);
  EXPECT_THAT(guarded.owners_of(got), testing::ElementsAre(guarded.other));
  guarded.tick(2'000'000);
  EXPECT_FALSE(guarded.room.link.is_cut("b"));
}

TEST_P(SessionRights, what_comes_right_after_a_grant_is_not_passed_over) {
  GuardedRoom guarded(seed());
  guarded.room.publish(5);
  guarded.open("b", '2');
  guarded.room.take("b");
  const std::uint64_t before = guarded.room.ring.head();
  guarded.say('3', Book::grant(guarded.owner + "/joint", guarded.other));
  guarded.room.sessions.look_at_rights();
  guarded.room.publish(30);
  guarded.open("b", '2', Room::resume_request(before, before));
  EXPECT_EQ(guarded.room.take("b").events, guarded.room.events(before));
}

TEST_P(SessionRights, what_waits_for_a_slow_console_is_cut_off_when_its_rights_change) {
  GuardedRoom guarded(seed());
  guarded.open("b", '2');
  guarded.say('3', Book::grant(guarded.owner + "/joint", guarded.other));
  guarded.tick();
  EXPECT_FALSE(guarded.room.link.is_cut("b"));
  guarded.tick(1'000'000);
  EXPECT_TRUE(guarded.room.link.is_cut("b"));
}

TEST_P(SessionRights, who_comes_back_unchanged_goes_on_from_its_place) {
  GuardedRoom guarded(seed());
  guarded.room.publish(5);
  guarded.open("b", '2');
  guarded.room.publish(5);
  guarded.room.run();
  guarded.room.take("b");
  const std::uint64_t head = guarded.room.ring.head();
  guarded.open("b", '2', Room::resume_request(head, head));
  EXPECT_FALSE(guarded.room.take("b").opened.at(0).replaces);
}

TEST_P(SessionRights, a_right_that_ends_by_itself_ends_the_session) {
  GuardedRoom guarded(seed());
  auto grant = Book::grant(guarded.owner + "/joint", guarded.other);
  grant->grant->ends_us = guarded.room.world.known_us() + 5'000'000;
  guarded.say('3', std::move(grant));
  guarded.open("b", '2');
  guarded.room.take("b");
  guarded.tick();
  EXPECT_EQ(guarded.room.take("b").reopens, 0u);
  guarded.room.sessions.set_known_time(guarded.room.world.known_us() + 5'000'000);
  guarded.tick();
  EXPECT_EQ(guarded.room.take("b").reopens, 1u);
}

/// Of all that there is, as it became known.
wire::OpenT replay_request() {
  wire::OpenT replay = Room::open_request();
  replay.mode = wire::Mode::Replay;
  replay.start = wire::StartKind::KnownTime;
  return replay;
}

TEST_P(SessionRights, a_grant_that_ends_by_itself_ends_what_is_live_and_what_is_replayed_by_it) {
  GuardedRoom guarded(seed());
  guarded.room.publish(5);
  auto grant = Book::grant(guarded.owner + "/joint", guarded.other);
  const std::int64_t ends_us = guarded.room.world.known_us() + 5'000'000;
  grant->grant->ends_us = ends_us;
  guarded.say('3', std::move(grant));
  for (const char* peer : {"live", "replay"}) {
    guarded.open(peer, '2', peer[0] == 'l' ? Room::open_request() : replay_request());
    guarded.room.take(peer);
  }
  guarded.open("boss", '3', replay_request());
  guarded.room.sessions.set_known_time(ends_us - 1);
  guarded.tick();
  EXPECT_EQ(guarded.room.take("live").reopens + guarded.room.take("replay").reopens, 0u);
  guarded.room.sessions.set_known_time(ends_us);
  guarded.tick();
  for (const char* peer : {"live", "replay"})
    EXPECT_EQ(guarded.room.take(peer).reopens, 1u) << peer;
  EXPECT_EQ(guarded.room.take("boss").reopens, 0u) << "by no grant";
  EXPECT_EQ(guarded.room.sessions.count(), 1u);
}

TEST_P(SessionRights, an_identity_that_ends_by_itself_ends_what_it_watches_and_what_it_replays) {
  GuardedRoom guarded(seed());
  guarded.room.publish(5);
  const std::int64_t ends_us = guarded.room.world.known_us() + 5'000'000;
  auto ending = Book::identity(guarded.owner + "/console", '1', Role::Console);
  ending->identity->ends_us = ends_us;
  guarded.say('3', std::move(ending));
  guarded.open("live", '1');
  guarded.open("replay", '1', replay_request());
  guarded.open("boss", '3');
  guarded.room.sessions.set_known_time(ends_us - 1);
  guarded.tick();
  EXPECT_EQ(guarded.room.take("live").reopens + guarded.room.take("replay").reopens, 0u);
  guarded.room.sessions.set_known_time(ends_us);
  guarded.book.now_us = ends_us;
  guarded.tick();
  for (const char* peer : {"live", "replay"})
    EXPECT_EQ(guarded.room.take(peer).reopens, 1u) << peer;
  guarded.tick(1'000'000);
  for (const char* peer : {"live", "replay"}) EXPECT_TRUE(guarded.room.link.is_cut(peer)) << peer;
  EXPECT_FALSE(guarded.room.link.is_cut("boss"));
  guarded.open("again", '1');
  EXPECT_EQ(guarded.room.take("again").denied.at(0).code, Refusal::Revoked);
}

TEST_P(SessionRights, a_connection_that_takes_anothers_name_does_not_speak_for_its_session) {
  GuardedRoom guarded(seed());
  guarded.open("b", '2', Room::open_request(limits::kFrameBytesMin));
  guarded.room.take("b");
  guarded.room.link.own("b", key('1'));
  guarded.room.ask("b", test::grant(1 << 20));
  EXPECT_EQ(guarded.room.take("b").reopens, 1u);
  EXPECT_EQ(guarded.room.sessions.statuses(1).at(0).credit_bytes <= limits::kFrameBytesMin, true);
}

TEST_P(SessionRights, one_identity_has_so_many_sessions_and_replays) {
  SessionsOptions options;
  options.sessions_per_identity = 3;
  options.replays_per_identity = 1;
  GuardedRoom guarded(seed(), options);
  const wire::OpenT replay = replay_request();
  guarded.open("a", '1', replay);
  guarded.open("b", '1', replay);
  EXPECT_EQ(guarded.room.take("b").denied.at(0).code, Refusal::TooManySessions);
  guarded.open("c", '1');
  guarded.open("d", '1');
  guarded.open("e", '1');
  EXPECT_EQ(guarded.room.take("e").denied.at(0).code, Refusal::TooManySessions);
  guarded.open("f", '2');
  EXPECT_EQ(guarded.room.take("f").opened.size(), 1u);
  guarded.room.ask("a", wire::CloseT());
  guarded.open("g", '1', replay);
  EXPECT_EQ(guarded.room.take("g").opened.size(), 1u);
}

/// Sessions "b0", "b1" and so on, all of one identity.
void open_many(GuardedRoom& guarded, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) guarded.open("b" + std::to_string(i), '2');
}

TEST_P(SessionRights, of_many_some_are_looked_at_each_time_and_the_others_are_sent_nothing_before) {
  constexpr std::size_t kMany = 150;
  SessionsOptions options;
  options.sessions_per_identity = kMany;
  options.requests_per_second = 0;
  GuardedRoom guarded(seed(), options);
  guarded.room.publish(5);
  open_many(guarded, kMany);
  const std::uint64_t before = guarded.room.ring.head();
  for (std::size_t i = 0; i < kMany; ++i) guarded.room.take("b" + std::to_string(i));
  guarded.say('3', Book::grant(guarded.owner + "/joint", guarded.other));
  constexpr std::size_t kAtOnce = Sessions::kLookSteps / Sessions::kEndSteps;
  for (std::size_t left = kMany; left != 0;) {
    guarded.room.sessions.look_at_rights();
    const std::size_t now_left = guarded.room.sessions.count();
    ASSERT_LT(now_left, left) << "each time some";
    ASSERT_LE(left - now_left, kAtOnce) << "and no more than the budget allows";
    left = now_left;
    EXPECT_EQ(guarded.room.sessions.unlooked(), left);
    guarded.room.publish(3);
    guarded.room.run();
  }
  for (std::size_t i = 0; i < kMany; ++i) {
    const Got got = guarded.room.take("b" + std::to_string(i));
    ASSERT_TRUE(got.frames.empty());
    ASSERT_EQ(got.reopens, 1u);
  }
  // What came while it waited is not passed over.
  const std::uint64_t head = guarded.room.ring.head();
  ASSERT_GT(head, before);
  guarded.open("b0", '2', Room::resume_request(before, before));
  EXPECT_EQ(guarded.room.take("b0").events, guarded.room.events(before));
}

TEST_P(SessionRights, who_waits_to_be_looked_at_and_is_shown_the_same_goes_on_from_its_place) {
  constexpr std::size_t kMany = Sessions::kLookSteps + 100;
  SessionsOptions options;
  options.sessions_max = options.sessions_per_identity = kMany;
  options.requests_per_second = 0;
  GuardedRoom guarded(seed(), options);
  open_many(guarded, kMany);
  const std::uint64_t before = guarded.room.ring.head();
  const std::uint64_t made = guarded.room.sessions.counts().rights_made;
  // Each time everybody is to be looked at, and each time some are left: all have their turn.
  for (int changes = 0; changes < 3; ++changes) {
    guarded.say('3', Book::grant(guarded.owner + "/g" + std::to_string(changes), "nobody"));
    guarded.room.sessions.look_at_rights();
    EXPECT_NE(guarded.room.sessions.unlooked(), 0u);
    guarded.room.publish(2);
    guarded.room.run();
  }
  guarded.room.sessions.look_at_rights();
  EXPECT_EQ(guarded.room.sessions.unlooked(), 0u);
  guarded.room.run();
  EXPECT_EQ(guarded.room.sessions.counts().rights_made, made) << "nobody's sight is worked out";
  EXPECT_EQ(guarded.room.sessions.count(), kMany);
  std::set<std::vector<std::uint64_t>> got;
  for (std::size_t i = 0; i < kMany; ++i) {
    got.insert(guarded.room.take("b" + std::to_string(i)).events);
  }
  EXPECT_EQ(got.size(), 1u) << "all are sent the same";
  EXPECT_GT(guarded.room.ring.head(), before);
}

}  // namespace
}  // namespace vigie::sessions
