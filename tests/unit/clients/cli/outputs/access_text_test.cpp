#include "clients/cli/outputs/access_text.h"

#include <gmock/gmock.h>

namespace vigie::cli {
namespace {

using client::Role;
using client::StateItem;
using client::StateKind;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kNoon = 1'790'000'000'000'000;  // 2026-09-21T14:13:20Z
constexpr std::int64_t kHour = 3'600'000'000;

StateItem item(StateKind kind, const std::string& name, std::int64_t known_us, std::uint64_t seq) {
  StateItem made;
  made.stamp.known_time_us = known_us;
  made.stamp.seq = seq;
  made.state.kind = kind;
  made.state.name = name;
  return made;
}

StateItem identity(const std::string& name, Role role, std::int64_t ends_us = 0) {
  StateItem made = item(StateKind::Identity, name, kNoon - kHour, 5);
  made.state.identity = {.key = std::string(64, 'a'), .role = role, .ends_us = ends_us};
  return made;
}

StateItem grant(const std::string& name, const std::string& to, std::int64_t made_us) {
  StateItem made = item(StateKind::Grant, name, made_us, 7);
  made.state.grant.to = to;
  return made;
}

AccessBook book_of(const std::vector<StateItem>& items) {
  AccessBook book;
  for (const StateItem& one : items) book.take(one);
  return book;
}

std::string explain(const AccessBook& book, std::int64_t at_us = kNoon) {
  return explain_access(book, book, "green/room", kNoon, at_us);
}

TEST(AccessText, names_each_roles_own) {
  const std::pair<Role, const char*> cases[] = {
      {Role::Console, "everything of green: its own owner"},
      {Role::Administrator, "who may do and did what there"},
      {Role::Partner, "nothing of green but what is granted"},
      {Role::Tracker, "its own units"}};
  for (const auto& [role, says] : cases) {
    EXPECT_THAT(explain(book_of({identity("green/room", role)})), HasSubstr(says));
  }
}

TEST(AccessText, of_somebody_revoked_or_over_is_nothing) {
  StateItem revoked = identity("green/room", Role::Console);
  revoked.state.deleted = true;
  EXPECT_THAT(explain(book_of({revoked})), HasSubstr("is revoked. It sees nothing"));
  EXPECT_THAT(explain(book_of({identity("green/room", Role::Console, kNoon)})),
              HasSubstr("It sees nothing"));
}

TEST(AccessText, of_somebody_unseen_tells_only_what_may_be_known) {
  EXPECT_THAT(explain(book_of({grant("blue/joint", "green", kNoon - kHour)})),
              AllOf(HasSubstr("not yours to see"), HasSubstr("grant blue/joint")));
}

TEST(AccessText, lists_grants_to_it_and_to_its_owner_and_no_others) {
  const std::string text = explain(book_of(
      {identity("green/room", Role::Console), grant("blue/one", "green", kNoon - kHour),
       grant("blue/two", "green/room", kNoon - kHour), grant("blue/three", "red", kNoon - kHour)}));
  EXPECT_THAT(text,
              AllOf(HasSubstr("blue/one"), HasSubstr("blue/two"), Not(HasSubstr("blue/three"))));
}

TEST(AccessText, a_tracker_takes_no_grants) {
  EXPECT_THAT(explain(book_of({identity("green/room", Role::Tracker),
                               grant("blue/one", "green", kNoon - kHour)})),
              Not(HasSubstr("blue/one")));
}

TEST(AccessText, says_what_a_grant_is_limited_to) {
  StateItem limited = grant("blue/one", "green", kNoon - kHour);
  limited.state.grant.states = false;
  limited.state.grant.groups = {"patrol-7"};
  limited.state.grant.area = client::Area{14'000'000, 158'000'000, 17'000'000, 160'000'000};
  limited.state.grant.ends_us = kNoon + kHour;
  EXPECT_THAT(explain(book_of({identity("green/room", Role::Console), limited})),
              AllOf(HasSubstr("positions, events; groups patrol-7"),
                    HasSubstr("inside 1.40000,15.80000,1.70000,16.00000"),
                    HasSubstr(": yes, until 2026-09-21T15:13:20Z")));
}

TEST(AccessText, an_ended_grant_shows_nothing_of_the_past_either) {
  StateItem over = grant("blue/one", "green", kNoon);
  over.state.grant.ended = true;
  over.state.grant.made_us = kNoon - kHour;
  EXPECT_THAT(explain(book_of({identity("green/room", Role::Console), over}), kNoon - kHour / 2),
              HasSubstr(": no: ended"));
}

TEST(AccessText, a_grant_shows_nothing_from_before_its_making_unless_it_says_so) {
  StateItem made = grant("blue/one", "green", kNoon - kHour);
  const AccessBook now = book_of({identity("green/room", Role::Console), made});
  const AccessBook then = book_of({identity("green/room", Role::Console)});
  EXPECT_THAT(explain_access(now, then, "green/room", kNoon, kNoon - 2 * kHour),
              HasSubstr("grants nothing from before"));
  made.state.grant.past = true;
  const AccessBook past = book_of({identity("green/room", Role::Console), made});
  EXPECT_THAT(explain_access(past, then, "green/room", kNoon, kNoon - 2 * kHour),
              HasSubstr(": yes"));
}

TEST(AccessText, a_grant_shows_what_was_known_in_its_window_and_says_so_of_moments_outside) {
  StateItem window = grant("blue/one", "green", kNoon - 4 * kHour);
  window.state.grant.from_us = kNoon - 2 * kHour;
  window.state.grant.until_us = kNoon - kHour;
  const auto at = [&](std::int64_t us) {
    return explain(book_of({identity("green/room", Role::Console), window}), us);
  };
  const std::string before = ": no: only what was known from 2026-09-21T12:13:20Z on";
  const std::string after = ": no: only what was known before 2026-09-21T13:13:20Z\n";
  EXPECT_THAT(at(kNoon - 5 * kHour), HasSubstr("grants nothing from before"));
  EXPECT_THAT(at(kNoon - 2 * kHour - 1), HasSubstr(before + ", and cards in force then\n"));
  EXPECT_THAT(at(kNoon - 2 * kHour), HasSubstr(": yes\n"));
  EXPECT_THAT(at(kNoon - kHour - 1), HasSubstr(": yes\n"));
  EXPECT_THAT(at(kNoon - kHour), HasSubstr(after));
  EXPECT_THAT(at(kNoon), HasSubstr(after)) << "now, too";
  window.state.grant.states = false;
  EXPECT_THAT(at(kNoon - 2 * kHour - 1), HasSubstr(before + "\n"));
  // Of the past, too: from where it says.
  window.state.grant.past = true;
  EXPECT_THAT(at(kNoon - 5 * kHour), HasSubstr(before + "\n"));
}

TEST(IdentitiesText, shows_identities_and_open_invitations_of_an_owner) {
  StateItem invite = item(StateKind::Invite, "green/new", kNoon, 9);
  invite.state.invite = {.role = Role::Tracker, .ends_us = kNoon + kHour};
  StateItem over = item(StateKind::Invite, "green/old", kNoon, 9);
  over.state.invite = {.role = Role::Tracker, .ends_us = kNoon};
  StateItem used = item(StateKind::Invite, "green/room", kNoon, 4);
  used.state.invite = {.role = Role::Console, .ends_us = kNoon + kHour};
  const AccessBook book = book_of({identity("green/room", Role::Console),
                                   identity("blue/room", Role::Console), invite, over, used});
  const std::string text = identities_text(book, "green", kNoon);
  EXPECT_THAT(
      text, AllOf(HasSubstr("green/room"), HasSubstr("aaaaaaaa"), HasSubstr("green/new"),
                  HasSubstr("invited"), Not(HasSubstr("green/old")), Not(HasSubstr("blue/room"))));
  EXPECT_EQ(text.find("green/room"), text.rfind("green/room"));
  EXPECT_THAT(identities_text(book, "", kNoon), HasSubstr("blue/room"));
}

TEST(IdentitiesText, shows_ranks) {
  StateItem ranked = identity("green/phone", Role::Tracker);
  ranked.state.identity.rank = 17;
  StateItem invite = item(StateKind::Invite, "green/new", kNoon, 9);
  invite.state.invite = {.role = Role::Tracker, .ends_us = kNoon + kHour, .rank = 42};
  const std::string text = identities_text(book_of({ranked, invite}), "", kNoon);
  EXPECT_THAT(text,
              AllOf(HasSubstr("RANK"), HasSubstr("17   aaaaaaaa"), HasSubstr("42   invited")));
}

}  // namespace
}  // namespace vigie::cli
