// What somebody may say of itself, and how little of it: each time everybody's rights are looked at
// anew.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

#include "tests/unit/support/access_book.h"

namespace vigie::security {
namespace {

using test::Book;
using test::key;
using testing::HasSubstr;
using wire::Role;
using enum MessageClass;

std::unique_ptr<wire::StateT> tablet(char digit, char sign_digit = 0) {
  auto state = Book::identity("blue/tablet", digit, Role::Tracker, {"blue/v1"});
  if (sign_digit != 0) state->identity->sign_key = key(sign_digit);
  return state;
}

TEST(RegistryLimits, an_identity_does_not_say_again_what_is_so_already) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  const std::uint64_t version = book.registry.version();
  EXPECT_THAT(book.say(key('1'), tablet('1')), HasSubstr("has this key already"));
  EXPECT_EQ(book.registry.version(), version);
  book.must(key('1'), tablet('2'));
  EXPECT_THAT(book.say(key('2'), tablet('2')), HasSubstr("has this key already"));
  book.must(key('0'), tablet('2'));  // whoever rules it may
}

TEST(RegistryLimits, who_has_no_signing_key_may_say_one_once) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  book.must(key('1'), tablet('1', 'a'));
  EXPECT_THAT(book.say(key('1'), tablet('1', 'b')), HasSubstr("has this key already"));
  EXPECT_THAT(book.say(key('1'), tablet('1')), HasSubstr("has this key already"));
  book.must(key('1'), tablet('2', 'b'));
}

TEST(RegistryLimits, what_was_read_before_a_revocation_makes_nobody_of_it_again) {
  Book book;
  book.enrol("blue/boss", '2', Role::Administrator);
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  book.must(key('0'), Book::revoked("blue/tablet"));
  for (const char digit : {'0', '2'}) {
    EXPECT_THAT(book.say(key(digit), tablet('1')), HasSubstr("revoked or replaced"));
  }
  EXPECT_FALSE(book.registry.find(key('1'), book.now_us));
  book.must(key('0'), Book::invite("blue/tablet", 'b', Role::Tracker, {"blue/v1"}));
  book.must(key('b'), Book::identity("blue/tablet", '8', Role::Tracker, {"blue/v1"}, 'b'));
  EXPECT_TRUE(book.registry.find(key('8'), book.now_us));
}

TEST(RegistryLimits, what_was_read_before_another_key_does_not_put_the_one_before_back) {
  Book book;
  book.enrol("blue/boss", '2', Role::Administrator);
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  book.must(key('1'), tablet('8'));
  for (const char digit : {'0', '2'}) {
    EXPECT_THAT(book.say(key(digit), tablet('1')), HasSubstr("has another key, " + key('8')));
    book.must(key(digit), tablet('8'));
  }
  // Its own, when it is itself an administrator.
  book.must(key('2'), Book::identity("blue/boss", '9', Role::Administrator));
  EXPECT_THAT(book.say(key('9'), Book::identity("blue/boss", '2', Role::Administrator)),
              HasSubstr("revoked or replaced"));
}

TEST(RegistryLimits, a_key_that_was_revoked_or_replaced_is_nobodys_by_any_name_or_code) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  book.enrol("blue/room", '2', Role::Console);
  book.must(key('0'), Book::revoked("blue/tablet"));
  book.must(key('2'), Book::identity("blue/room", '3', Role::Console));
  book.must(key('0'), Book::invite("blue/tablet", 'a', Role::Tracker, {"blue/v1"}));
  for (const char ended : {'1', '2'}) {
    const auto says = [&](char who, std::unique_ptr<wire::StateT> state) {
      EXPECT_THAT(book.say(key(who), std::move(state)), HasSubstr("revoked or replaced")) << ended;
    };
    says('a', Book::identity("blue/tablet", ended, Role::Tracker, {"blue/v1"}, 'a'));
    says('0', Book::identity("blue/new", ended, Role::Console));
    says('3', Book::identity("blue/room", ended, Role::Console));
    EXPECT_THAT(book.say(key('0'), Book::invite("blue/x", ended, Role::Console)),
                HasSubstr("in use, or was"));
    EXPECT_FALSE(book.registry.find(key(ended), book.now_us));
  }
}

TEST(RegistryLimits, a_code_that_opens_nothing_any_more_says_for_whom_it_was_and_why) {
  Book book;
  const auto why = [&](char digit, std::int64_t later_us = 0) {
    const auto closed = book.registry.closed(key(digit), book.now_us + later_us);
    return closed ? closed->name + " " + closed->why : std::string();
  };
  book.must(key('0'), Book::invite("blue/a", 'a', Role::Console));
  EXPECT_EQ(why('a'), "");
  EXPECT_EQ(why('a', test::kHour), "blue/a is over");
  book.must(key('a'), Book::identity("blue/a", '1', Role::Console, {}, 'a'));
  EXPECT_EQ(why('a'), "blue/a was used");
  book.must(key('0'), Book::invite("blue/b", 'b', Role::Console));
  book.must(key('0'), Book::invite("blue/b", 'c', Role::Console));
  EXPECT_EQ(why('b'), "blue/b was withdrawn or replaced by another");
  book.must(key('0'), Book::revoked("blue/b"));
  EXPECT_EQ(why('c'), "blue/b was overtaken by what was said of that name");
  EXPECT_EQ(why('d'), "");
  EXPECT_THAT(book.registry.closed_keys(book.now_us),
              testing::UnorderedElementsAre(key('a'), key('b'), key('c')));
  // One of each name: what is withdrawn later takes its place.
  auto withdrawn = test::make_access_state(wire::StateKind::Invite, "blue/b", 0);
  withdrawn->deleted = true;
  book.must(key('0'), std::move(withdrawn));
  EXPECT_THAT(book.registry.closed_keys(book.now_us),
              testing::UnorderedElementsAre(key('a'), key('c')));
}

/// Whatever is said in whatever order: what is counted is what stands, after a restart, too.
TEST(RegistryLimits, as_many_identities_and_open_invitations_are_counted_as_there_are) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Book book;
    std::vector<std::string> names;
    for (const char* owner : {"blue", "green"}) {
      for (int i = 0; i < 4; ++i) names.push_back(fmt::format("{}/{}", owner, i));
    }
    std::vector<std::string> invited;  // keys
    const auto check = [&](const Registry& registry) {
      for (const std::string owner : {"blue", "green"}) {
        std::size_t identities = 0;
        std::size_t invitations = 0;
        for (const std::string& name : names) {
          const Identity* who = registry.named(name);
          const bool stands = who != nullptr && book.now_us < who->ends_us;
          if (owner_of(name) == owner && stands) ++identities;
        }
        for (const std::string& one : invited) {
          const Holder holder = registry.find(one, book.now_us);
          if (holder.invitation != nullptr && owner_of(holder.invitation->becomes.name) == owner) {
            ++invitations;
          }
        }
        ASSERT_EQ(registry.standing(wire::StateKind::Identity, owner, book.now_us), identities);
        ASSERT_EQ(registry.standing(wire::StateKind::Invite, owner, book.now_us), invitations);
      }
    };
    for (int step = 1; step <= 400; ++step) {
      const std::string& name = names[random() % names.size()];
      const std::string one = fmt::format("{:064x}", step);
      const std::int64_t ends_us =
          random() % 2 == 0 ? 0 : book.now_us + static_cast<std::int64_t>(random() % test::kHour);
      std::unique_ptr<wire::StateT> state;
      std::string as_key = key('0');
      switch (random() % 5) {
        case 0:
          state = Book::invite(name, '1', Role::Console);
          state->deleted = random() % 3 == 0;
          state->invite->key = one;
          state->invite->ends_us = book.now_us + static_cast<std::int64_t>(random() % test::kHour);
          if (state->deleted) state->invite.reset();
          invited.push_back(one);
          break;
        case 1:
          state = Book::revoked(name);
          break;
        case 2:
          if (invited.empty()) continue;
          as_key = invited[random() % invited.size()];
          if (!book.registry.find(as_key, book.now_us)) continue;
          state = Book::identity(book.registry.find(as_key, book.now_us).invitation->becomes.name,
                                 '1', Role::Console);
          state->identity->key = one;
          state->identity->invite = as_key;
          break;
        case 3:
          state = Book::identity(name, '1', Role::Console);
          state->identity->key = one;
          state->identity->ends_us = ends_us;
          break;
        default:
          book.now_us += static_cast<std::int64_t>(random() % (test::kHour / 4));
          check(book.registry);
          continue;
      }
      flatbuffers::FlatBufferBuilder builder;
      builder.Finish(wire::State::Pack(builder, state.get()));
      const auto* asked = flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer());
      const auto kind = state->kind;
      const std::string owner(owner_of(state->name));
      const std::size_t before = book.registry.standing(kind, owner, book.now_us);
      const bool begins = book.registry.begins(*asked, book.now_us);
      if (!book.say(as_key, std::move(state)).empty()) continue;
      const std::size_t after = book.registry.standing(kind, owner, book.now_us);
      ASSERT_LE(after, before + (begins ? 1 : 0)) << "step " << step << " of seed " << seed;
      check(book.registry);
    }
    Registry again({{.name = "chief", .key = key('0')}});
    again.note_all(book.picture);
    check(again);
  }
}

TEST(RegistryLimits,
     a_grant_that_ended_judges_the_past_where_another_stands_and_else_costs_nothing) {
  Book book;
  book.enrol("blue/chief", '1', Role::Administrator);
  book.enrol("green/room", '2', Role::Console);
  const auto ask = [&] {
    return book.registry.entitlement(*book.registry.find(key('2'), book.now_us).identity,
                                     book.now_us);
  };
  const std::int64_t first_us = book.now_us += 1000;
  book.must(key('1'), Book::grant("blue/first", "green"));
  book.now_us += 1000;
  book.must(key('1'), Book::ended(Book::grant("blue/first", "green"), first_us));
  // Of no use any more: what is left is the sight of itself.
  EXPECT_THAT(ask()->key(), testing::Not(HasSubstr(";-")));
  EXPECT_TRUE(book.sees('2', State, "blue/first", std::string(kAccessGroup)));
  EXPECT_FALSE(book.sees('2', Track, "blue/v1", "", first_us, first_us));
  const std::int64_t second_us = book.now_us += 1000;
  book.must(key('1'), Book::grant("blue/second", "green/room"));
  EXPECT_THAT(ask()->key(), HasSubstr(";-"));
  EXPECT_TRUE(book.sees('2', Track, "blue/v1", "", first_us, first_us)) << "both rules cover it";
  EXPECT_FALSE(book.sees('2', Track, "blue/v1", "", second_us - 1, second_us - 1)) << "none did";
  // One of another class alone does not call it back.
  book.must(key('1'), Book::ended(Book::grant("blue/second", "green/room"), second_us));
  auto events = Book::grant("blue/third", "green");
  events->grant->classes = wire::Class::Event;
  EXPECT_FALSE(book.sees('2', Track, "blue/v1", "", first_us, first_us));
  book.must(key('1'), std::move(events));
  EXPECT_TRUE(book.sees('2', Event, "blue/v1", "", first_us, first_us));
  EXPECT_FALSE(book.sees('2', Track, "blue/v1", "", first_us, first_us));
}

TEST(RegistryLimits, one_change_costs_a_part_of_the_grants_once_for_all_whom_they_are_for) {
  constexpr std::size_t kGrants = 2 * Registry::kGrantsAPart + 10;
  Book book;
  book.enrol("blue/chief", '1', Role::Administrator);
  for (const char digit : {'2', '3', '4'}) {
    book.enrol(std::string("green/room") + digit, digit, Role::Console);
  }
  for (std::size_t i = 0; i < kGrants; ++i) {
    book.must(key('1'), Book::grant("blue/g" + std::to_string(i), "green"));
  }
  const auto read_by_all = [&] {
    const std::uint64_t before = book.registry.grants_read();
    for (const char digit : {'2', '3', '4'}) EXPECT_TRUE(book.sees(digit, Track, "blue/v1"));
    return book.registry.grants_read() - before;
  };
  EXPECT_EQ(read_by_all(), kGrants);
  EXPECT_EQ(read_by_all(), 0u);
  book.must(key('1'), Book::grant("blue/more", "green"));
  EXPECT_LE(read_by_all(), Registry::kGrantsAPart);
  book.must(key('1'), Book::ended(Book::grant("blue/g7", "green"), book.now_us));
  EXPECT_LE(read_by_all(), Registry::kGrantsAPart);
  book.must(key('1'), Book::grant("blue/others", "red"));
  EXPECT_EQ(read_by_all(), 0u);
}

TEST(RegistryLimits, a_grant_that_names_many_units_counts_as_many) {
  constexpr std::size_t kUnits = 200;
  Book book;
  book.enrol("blue/chief", '1', Role::Administrator);
  book.enrol("green/room", '2', Role::Console);
  const auto of_many = [](const std::string& name) {
    auto state = Book::grant(name, "green");
    for (std::size_t i = 0; i < kUnits; ++i) {
      state->grant->units.push_back("blue/v" + std::to_string(i));
    }
    return state;
  };
  for (int i = 0; i < 20; ++i) book.must(key('1'), of_many("blue/g" + std::to_string(i)));
  EXPECT_TRUE(book.sees('2', Track, "blue/v7"));
  EXPECT_EQ(book.registry.grants_read(), 20 * kUnits);
  const std::uint64_t before = book.registry.grants_read();
  book.must(key('1'), of_many("blue/more"));
  EXPECT_TRUE(book.sees('2', Track, "blue/v7"));
  EXPECT_LE(book.registry.grants_read() - before, Registry::kGrantsAPart);
}

TEST(RegistryLimits, the_number_of_its_sight_is_another_whenever_what_it_may_see_may_have_changed) {
  Book book;
  book.enrol("blue/chief", '1', Role::Administrator);
  book.enrol("green/room", '2', Role::Console);
  book.enrol("green/guest", '3', Role::Console);
  const auto number = [&](char digit) {
    return book.registry.sight_version(*book.registry.find(key(digit), book.now_us).identity);
  };
  const auto changes = [&](std::unique_ptr<wire::StateT> state, char by) {
    std::string changed;
    std::map<char, std::uint64_t> before;
    for (const char digit : {'0', '1', '2', '3'}) before[digit] = number(digit);
    book.must(key(by), std::move(state));
    for (const auto& [digit, was] : before) {
      if (number(digit) != was) changed += digit;
    }
    return changed;
  };
  EXPECT_EQ(changes(Book::grant("blue/one", "green/room"), '1'), "2");
  EXPECT_EQ(changes(Book::grant("blue/all", "green"), '1'), "23");
  EXPECT_EQ(changes(Book::ended(Book::grant("blue/one", "green/room"), book.now_us), '1'), "2");
  EXPECT_EQ(changes(Book::identity("green/room", '2', Role::Partner), '0'), "02");
  EXPECT_EQ(changes(Book::invite("red/first", 'b', Role::Console), '0'), "0");
}

}  // namespace
}  // namespace vigie::security
