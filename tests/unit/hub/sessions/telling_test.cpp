// Who reads what became known before is told, and who was refused; who reads on is not.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/unit/hub/sessions/room.h"
#include "tests/unit/support/access_book.h"

namespace vigie::sessions {
namespace {

using test::Room;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using vigie::test::Book;
using vigie::test::key;
using wire::Refusal;
using wire::Role;

constexpr std::int64_t kLongUs = 3'600'000'000;

/// A room that asks who is there, with alpha's console '1', bravo's administrator '2', and what the
/// audit was told.
struct ToldRoom {
  explicit ToldRoom(SessionsOptions options = {})
      : room(vigie::test::seed(), 1 << 20, options, &book.registry, &trail, &quarantine) {
    book.now_us = room.world.known_us();
    book.enrol("alpha/console", '1', Role::Console);
    book.enrol("bravo/boss", '2', Role::Administrator);
    room.sessions.set_known_time(book.now_us);
  }
  void open(const std::string& peer, char digit, const wire::OpenT& request) {
    room.link.own(peer, key(digit));
    room.ask(peer, request);
    room.run();
  }
  std::vector<std::string> told() {
    std::vector<std::string> acts;
    const security::AuditBlock block =
        trail.take({1, 1}, 1, 1, book.now_us, std::numeric_limits<std::size_t>::max() / 2);
    if (block.count == 0) return acts;
    const auto* batch = flatbuffers::GetRoot<wire::Batch>(block.payload.data());
    for (const wire::Event* event : each(batch->events())) {
      acts.push_back(fmt::format("{}: {}: {}", owner_of(text_of(event->unit())),
                                 text_of(event->kind()), text_of(event->text())));
    }
    return acts;
  }
  /// Time goes on, and what happened is long ago.
  void wait(std::int64_t us) { room.sessions.set_known_time(room.world.known_us() + us); }

  Book book;
  security::AuditTrail trail;
  security::Quarantine quarantine{security::QuarantineOptions()};
  Room room;
};

wire::OpenT request(wire::Mode mode, wire::StartKind start) {
  wire::OpenT open = Room::open_request();
  open.mode = mode;
  open.start = start;
  if (start == wire::StartKind::KnownTime || start == wire::StartKind::TrueTime) {
    open.time_us = vigie::test::kNoonUs;
  }
  return open;
}

TEST(SessionTelling, whoever_names_a_time_of_the_past_is_told) {
  ToldRoom told;
  told.room.publish(5);
  told.open("replay", '1', request(wire::Mode::Replay, wire::StartKind::TrueTime));
  EXPECT_THAT(told.told(),
              ElementsAre("alpha: read_past: alpha/console replayed everything by true time"));
  told.open("past", '1', request(wire::Mode::Snapshot, wire::StartKind::KnownTime));
  EXPECT_THAT(told.told(),
              ElementsAre("alpha: read_past: alpha/console looked at everything by known time"));
  told.open("since", '1', request(wire::Mode::Live, wire::StartKind::KnownTime));
  EXPECT_THAT(told.told(), ElementsAre(HasSubstr("followed, from the past on, everything")));
  wire::OpenT kept = request(wire::Mode::Replay, wire::StartKind::KnownTime);
  kept.recording = true;
  told.open("file", '1', kept);
  EXPECT_THAT(told.told(),
              ElementsAre("alpha: exported: alpha/console exported everything by known time"));
}

TEST(SessionTelling, whoever_may_not_ask_is_told) {
  ToldRoom told;
  wire::AskT ask;
  ask.what = wire::AskKind::Quarantine;
  told.room.link.own("asker", key('1'));
  told.room.ask("asker", ask);
  EXPECT_THAT(told.told(),
              ElementsAre(AllOf(HasSubstr("alpha: refused:"), HasSubstr("no administrator"))));
  ask.what = wire::AskKind::RotateHubKey;
  told.room.link.own("boss", key('2'));
  told.room.ask("boss", ask);
  EXPECT_THAT(told.told(), ElementsAre(AllOf(HasSubstr("bravo: refused:"),
                                             HasSubstr("only the hub's own administrators"))));
}

TEST(SessionTelling, who_follows_what_comes_reads_nothing_of_the_past) {
  ToldRoom told;
  told.room.publish(5);
  told.open("live", '1', request(wire::Mode::Live, wire::StartKind::Now));
  told.open("new", '1', request(wire::Mode::Live, wire::StartKind::NowNoSnapshot));
  told.open("now", '1', request(wire::Mode::Snapshot, wire::StartKind::Now));
  EXPECT_THAT(told.told(), IsEmpty());
}

TEST(SessionTelling, who_comes_back_reads_on_and_who_goes_far_back_is_told) {
  ToldRoom told;
  told.room.publish(20);
  const std::uint64_t head = told.room.ring.head();
  told.open("back", '1', Room::resume_request(head, head));
  told.open("soon", '1', Room::resume_request(head / 2, head / 2));
  EXPECT_THAT(told.told(), IsEmpty());
  told.wait(kLongUs);
  told.open("late", '1', Room::resume_request(head, head));
  EXPECT_THAT(told.told(), IsEmpty()) << "it had everything";
  told.open("far", '1', Room::resume_request(head / 2, head / 2));
  EXPECT_THAT(told.told(),
              ElementsAre(HasSubstr(fmt::format("went on with everything from seq {}", head / 2))));
  wire::OpenT by_seq = request(wire::Mode::Live, wire::StartKind::Seq);
  by_seq.seq = 1;
  told.open("seq", '1', by_seq);
  EXPECT_THAT(told.told(), ElementsAre(HasSubstr("from seq 1")));
}

TEST(SessionTelling, a_hole_that_is_no_hole_is_told_too) {
  ToldRoom told;
  told.room.publish(20);
  told.open("live", '1', request(wire::Mode::Live, wire::StartKind::Now));
  told.wait(kLongUs);
  wire::RefillT refill;
  const std::vector<std::byte> bytes = token_bytes(wire::Token(test::kLog, 1, 1));
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  refill.token.assign(first, first + bytes.size());
  told.room.ask("live", refill);
  EXPECT_THAT(told.told(), ElementsAre(HasSubstr("from seq 1")));
}

TEST(SessionTelling, whose_it_is_is_told_as_well) {
  ToldRoom told;
  told.book.must(key('2'), Book::grant("bravo/joint", "alpha"));
  told.open("replay", '1', request(wire::Mode::Replay, wire::StartKind::KnownTime));
  EXPECT_THAT(told.told(),
              ElementsAre(HasSubstr("alpha: read_past"), HasSubstr("bravo: read_past")));
}

TEST(SessionTelling, who_looks_at_a_refused_message_is_told_to_its_senders_owner_too) {
  ToldRoom told;
  told.quarantine.note({.endpoint = "publish",
                        .name = "alpha/v1",
                        .key = key('5'),
                        .bytes = {},
                        .code = Refusal::BadTime,
                        .reason = "true_time is before 2000"},
                       1000, told.room.clock.now_us);
  wire::AskT ask;
  ask.what = wire::AskKind::Quarantine;
  told.room.link.own("chief", key('0'));
  told.room.ask("chief", ask);
  EXPECT_THAT(told.told(), IsEmpty()) << "a list holds nothing of it";
  ask.what = wire::AskKind::Quarantined;
  ask.id = 1000;
  told.room.ask("chief", ask);
  const auto acts = told.told();
  ASSERT_EQ(acts.size(), 2u);
  EXPECT_THAT(acts[0], AllOf(HasSubstr("_hub: read_quarantined"), HasSubstr("alpha/v1")));
  EXPECT_THAT(acts[1], HasSubstr("alpha: read_quarantined"));
}

TEST(SessionTelling, another_key_of_the_hub_is_told_with_who_wanted_it) {
  ToldRoom told;
  told.room.sessions.tell_hub_key({.peer = "chief", .request = 1, .by = "_hub/chief"},
                                  {.key = key('b'), .old_until_us = 0});
  EXPECT_THAT(told.told(),
              ElementsAre("_hub: hub_key_rotated: _hub/chief gave the hub another key; the one "
                          "before has ended"));
}

TEST(SessionTelling, who_is_refused_is_told_once_a_minute) {
  SessionsOptions options;
  options.sessions_per_identity = 1;
  ToldRoom told(options);
  told.open("stranger", '9', Room::open_request());
  EXPECT_THAT(told.told(), ElementsAre(HasSubstr("_hub: refused: unknown was refused at listen")));
  told.open("one", '1', Room::open_request());
  for (int i = 0; i < 10; ++i) told.open("two", '1', Room::open_request());
  EXPECT_THAT(told.told(), ElementsAre(HasSubstr("'alpha/console' has 1 sessions already")));
  wire::OpenT by_grant = Room::open_request();
  by_grant.grant = "bravo/none";
  told.open("one", '1', by_grant);
  EXPECT_THAT(told.told(), ElementsAre(HasSubstr("no grant 'bravo/none'")));
}

TEST(SessionTelling, without_room_for_telling_it_the_past_is_not_read) {
  ToldRoom told;
  while (!told.trail.full()) told.trail.note({.kind = "invited", .owners = {"alpha"}});
  told.open("replay", '1', request(wire::Mode::Replay, wire::StartKind::KnownTime));
  EXPECT_EQ(told.room.take("replay").denied.at(0).code, Refusal::NotReady);
  told.open("live", '1', request(wire::Mode::Live, wire::StartKind::Now));
  EXPECT_EQ(told.room.take("live").opened.size(), 1u);
}

TEST(SessionTelling, where_nobody_is_asked_nothing_is_told) {
  security::AuditTrail trail;
  Room room(vigie::test::seed(), 1 << 20, {}, nullptr, &trail);
  room.ask("replay", request(wire::Mode::Replay, wire::StartKind::KnownTime));
  EXPECT_TRUE(trail.empty());
}

}  // namespace
}  // namespace vigie::sessions
