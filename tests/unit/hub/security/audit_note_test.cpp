// Each act is told by its kind, with who did it, to what, and in whose audits it stands.

#include "hub/security/audit_note.h"

#include <gmock/gmock.h>

#include "schemas/words/times.h"
#include "tests/unit/support/access_book.h"

namespace vigie::security {
namespace {

using test::Book;
using test::key;
using test::kHour;
using test::kNoonUs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wire::Refusal;
using wire::Role;

/// A book of blue and green with their administrators '1' and '2', and blue's console '3'.
struct Told {
  Book book;

  Told() {
    book.enrol("blue/boss", '1', Role::Administrator);
    book.enrol("green/boss", '2', Role::Administrator);
    book.enrol("blue/room", '3', Role::Console);
  }
  Holder holder(char digit) const { return book.registry.find(key(digit), book.now_us); }
  const Identity& identity(char digit) const { return *holder(digit).identity; }
  /// What is told of it; then it is said.
  AuditNote say(char digit, std::unique_ptr<wire::StateT> state) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(wire::State::Pack(builder, state.get()));
    const auto* said = flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer());
    AuditNote note = note_of_state(book.registry, holder(digit), *said);
    book.must(key(digit), std::move(state));
    return note;
  }
  AuditNote open(char digit, const wire::OpenT& request) const {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(wire::Open::Pack(builder, &request));
    const auto* asked = flatbuffers::GetRoot<wire::Open>(builder.GetBufferPointer());
    return note_of_reading(book.registry, identity(digit), *asked, "everything", book.now_us);
  }
};

wire::OpenT replay_of(std::int64_t from_us, std::int64_t until_us) {
  wire::OpenT open;
  open.mode = wire::Mode::Replay;
  open.start = wire::StartKind::TrueTime;
  open.time_us = from_us;
  open.until_us = until_us;
  return open;
}

TEST(AuditNote, an_invitation_is_told_with_its_end_and_so_is_its_withdrawal) {
  Told told;
  const AuditNote made = told.say('1', Book::invite("blue/v1", 'a', Role::Tracker, {"blue/v1"}));
  EXPECT_EQ(made.kind, "invited");
  EXPECT_THAT(made.owners, ElementsAre("blue"));
  EXPECT_EQ(made.field("who"), "blue/boss");
  EXPECT_EQ(made.field("whom"), "blue/v1");
  EXPECT_EQ(made.field("invite"), key('a'));
  EXPECT_EQ(made.field("role"), "tracker");
  EXPECT_EQ(made.field("units"), "blue/v1");
  EXPECT_EQ(made.field("ends"), format_time(kNoonUs + kHour));
  auto withdrawn = test::make_access_state(wire::StateKind::Invite, "blue/v1", 0);
  withdrawn->deleted = true;
  const AuditNote ended = told.say('1', std::move(withdrawn));
  EXPECT_EQ(ended.kind, "invite_withdrawn");
  EXPECT_EQ(ended.text, "blue/boss withdrew the invitation of blue/v1");
}

TEST(AuditNote, who_joins_is_enrolled_by_its_invitation_which_was_the_hubs_own_affair_too) {
  Told told;
  const AuditNote invited = told.say('0', Book::invite("blue/v1", 'a', Role::Console));
  EXPECT_THAT(invited.owners, ElementsAre("_hub", "blue"));
  const AuditNote joined = told.say('a', Book::identity("blue/v1", 'b', Role::Console, {}, 'a'));
  EXPECT_EQ(joined.kind, "enrolled");
  EXPECT_EQ(joined.field("who"), "invitation of blue/v1");
  EXPECT_EQ(joined.field("key"), key('b'));
  EXPECT_EQ(joined.field("invite"), key('a'));
  EXPECT_EQ(joined.text, "blue/v1 joined as console with its invitation");
}

TEST(AuditNote, another_key_another_role_and_the_end_of_an_identity_are_told_apart) {
  Told told;
  const AuditNote rotated = told.say('3', Book::identity("blue/room", 'c', Role::Console));
  EXPECT_EQ(rotated.kind, "rotated");
  EXPECT_EQ(rotated.field("key_before"), key('3'));
  EXPECT_EQ(rotated.text, "blue/room gave itself another key");
  auto partner = Book::identity("blue/room", 'c', Role::Partner);
  partner->identity->rank = 2;
  const AuditNote changed = told.say('1', std::move(partner));
  EXPECT_EQ(changed.field("rank"), "2");
  EXPECT_EQ(changed.kind, "changed");
  EXPECT_EQ(changed.field("role"), "partner");
  const AuditNote revoked = told.say('1', Book::revoked("blue/room"));
  EXPECT_EQ(revoked.kind, "revoked");
  EXPECT_EQ(revoked.field("key_before"), key('c'));
  const AuditNote other = told.say('1', Book::identity("blue/other", 'd', Role::Console));
  EXPECT_EQ(other.kind, "enrolled");
}

TEST(AuditNote, a_grant_stands_in_the_audit_of_both_and_says_what_it_shows) {
  Told told;
  auto grant = Book::grant("blue/g", "green/room");
  grant->grant->classes = wire::Class::Event | wire::Class::Track;
  grant->grant->groups = {"patrol", "-"};
  grant->grant->past = true;
  grant->grant->delay_s = 60;
  grant->grant->area = std::make_unique<wire::Area>(10'000'000, -20'000'000, 30'000'000, 5);
  const AuditNote made = told.say('1', std::move(grant));
  EXPECT_EQ(made.kind, "granted");
  EXPECT_THAT(made.owners, ElementsAre("blue", "green"));
  EXPECT_EQ(made.field("grant"), "blue/g");
  EXPECT_EQ(made.field("to_whom"), "green/room");
  EXPECT_EQ(made.field("classes"), "track event");
  EXPECT_EQ(made.field("groups"), "patrol -");
  EXPECT_EQ(made.field("delay_s"), "60");
  EXPECT_EQ(made.field("exception"), "past");
  EXPECT_EQ(made.field("area"), "1.0000000,-2.0000000,3.0000000,0.0000005");
  told.say('1', Book::grant("blue/h", "green"));
  const AuditNote ended = told.say('1', Book::ended(Book::grant("blue/h", "green"), kNoonUs));
  EXPECT_EQ(ended.kind, "grant_ended");
  EXPECT_EQ(ended.text, "blue/boss ended grant blue/h to green");
}

TEST(AuditNote, long_lists_are_told_by_their_first_names_and_a_count) {
  Told told;
  std::vector<std::string> units;
  for (int i = 0; i < 1000; ++i)
    units.push_back("blue/" + std::string(50, 'x') + std::to_string(i));
  const AuditNote note = told.say('1', Book::invite("blue/gate", 'a', Role::Gateway, units));
  EXPECT_LE(note.field("units").size(), limits::kFieldValueBytesMax);
  EXPECT_THAT(std::string(note.field("units")), testing::MatchesRegex(".* and 9[0-9][0-9] more"));
}

TEST(AuditNote, who_replays_what_is_told_to_the_reader_and_to_each_who_shows_it) {
  Told told;
  told.say('2', Book::grant("green/g", "blue"));
  auto past = Book::grant("green/before", "blue/room");
  past->grant->past = true;
  told.say('2', std::move(past));
  const AuditNote note = told.open('3', replay_of(kNoonUs - kHour, kNoonUs));
  EXPECT_EQ(note.kind, "read_past");
  EXPECT_THAT(note.owners, ElementsAre("blue", "green"));
  EXPECT_EQ(note.field("clock"), "true");
  EXPECT_EQ(note.field("mode"), "replay");
  EXPECT_THAT(note.grants, ElementsAre("green/before", "green/g"));
  EXPECT_THAT(note.exceptions, ElementsAre("green/before"));
  EXPECT_EQ(note.from_us, kNoonUs - kHour);
  EXPECT_EQ(note.until_us, kNoonUs);
  EXPECT_THAT(note.text, HasSubstr("by an explicit exception"));
}

TEST(AuditNote, an_owner_is_told_of_its_own_grants_and_of_no_view) {
  AuditNote note{.kind = "read_past", .owners = {"blue", "green", "red"}};
  note.set("who", "blue/room");
  note.set("view", "event/red");
  note.grants = {"green/g", "red/before"};
  note.exceptions = {"red/before"};
  note.text = "blue/room replayed event/red";
  note.others_text = "blue/room replayed what it is shown";
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const std::pair<std::string, std::string> who("who", "blue/room");
  EXPECT_EQ(note.fields_for("blue"), (Fields{who,
                                             {"view", "event/red"},
                                             {"grants", "green/g red/before"},
                                             {"exceptions", "red/before"}}));
  EXPECT_EQ(note.fields_for("green"), (Fields{who, {"grants", "green/g"}}));
  EXPECT_EQ(note.fields_for("red"),
            (Fields{who, {"grants", "red/before"}, {"exceptions", "red/before"}}));
  EXPECT_EQ(note.text_for("blue"), note.text);
  EXPECT_EQ(note.text_for("green"), note.others_text);
}

TEST(AuditNote, a_view_of_an_owners_own_channels_is_nobody_elses_affair) {
  Told told;
  told.say('2', Book::grant("green/g", "blue"));
  wire::OpenT open = replay_of(0, 0);
  open.view = std::make_unique<wire::ViewT>();
  for (const auto& [channel, shown] : {std::pair("event/blue", false), std::pair("*/blue/x", false),
                                       std::pair("event/green/x", true), std::pair("event", true),
                                       std::pair("event/greens", false)}) {
    open.view->channels = {channel};
    EXPECT_EQ(told.open('3', open).owners.size(), shown ? 2u : 1u) << channel;
  }
}

TEST(AuditNote, what_was_ended_shows_nothing_and_what_has_terms_only_by_its_name) {
  Told told;
  told.say('2', Book::grant("green/g", "blue"));
  told.say('2', Book::ended(Book::grant("green/g", "blue"), kNoonUs));
  auto late = Book::grant("green/late", "blue");
  late->grant->delay_s = 60;
  told.say('2', std::move(late));
  wire::OpenT open = replay_of(kNoonUs, 0);
  EXPECT_THAT(told.open('3', open).owners, ElementsAre("blue"));
  open.grant = "green/late";
  const AuditNote note = told.open('3', open);
  EXPECT_THAT(note.owners, ElementsAre("blue", "green"));
  EXPECT_EQ(note.field("grant"), "green/late");
  EXPECT_EQ(note.until_us, 0) << "to the end";
}

TEST(AuditNote, what_is_kept_as_a_file_is_an_export) {
  const Told told;
  wire::OpenT open = replay_of(kNoonUs, kNoonUs + 1);
  open.recording = true;
  EXPECT_EQ(told.open('3', open).kind, "exported");
}

TEST(AuditNote, an_acknowledgement_names_the_messages) {
  const Told told;
  const auto event = test::make_event("blue/room", 1);
  event->kind = kAcknowledgement;
  event->references = {{wire::Spool(1, 2), 3}, {wire::Spool(1, 2), 4}};
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::Event::Pack(builder, event.get()));
  const AuditNote note = note_of_acknowledgement(
      told.holder('3'), *flatbuffers::GetRoot<wire::Event>(builder.GetBufferPointer()));
  EXPECT_EQ(note.kind, "acknowledged");
  EXPECT_EQ(note.field("who"), "blue/room");
  EXPECT_EQ(note.references.size(), 2u);
  EXPECT_EQ(note.field("messages"),
            "00000000000000010000000000000002:3 00000000000000010000000000000002:4");
}

TEST(AuditNote, a_refusal_stands_in_the_audit_of_who_asked_or_of_the_hub) {
  const Told told;
  const RefusedAct act{.endpoint = "publish",
                       .key = "abc",
                       .code = Refusal::NotEntitled,
                       .reason = "not yours",
                       .count = 3};
  const AuditNote known = note_of_refusal(told.holder('3'), act);
  EXPECT_EQ(known.kind, "refused");
  EXPECT_THAT(known.owners, ElementsAre("blue"));
  EXPECT_EQ(known.field("code"), "not_entitled");
  EXPECT_EQ(known.field("key"), "") << "it has a name";
  EXPECT_EQ(known.count, 3u);
  const AuditNote unknown = note_of_refusal({}, act);
  EXPECT_THAT(unknown.owners, ElementsAre("_hub"));
  EXPECT_EQ(unknown.field("who"), "unknown");
  EXPECT_EQ(unknown.field("key"), "abc");
}

TEST(AuditNote, only_refusals_of_who_asks_are_told) {
  for (const Refusal code : {Refusal::NotEntitled, Refusal::Revoked, Refusal::BadInvite,
                             Refusal::WrongSpool, Refusal::TooFast, Refusal::TooManySessions}) {
    EXPECT_TRUE(is_told(code)) << refusal_name(code);
  }
  for (const Refusal code : {Refusal::Malformed, Refusal::BadPosition, Refusal::NotReady}) {
    EXPECT_FALSE(is_told(code)) << refusal_name(code);
  }
}

TEST(AuditNote, the_start_names_who_rules_the_hub) {
  Told told;
  told.book.registry.tell_hub_key({.key = key('f')});
  const AuditNote note = note_of_start(told.book.registry, {.log = "7", .after_crash = true});
  EXPECT_EQ(note.kind, "hub_started");
  EXPECT_THAT(note.owners, ElementsAre("_hub"));
  EXPECT_EQ(note.field("administrators"), "_hub/chief=" + key('0'));
  EXPECT_EQ(note.field("after_crash"), "yes");
  EXPECT_EQ(note.field("hub_key"), key('f'));
}

TEST(AuditNote, merged_it_says_how_often_what_differs_and_the_whole_range) {
  AuditNote note{.kind = "read_past", .owners = {"blue"}};
  note.set("who", "blue/room");
  note.set("view", "everything");
  note.from_us = 50;
  note.until_us = 60;
  AuditNote later = note;
  later.owners.emplace_back("green");
  later.set("view", "tracks");
  later.set("grant", "green/late");
  note.grants = {"green/a", "green/c"};
  later.grants = {"green/b", "green/c"};
  later.from_us = 10;
  later.until_us = 20;
  note.merge(std::move(later));
  EXPECT_EQ(note.count, 2u);
  EXPECT_THAT(note.owners, ElementsAre("blue", "green"));
  EXPECT_EQ(note.field("who"), "blue/room");
  EXPECT_EQ(note.field("view"), "several");
  EXPECT_EQ(note.field("grant"), "several");
  EXPECT_THAT(note.grants, ElementsAre("green/a", "green/b", "green/c"));
  EXPECT_EQ(note.from_us, 10);
  EXPECT_EQ(note.until_us, 60);
  AuditNote endless{.kind = "read_past", .owners = {"blue"}};
  endless.from_us = 55;
  note.merge(std::move(endless));
  EXPECT_EQ(note.until_us, 0) << "one of them had no end";
}

TEST(AuditNote, a_code_that_opens_nothing_is_told_to_whom_it_concerns_and_never_its_secret) {
  const AuditNote note = note_of_closed_code(key('a'), {.name = "blue/v1", .why = "was used"});
  EXPECT_EQ(note.kind, "refused");
  EXPECT_THAT(note.owners, ElementsAre("_hub", "blue"));
  EXPECT_EQ(note.field("who"), "unknown");
  EXPECT_EQ(note.field("whom"), "blue/v1");
  EXPECT_EQ(note.field("invite"), key('a'));
  EXPECT_EQ(note.field("code"), "bad_invite");
  EXPECT_EQ(note.field("endpoint"), "gate");
  EXPECT_EQ(note.field("reason"), "the code was used");
  EXPECT_EQ(note.text, "a code for blue/v1 was tried, and refused at gate: it was used");
}

}  // namespace
}  // namespace vigie::security
