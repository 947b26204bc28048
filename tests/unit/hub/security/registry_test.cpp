#include "hub/security/registry.h"

#include <gmock/gmock.h>

#include "schemas/keys/key_pair.h"
#include "tests/unit/support/access_book.h"

namespace vigie::security {
namespace {

using test::Book;
using test::key;
using test::kHour;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using wire::Role;
using enum MessageClass;

constexpr std::int64_t kStart = test::kNoonUs;

TEST(Registry, knows_nobody_but_the_hubs_own_administrators_at_first) {
  const Book book;
  EXPECT_TRUE(book.registry.find(key('0'), kStart));
  EXPECT_FALSE(book.registry.find(key('1'), kStart));
  EXPECT_THAT(book.registry.keys(kStart), UnorderedElementsAre(key('0')));
  EXPECT_THAT(book.registry.may_publish({}, Track, "blue/v1"), HasSubstr("nobody known"));
}

TEST(Registry, an_invitation_makes_one_identity_once) {
  Book book;
  book.must(key('0'), Book::invite("blue/tablet", '7', Role::Tracker, {"blue/v1"}));
  EXPECT_NE(book.registry.find(key('7'), kStart).invitation, nullptr);
  EXPECT_FALSE(book.may('7', Track, "blue/v1")) << "it only joins";
  const auto join = [&](const std::string& name, Role role, std::vector<std::string> units) {
    return book.say(key('7'), Book::identity(name, '1', role, std::move(units), '7'));
  };
  EXPECT_NE(join("blue/other", Role::Tracker, {"blue/v1"}), "");
  EXPECT_NE(join("blue/tablet", Role::Administrator, {"blue/v1"}), "");
  EXPECT_NE(join("blue/tablet", Role::Tracker, {"blue/v1", "blue/v2"}), "");
  EXPECT_EQ(join("blue/tablet", Role::Tracker, {"blue/v1"}), "");
  EXPECT_TRUE(book.may('1', Track, "blue/v1"));
  EXPECT_FALSE(book.registry.find(key('7'), kStart)) << "a code works once";
}

TEST(Registry, an_invitation_ends_and_can_be_withdrawn) {
  Book book;
  book.must(key('0'), Book::invite("blue/a", '7', Role::Console));
  EXPECT_EQ(book.registry.next_end_us(kStart), kStart + kHour);
  EXPECT_FALSE(book.registry.find(key('7'), kStart + kHour));
  EXPECT_EQ(book.registry.next_end_us(kStart + kHour), INT64_MAX);
  auto withdrawn = test::make_access_state(wire::StateKind::Invite, "blue/a", 0);
  withdrawn->deleted = true;
  book.must(key('0'), std::move(withdrawn));
  EXPECT_FALSE(book.registry.find(key('7'), kStart));
}

TEST(Registry, the_code_of_a_revoked_identity_does_not_open_again) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  book.must(key('0'), Book::revoked("blue/tablet"));
  EXPECT_FALSE(book.registry.find(key('1'), kStart));
  EXPECT_FALSE(book.registry.find(key('6'), kStart));
  EXPECT_THAT(book.registry.keys(kStart), UnorderedElementsAre(key('0')));
}

TEST(Registry, a_device_that_was_set_up_again_takes_its_place) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  book.enrol("blue/tablet", '2', Role::Tracker, {"blue/v1"});
  EXPECT_FALSE(book.registry.find(key('1'), kStart));
  EXPECT_TRUE(book.may('2', Track, "blue/v1"));
}

TEST(Registry, a_key_belongs_to_one_alone) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  EXPECT_THAT(book.say(key('0'), Book::invite("blue/b", '1', Role::Console)), HasSubstr("in use"));
  book.must(key('0'), Book::invite("blue/b", '9', Role::Console));
  EXPECT_THAT(book.say(key('9'), Book::identity("blue/b", '1', Role::Console, {}, '9')),
              HasSubstr("in use"));
  EXPECT_THAT(book.say(key('9'), Book::identity("blue/b", '9', Role::Console, {}, '9')),
              HasSubstr("in use"));
}

TEST(Registry, an_identity_changes_its_key_and_nothing_else) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  EXPECT_NE(book.say(key('1'), Book::identity("blue/tablet", '2', Role::Tracker, {"blue/*"})), "");
  EXPECT_NE(book.say(key('1'), Book::identity("blue/x", '2', Role::Tracker, {"blue/v1"})), "");
  EXPECT_NE(book.say(key('1'), Book::revoked("blue/tablet")), "");
  book.must(key('1'), Book::identity("blue/tablet", '2', Role::Tracker, {"blue/v1"}));
  EXPECT_FALSE(book.registry.find(key('1'), kStart));
  EXPECT_TRUE(book.may('2', Track, "blue/v1"));
}

TEST(Registry, an_invitations_rank_is_the_identitys_and_only_administrators_change_it) {
  Book book;
  auto invite = Book::invite("blue/phone", '7', Role::Tracker, {"blue/v1"});
  invite->invite->rank = 2;
  book.must(key('0'), std::move(invite));
  const auto ranked = [](char digit, std::uint8_t rank, char by_invite) {
    auto state = Book::identity("blue/phone", digit, Role::Tracker, {"blue/v1"}, by_invite);
    state->identity->rank = rank;
    return state;
  };
  EXPECT_THAT(book.say(key('7'), ranked('1', 0, '7')), HasSubstr("as it says"));
  EXPECT_THAT(book.say(key('7'), ranked('1', 3, '7')), HasSubstr("as it says"));
  wire::WelcomeT welcome;
  introduce(book.registry.find(key('7'), kStart), welcome);
  EXPECT_EQ(welcome.invite->rank, 2);
  book.must(key('7'), ranked('1', 2, '7'));
  introduce(book.registry.find(key('1'), kStart), welcome);
  EXPECT_EQ(welcome.identity->rank, 2);
  // Its holder takes another key, and no other rank.
  EXPECT_THAT(book.say(key('1'), ranked('2', 1, 0)), HasSubstr("no administrator"));
  EXPECT_THAT(book.say(key('1'), ranked('2', 3, 0)), HasSubstr("no administrator"));
  book.must(key('1'), ranked('2', 2, 0));
  book.enrol("green/boss", '3', Role::Administrator);
  EXPECT_THAT(book.say(key('3'), ranked('2', 1, 0)), HasSubstr("no administrator"));
  book.enrol("blue/boss", '4', Role::Administrator);
  book.must(key('4'), ranked('2', 1, 0));
  EXPECT_EQ(book.registry.source_ranks(kStart).rank_of(spool_owner("blue/phone")), 1);
}

TEST(Registry, another_rank_changes_nothing_of_what_is_seen_and_published) {
  Book book;
  book.enrol("blue/v1", '1', Role::Tracker, {"blue/v1"});
  const auto sees = [&] {
    return book.registry.entitlement(*book.registry.find(key('1'), kStart).identity, kStart)->key();
  };
  const auto before = sees();
  auto ranked = Book::identity("blue/v1", '1', Role::Tracker, {"blue/v1"});
  ranked->identity->rank = 9;
  book.must(key('0'), std::move(ranked));
  EXPECT_EQ(sees(), before) << "its sessions go on";
  EXPECT_TRUE(book.may('1', Track, "blue/v1"));
}

TEST(Registry, who_is_no_more_ranks_after_all_others) {
  Book book;
  book.enrol("blue/v1", '1', Role::Tracker, {"blue/v1"});
  const auto rank_at = [&](std::int64_t now_us) {
    return book.registry.source_ranks(now_us).rank_of(spool_owner("blue/v1"));
  };
  EXPECT_EQ(rank_at(kStart), 0);
  auto ending = Book::identity("blue/v1", '1', Role::Tracker, {"blue/v1"});
  ending->identity->rank = 255;
  ending->identity->ends_us = kStart + kHour;
  book.must(key('0'), std::move(ending));
  EXPECT_EQ(rank_at(kStart), 255);
  EXPECT_EQ(rank_at(kStart + kHour), kNoRank);
  book.must(key('0'), Book::revoked("blue/v1"));
  EXPECT_EQ(rank_at(kStart), kNoRank);
}

TEST(Registry, a_signing_key_is_said_by_whoever_joins_or_takes_another_key_and_by_nobody_else) {
  Book book;
  const auto signing = [](std::unique_ptr<wire::StateT> state, char digit) {
    state->identity->sign_key = key(digit);
    return state;
  };
  book.must(key('0'), Book::invite("blue/tablet", '7', Role::Tracker, {"blue/v1"}));
  book.must(key('7'),
            signing(Book::identity("blue/tablet", '1', Role::Tracker, {"blue/v1"}, '7'), 'a'));
  book.must(key('1'), signing(Book::identity("blue/tablet", '2', Role::Tracker, {"blue/v1"}), 'b'));
  book.enrol("blue/room", '3', Role::Console);
  EXPECT_NE(book.say(key('3'),
                     signing(Book::identity("blue/tablet", '2', Role::Tracker, {"blue/v1"}), 'c')),
            "");
}

TEST(Registry, administrators_rule_their_own_owner) {
  Book book;
  book.enrol("blue/chief", '1', Role::Administrator);
  book.must(key('1'), Book::invite("blue/a", 'a', Role::Console));
  EXPECT_NE(book.say(key('1'), Book::invite("green/a", 'b', Role::Console)), "");
  EXPECT_NE(book.say(key('1'), Book::invite("_hub/a", 'b', Role::Administrator)), "");
  book.enrol("green/room", '2', Role::Console);
  EXPECT_NE(book.say(key('1'), Book::revoked("green/room")), "");
  EXPECT_NE(book.say(key('2'), Book::invite("green/b", 'b', Role::Console)), "");
  EXPECT_NE(book.say(key('2'), Book::grant("green/g", "blue")), "");
}

TEST(Registry, each_role_publishes_what_is_its_own) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  book.enrol("blue/room", '2', Role::Console);
  book.enrol("blue/gate", '3', Role::Gateway, {"blue/*"});
  struct Row {
    char who;
    MessageClass message_class;
    const char* unit;
    bool may;
  };
  for (const Row& row : {Row{'1', Track, "blue/v1", true}, Row{'1', Event, "blue/v1", true},
                         Row{'1', State, "blue/v1", true}, Row{'1', Track, "blue/v2", false},
                         Row{'1', Track, "green/v1", false}, Row{'1', Event, "blue/tablet", true},
                         Row{'1', Track, "blue/tablet", false}, Row{'2', Track, "blue/v1", false},
                         Row{'2', Event, "blue/room", true}, Row{'2', Event, "blue/v1", false},
                         Row{'2', State, "blue/room", false}, Row{'3', Track, "blue/any", true},
                         Row{'3', Track, "green/any", false}, Row{'0', Track, "blue/v1", false},
                         Row{'0', State, "blue/v1", false}}) {
    EXPECT_EQ(book.may(row.who, row.message_class, row.unit), row.may) << row.who << row.unit;
  }
  book.enrol("blue/chief", '4', Role::Administrator);
  EXPECT_TRUE(book.may('4', State, "blue/v1")) << "keeps the cards";
  EXPECT_FALSE(book.may('4', State, "green/v1"));
  EXPECT_FALSE(book.may('4', Track, "blue/v1"));
}

TEST(Registry, each_role_sees_what_is_its_owners) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  book.enrol("blue/room", '2', Role::Console);
  book.enrol("blue/hub", '3', Role::Partner);
  book.enrol("blue/chief", '4', Role::Administrator);
  const std::string access(kAccessGroup);
  for (const MessageClass one : {Track, Event, State}) {
    EXPECT_EQ(book.sees('1', one, "blue/v1"), one != Track);
    EXPECT_FALSE(book.sees('1', one, "blue/v2"));
    EXPECT_TRUE(book.sees('2', one, "blue/v2"));
    EXPECT_FALSE(book.sees('2', one, "green/v1"));
    EXPECT_FALSE(book.sees('2', one, "blue/tablet", access));
    EXPECT_FALSE(book.sees('3', one, "blue/v1"));
    EXPECT_TRUE(book.sees('4', one, "blue/v1"));
    EXPECT_EQ(book.sees('4', one, "blue/tablet", access), one != Track);
    EXPECT_FALSE(book.sees('4', one, "green/tablet", access));
    EXPECT_FALSE(book.sees('0', one, "blue/v1")) << "the hub's own sees no owner's data";
  }
  EXPECT_TRUE(book.sees('0', State, "blue/tablet", access));
}

TEST(Registry, the_audit_is_seen_by_administrators_alone) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  book.enrol("blue/room", '2', Role::Console);
  book.enrol("blue/hub", '3', Role::Partner);
  book.enrol("blue/chief", '4', Role::Administrator);
  book.must(key('0'), Book::identity("green/chief", 'a', Role::Administrator));
  book.must(key('0'), Book::identity("blue/gate", 'b', Role::Gateway, {"blue/*"}));
  book.must(key('0'), Book::identity("green/room", 'c', Role::Console));
  // Whatever is granted.
  book.must(key('4'), Book::grant("blue/all", "green"));
  auto units = Book::grant("blue/unit", "green");
  units->grant->units = {"blue/audit"};
  book.must(key('4'), std::move(units));
  const std::string audit(kAuditGroup);
  for (const char digit : {'1', '2', '3', 'a', 'b', 'c'}) {
    EXPECT_FALSE(book.sees(digit, Event, "blue/audit", audit)) << digit;
    EXPECT_FALSE(book.sees(digit, Event, "_hub/audit", audit)) << digit;
  }
  EXPECT_TRUE(book.sees('4', Event, "blue/audit", audit));
  EXPECT_FALSE(book.sees('4', Event, "_hub/audit", audit)) << "that is the hub's";
  for (const char* unit : {"blue/audit", "green/audit", "_hub/audit"}) {
    EXPECT_TRUE(book.sees('0', Event, unit, audit)) << unit;
  }
  auto granted = Book::grant("blue/audit", "green");
  granted->grant->groups = {audit};
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::State::Pack(builder, granted.get()));
  EXPECT_NE(check_access(*flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer()), nullptr),
            wire::Refusal::None)
      << "it can't be granted";
}

TEST(Registry, a_grant_shows_from_its_making_to_its_end_and_only_to_whom_it_names) {
  Book book;
  book.enrol("blue/chief", '1', Role::Administrator);
  book.enrol("green/room", '2', Role::Console);
  book.enrol("green/other", '3', Role::Console);
  book.enrol("green/tracker", '4', Role::Tracker, {"green/v1"});
  EXPECT_FALSE(book.sees('2', Track, "blue/v1"));
  const std::int64_t made_us = book.now_us += kHour / 2;
  book.must(key('1'), Book::grant("blue/g", "green/room"));
  EXPECT_TRUE(book.sees('2', Track, "blue/v1"));
  EXPECT_FALSE(book.sees('3', Track, "blue/v1"));
  EXPECT_FALSE(book.sees('2', Track, "blue/v1", "", kStart, kStart)) << "known before";
  book.must(key('1'), Book::grant("blue/all", "green"));
  EXPECT_TRUE(book.sees('3', Track, "blue/v1"));
  EXPECT_FALSE(book.sees('4', Track, "blue/v1")) << "trackers see nobody else's";
  EXPECT_FALSE(book.sees('2', State, "blue/v1", std::string(kAccessGroup)));
  book.now_us += kHour / 4;
  book.must(key('1'), Book::ended(Book::grant("blue/g", "green/room"), made_us));
  book.must(key('1'), Book::ended(Book::grant("blue/all", "green"), made_us));
  EXPECT_FALSE(book.sees('2', Track, "blue/v1"));
  EXPECT_FALSE(book.sees('2', Track, "blue/v1", "", made_us, made_us)) << "not even its own time";
}

TEST(Registry, a_grant_of_the_past_is_an_exception_that_is_said) {
  Book book;
  book.enrol("blue/chief", '1', Role::Administrator);
  book.enrol("green/room", '2', Role::Console);
  auto grant = Book::grant("blue/g", "green");
  grant->grant->past = true;
  grant->grant->from_us = kStart - kHour;
  book.must(key('1'), std::move(grant));
  EXPECT_TRUE(book.sees('2', Track, "blue/v1", "", kStart - 1, kStart - 1));
  EXPECT_FALSE(book.sees('2', Track, "blue/v1", "", kStart - kHour - 1, kStart - kHour - 1));
}

TEST(Registry, a_grant_by_numbers_of_its_own_is_opened_by_itself_and_shared_with_no_other) {
  Book book;
  book.enrol("alpha/boss", '1', wire::Role::Administrator);
  book.enrol("bravo/room", '2', wire::Role::Console);
  auto own = Book::grant("alpha/own", "bravo");
  own->grant->own_numbers = true;
  auto late = Book::grant("alpha/late", "bravo");
  late->grant->delay_s = 1;
  book.must(key('1'), std::move(own));
  book.must(key('1'), std::move(late));
  const security::Identity& who = *book.registry.find(key('2'), book.now_us).identity;
  EXPECT_EQ(book.registry.grants_with_terms(who, book.now_us),
            (std::vector<std::string>{"alpha/late", "alpha/own"}));
  EXPECT_FALSE(book.sees('2', MessageClass::Track, "alpha/v1"));
  const auto by_own = book.registry.entitlement_by("alpha/own", who, book.now_us);
  const auto by_late = book.registry.entitlement_by("alpha/late", who, book.now_us);
  EXPECT_TRUE(by_own->terms().own_numbers);
  EXPECT_FALSE(by_late->terms().own_numbers);
  EXPECT_NE(by_own->key(), by_late->key());
}

TEST(Registry, a_grant_is_never_changed_and_ends_once) {
  Book book;
  book.enrol("blue/chief", '1', Role::Administrator);
  book.enrol("green/chief", '2', Role::Administrator);
  const auto say = [&](std::unique_ptr<wire::StateT> state) {
    return book.say(key('1'), std::move(state));
  };
  EXPECT_THAT(say(Book::ended(Book::grant("blue/g", "green"), kStart)), HasSubstr("no grant"));
  EXPECT_NE(book.say(key('2'), Book::grant("blue/g", "green")), "") << "of another owner";
  EXPECT_NE(book.say(key('0'), Book::grant("blue/g", "green")), "") << "not even the hub's own";
  EXPECT_EQ(say(Book::grant("blue/g", "green")), "");
  EXPECT_THAT(say(Book::grant("blue/g", "green")), HasSubstr("can't be changed"));
  EXPECT_THAT(say(Book::grant("blue/g", "red")), HasSubstr("can't be changed"));
  EXPECT_THAT(say(Book::ended(Book::grant("blue/g", "red"), kStart)), HasSubstr("can't be"));
  EXPECT_THAT(say(Book::ended(Book::grant("blue/g", "green"), kStart + 1)), HasSubstr("made_us"));
  EXPECT_EQ(say(Book::ended(Book::grant("blue/g", "green"), kStart)), "");
  EXPECT_THAT(say(Book::grant("blue/g", "green")), HasSubstr("another name"));
}

TEST(Registry, a_grant_is_shown_to_whom_it_is_for_and_everybody_sees_who_they_are) {
  Book book;
  book.enrol("blue/boss", '1', Role::Administrator);
  book.enrol("green/room", '2', Role::Console);
  book.enrol("red/room", '3', Role::Console);
  book.must(key('1'), Book::grant("blue/joint", "green"));
  EXPECT_TRUE(book.sees('2', State, "blue/joint", "_access"));
  EXPECT_FALSE(book.sees('3', State, "blue/joint", "_access"));
  EXPECT_TRUE(book.sees('2', State, "green/room", "_access"));
  EXPECT_FALSE(book.sees('2', State, "blue/boss", "_access"));
}

TEST(Registry, a_grant_and_an_identity_do_not_share_a_name) {
  Book book;
  book.enrol("blue/boss", '1', Role::Administrator);
  EXPECT_THAT(book.say(key('1'), Book::grant("blue/boss", "green")), HasSubstr("another name"));
  book.must(key('1'), Book::grant("blue/joint", "green"));
  EXPECT_THAT(book.say(key('1'), Book::identity("blue/joint", 'd', Role::Console)),
              HasSubstr("is a grant"));
  EXPECT_THAT(book.say(key('1'), Book::invite("blue/joint", 'd', Role::Console)),
              HasSubstr("is a grant"));
}

TEST(Registry, ends_by_themselves_are_told_ahead) {
  Book book;
  book.enrol("blue/chief", '1', Role::Administrator);
  book.enrol("green/room", '2', Role::Console);
  auto grant = Book::grant("blue/g", "green");
  grant->grant->ends_us = kStart + 5000;
  book.must(key('1'), std::move(grant));
  const Holder holder = book.registry.find(key('2'), kStart);
  EXPECT_EQ(book.registry.entitlement(*holder.identity, kStart)->valid_until_us(), kStart + 5000);
  book.now_us = kStart + 5000;
  EXPECT_FALSE(book.sees('2', Track, "blue/v1"));
}

TEST(Registry, an_identity_ends_by_itself) {
  Book book;
  auto state = Book::identity("blue/guest", '1', Role::Console);
  state->identity->ends_us = kStart + 100;
  book.must(key('0'), std::move(state));
  EXPECT_TRUE(book.registry.find(key('1'), kStart + 99));
  EXPECT_FALSE(book.registry.find(key('1'), kStart + 100));
  EXPECT_EQ(book.registry.next_end_us(kStart), kStart + 100);
  EXPECT_THAT(book.registry.keys(kStart + 100), UnorderedElementsAre(key('0')));
}

TEST(Registry, a_wrong_clock_does_not_outrun_a_revocation) {
  Book book;
  auto ahead = Book::identity("blue/tablet", '1', Role::Console);
  ahead->true_time_us = kStart + 10 * kHour;
  book.must(key('0'), std::move(ahead));
  auto revoked = Book::revoked("blue/tablet");
  revoked->true_time_us = kStart - 10 * kHour;
  book.must(key('0'), std::move(revoked));
  EXPECT_FALSE(book.registry.find(key('1'), kStart));
  Registry again({});
  again.note_all(book.picture);
  EXPECT_FALSE(again.find(key('1'), kStart)) << "the picture keeps the newest, not the latest said";
}

}  // namespace
}  // namespace vigie::security
