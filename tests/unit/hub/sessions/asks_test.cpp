// Who may ask what: administrators alone, each within its sight; on a plain hub everybody.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/unit/hub/sessions/room.h"
#include "tests/unit/support/access_book.h"

namespace vigie::sessions {
namespace {

using test::Room;
using vigie::test::Book;
using vigie::test::key;
using wire::AskKind;
using wire::Refusal;
using wire::Role;

/// A room with a quarantine, where alpha and bravo have an administrator and others, and the hub
/// has its own ('0').
struct AskedRoom {
  explicit AskedRoom(bool is_guarded = true)
      : room(1, 1 << 20, {}, is_guarded ? &book.registry : nullptr, nullptr, &quarantine) {
    book.now_us = room.world.known_us();
    book.enrol("alpha/boss", '1', Role::Administrator);
    book.enrol("alpha/room", '2', Role::Console);
    book.enrol("bravo/boss", '3', Role::Administrator);
    room.sessions.set_known_time(book.now_us);
  }
  std::vector<wire::ToldT> ask(char digit, const wire::AskT& ask, const std::string& peer = "p") {
    if (digit != 0) room.link.own(peer, key(digit));
    room.ask(peer, ask);
    std::vector<wire::ToldT> told;
    for (const auto& message : std::exchange(room.link.sent_to(peer), {})) {
      const AlignedBytes copy(message);
      EXPECT_LE(message.size(), limits::kFrameBytesMax);
      if (const auto* one = verified<wire::Told>(copy.bytes())) one->UnPackTo(&told.emplace_back());
    }
    return told;
  }
  wire::ToldT answer(char digit, const wire::AskT& asked) {
    auto told = ask(digit, asked);
    EXPECT_EQ(told.size(), 1u);
    EXPECT_EQ(told.at(0).request, asked.request);
    return std::move(told.at(0));
  }
  void refuse(const std::string& name, std::size_t bytes = 10) {
    const std::vector<std::byte> message(bytes);
    room.clock.now_us += 10'000'000;  // time to copy it
    quarantine.note({.endpoint = "publish",
                     .name = name,
                     .key = key('5'),
                     .bytes = message,
                     .code = Refusal::BadTime,
                     .reason = "true_time is before 2000"},
                    ++now_us, room.clock.now_us);
  }
  Book book;
  security::Quarantine quarantine{security::QuarantineOptions()};
  Room room;
  std::int64_t now_us = 1000;
};

wire::AskT about(AskKind what, std::uint64_t id = 0) {
  wire::AskT ask;
  ask.request = 42;
  ask.what = what;
  ask.id = id;
  return ask;
}

std::vector<std::string> names_in(const wire::ToldT& told) {
  std::vector<std::string> names;
  for (const auto& message : told.quarantined) names.push_back(message->name);
  return names;
}

TEST(AsksTest, an_administrator_is_told_of_its_owners_senders_and_the_hubs_of_all) {
  AskedRoom asked;
  asked.refuse("alpha/v1");
  asked.refuse("bravo/v1");
  asked.refuse("");
  const wire::AskT ask = about(AskKind::Quarantine);
  EXPECT_THAT(names_in(asked.answer('1', ask)), testing::ElementsAre("alpha/v1"));
  EXPECT_THAT(names_in(asked.answer('3', ask)), testing::ElementsAre("bravo/v1"));
  EXPECT_THAT(names_in(asked.answer('0', ask)), testing::ElementsAre("", "bravo/v1", "alpha/v1"));
}

TEST(AsksTest, nobody_else_is_told_anything_and_that_they_asked_is_kept) {
  AskedRoom asked;
  asked.refuse("alpha/v1");
  for (const AskKind what : {AskKind::Quarantine, AskKind::Quarantined, AskKind::RotateHubKey}) {
    const wire::ToldT told = asked.answer('2', about(what, 1001));
    EXPECT_EQ(told.code, Refusal::NotEntitled);
    EXPECT_THAT(told.reason, testing::HasSubstr("alpha/room"));
    EXPECT_TRUE(told.quarantined.empty());
    EXPECT_EQ(asked.answer('9', about(what, 1001)).code, Refusal::Revoked);
  }
  EXPECT_THAT(names_in(asked.answer('1', about(AskKind::Quarantine))),
              testing::ElementsAre("alpha/room", "alpha/room", "alpha/room", "alpha/v1"));
  EXPECT_EQ(asked.room.sessions.counts().denied.at(Refusal::NotEntitled), 3u);
}

TEST(AsksTest, an_invitation_asks_nothing) {
  AskedRoom asked;
  asked.book.must(key('1'), Book::invite("alpha/new", 'a', Role::Administrator));
  EXPECT_EQ(asked.answer('a', about(AskKind::Quarantine)).code, Refusal::NotEntitled);
}

TEST(AsksTest, one_message_comes_whole_to_who_may_see_it) {
  AskedRoom asked;
  asked.refuse("alpha/v1", limits::kBatchBytesMax);
  const wire::AskT ask = about(AskKind::Quarantined, 1001);
  const wire::ToldT told = asked.answer('1', ask);
  ASSERT_EQ(told.quarantined.size(), 1u);
  EXPECT_EQ(told.quarantined[0]->id, 1001u);
  EXPECT_EQ(told.quarantined[0]->bytes.size(), limits::kBatchBytesMax);
  EXPECT_EQ(asked.answer('3', ask).code, Refusal::NotFound);  // as if it were not there
  EXPECT_EQ(asked.answer('3', about(AskKind::Quarantined, 7)).code, Refusal::NotFound);
}

TEST(AsksTest, the_hubs_own_administrators_see_no_owners_bytes) {
  AskedRoom asked;
  asked.refuse("alpha/v1", 100);
  asked.refuse("", 100);
  asked.refuse("_hub/chief", 100);
  const wire::ToldT told = asked.answer('0', about(AskKind::Quarantined, 1001));
  ASSERT_EQ(told.quarantined.size(), 1u);
  EXPECT_EQ(told.quarantined[0]->name, "alpha/v1");
  EXPECT_EQ(told.quarantined[0]->size, 100u);
  EXPECT_EQ(told.quarantined[0]->code, Refusal::BadTime);
  EXPECT_THAT(told.quarantined[0]->reason, testing::HasSubstr("true_time"));
  EXPECT_TRUE(told.quarantined[0]->bytes.empty());
  for (const std::uint64_t own : {1002, 1003}) {
    const wire::ToldT whole = asked.answer('0', about(AskKind::Quarantined, own));
    ASSERT_EQ(whole.quarantined.size(), 1u);
    EXPECT_EQ(whole.quarantined[0]->bytes.size(), 100u);
  }
}

TEST(AsksTest, a_list_has_no_bytes_and_comes_in_pages) {
  AskedRoom asked;
  for (int i = 0; i < 250; ++i) asked.refuse("alpha/v1", 1000);
  wire::AskT ask = about(AskKind::Quarantine);
  std::set<std::uint64_t> ids;
  for (int pages = 0;; ++pages) {
    ASSERT_LT(pages, 250);
    const wire::ToldT told = asked.answer('1', ask);
    for (const auto& message : told.quarantined) {
      EXPECT_TRUE(message->bytes.empty());
      EXPECT_EQ(message->size, 1000u);
      EXPECT_TRUE(ids.insert(message->id).second);
      ask.before = message->id;
    }
    if (!told.more) break;
  }
  EXPECT_EQ(ids.size(), 250u);
  ask.before = 0;
  ask.most = 3;
  const wire::ToldT few = asked.answer('1', ask);
  EXPECT_EQ(few.quarantined.size(), 3u);
  EXPECT_TRUE(few.more);
}

TEST(AsksTest, what_is_dropped_of_others_is_not_told) {
  AskedRoom asked;
  for (int i = 0; i < 300; ++i) asked.refuse("bravo/v1");
  EXPECT_EQ(asked.answer('1', about(AskKind::Quarantine)).dropped, 0u);
  EXPECT_EQ(asked.answer('3', about(AskKind::Quarantine)).dropped, 44u);
  EXPECT_EQ(asked.answer('0', about(AskKind::Quarantine)).dropped, 44u);
}

TEST(AsksTest, only_the_hubs_own_may_change_its_key) {
  AskedRoom asked;
  EXPECT_EQ(asked.answer('1', about(AskKind::RotateHubKey)).code, Refusal::NotEntitled);
  AskedRoom plain(false);
  EXPECT_EQ(plain.answer(0, about(AskKind::RotateHubKey)).code, Refusal::BadValue);
}

TEST(AsksTest, an_unknown_question_is_refused_by_its_number) {
  AskedRoom asked;
  for (const int what : {0, 77}) {
    const wire::ToldT told = asked.answer('0', about(static_cast<AskKind>(what)));
    EXPECT_EQ(told.code, Refusal::BadValue);
    EXPECT_THAT(told.reason, testing::HasSubstr(std::to_string(what)));
  }
}

TEST(AsksTest, on_a_plain_hub_everybody_may_ask) {
  AskedRoom plain(false);
  plain.refuse("");
  EXPECT_EQ(plain.answer(0, about(AskKind::Quarantine)).quarantined.size(), 1u);
}

TEST(AsksTest, a_session_goes_on_beside_a_question) {
  AskedRoom asked;
  asked.room.link.own("p", key('1'));
  asked.room.ask("p", Room::open_request());
  EXPECT_EQ(asked.room.take("p").opened.size(), 1u);
  EXPECT_EQ(asked.answer('1', about(AskKind::Quarantine)).code, Refusal::None);
  asked.room.publish(1);
  asked.room.run();
  EXPECT_EQ(asked.room.sessions.count(), 1u);
}

TEST(AsksTest, requests_that_are_wrong_are_kept_with_their_code) {
  AskedRoom asked;
  asked.room.link.own("p", key('2'));
  const std::vector<std::byte> noise(40, std::byte{0x5a});
  asked.room.link.put("p", noise);
  wire::OpenT bad_view = Room::open_request();
  bad_view.view = std::make_unique<wire::ViewT>();
  bad_view.view->channels = {"nonsense/x/y"};
  asked.room.ask("p", bad_view);
  wire::OpenT bad_range = Room::open_request();
  bad_range.mode = wire::Mode::Replay;
  asked.room.ask("p", bad_range);
  std::vector<std::byte> torn = packed<wire::Ask>(about(AskKind::Quarantine));
  torn.resize(14);
  asked.room.link.put("p", torn);
  asked.room.link.put("p", std::vector<std::byte>(limits::kRequestBytesMax + 1));
  asked.room.sessions.read_turn(16);
  const wire::ToldT told = asked.answer('1', about(AskKind::Quarantine));
  std::vector<Refusal> codes;
  for (const auto& message : told.quarantined) {
    EXPECT_EQ(message->name, "alpha/room");
    EXPECT_EQ(message->endpoint, "listen");
    codes.push_back(message->code);
  }
  EXPECT_THAT(codes, testing::ElementsAre(Refusal::TooLarge, Refusal::Malformed, Refusal::BadRange,
                                          Refusal::BadView, Refusal::Malformed));
  EXPECT_EQ(asked.room.sessions.counts().denied.at(Refusal::Malformed), 2u);
}

}  // namespace
}  // namespace vigie::sessions
