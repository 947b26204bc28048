// What one identity may use of the publish endpoint, and what is kept for whoever does not read.

#include "tests/unit/hub/ingest/limited_hub.h"

namespace vigie::ingest {
namespace {

TEST(IngestLimits, one_identity_has_so_many_spools_and_the_others_have_theirs) {
  Hub hub(IngestOptions{.spools_per_identity = 2});
  for (const std::uint64_t low : {1u, 2u}) {
    EXPECT_EQ(hub.hello("g", low), Refusal::None);
    hub.send_fix("g", low);
  }
  EXPECT_EQ(hub.hello("g", 3), Refusal::TooManySessions);
  EXPECT_EQ(hub.hello("gate", 3), Refusal::TooManySessions);
  EXPECT_EQ(hub.hello("tablet"), Refusal::None);
  EXPECT_EQ(hub.hello("g", 1), Refusal::None) << "one that it has";
}

TEST(IngestLimits, a_spool_that_nothing_came_from_or_that_is_closed_counts_no_more) {
  Hub hub(IngestOptions{.spools_per_identity = 2, .spool_silent_us = 3'600'000'000});
  EXPECT_EQ(hub.hello("g", 1), Refusal::None);
  hub.send_fix("g", 1);
  EXPECT_EQ(hub.hello("gate", 2), Refusal::None);
  EXPECT_EQ(hub.hello("gate", 1), Refusal::None);  // and left the second
  EXPECT_EQ(hub.hello("gate2", 3), Refusal::None);
  hub.send_fix("gate2", 3);
  EXPECT_EQ(hub.hello("gate3", 4), Refusal::TooManySessions);
  // Their peers are forgotten, and then they were silent for too long.
  for (int minute = 0; minute < 100; ++minute) hub.pass(60'000'000);
  EXPECT_EQ(hub.hello("gate3", 4), Refusal::None);
}

TEST(IngestLimits, the_spools_of_before_the_start_count) {
  Ledger ledger;
  for (const std::uint64_t low : {1u, 2u, 3u}) {
    SpoolRecord& record = ledger.spool(wire::Spool(spool_owner("blue/gate"), low));
    record.settled.add(1, 5);
    record.closed = low == 1;
  }
  Hub two(IngestOptions{.spools_per_identity = 2}, ledger);
  EXPECT_EQ(two.hello("g", 4), Refusal::TooManySessions);
  Hub three(IngestOptions{.spools_per_identity = 3}, ledger);
  EXPECT_EQ(three.hello("g", 4), Refusal::None);
}

TEST(IngestLimits,
     somebody_takes_another_key_a_few_times_a_minute_and_administrators_as_they_like) {
  Hub hub;
  hub.hello("tablet");
  hub.hello("boss");
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(hub.rotate("tablet", "abe"[i % 3]), Refusal::None) << i;
  }
  EXPECT_EQ(hub.rotate("tablet", 'a'), Refusal::TooFast);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(hub.rotate("boss", "cdf"[i % 3]), Refusal::None) << i;
  }
  const security::AuditBlock told = hub.trail.take({1, 1}, 1, 1, hub.clock.now_us, 1 << 20);
  EXPECT_EQ(told.count, 3u + 1u + 3u) << "the rest is told together, at the minute's end";
  hub.clock.now_us += 10'100'000;
  EXPECT_EQ(hub.rotate("tablet", 'a'), Refusal::None);
  EXPECT_EQ(hub.rotate("tablet", 'b'), Refusal::TooFast);
}

TEST(IngestLimits, a_key_that_was_revoked_is_nobodys_after_a_restart_too) {
  Hub hub;
  hub.hello("boss");
  wire::BatchT batch = hub.batch("boss");
  batch.states.push_back(Book::revoked("blue/tablet"));
  batch.states[0]->number = ++hub.number;
  hub.send("boss", batch);
  const auto acks = hub.take<wire::Ack>("boss");
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_TRUE(acks[0].refused.empty());
  for (const BodyPtr& body : hub.store.log) hub.book.picture.fold(body->bytes());
  security::Registry again({{.name = "chief", .key = key('0')}});
  again.note_all(hub.book.picture);
  const auto says = [&](char digit) {
    return test::why_not(again, key('0'),
                         Book::identity("blue/tablet", digit, Role::Tracker, {"blue/v1"}));
  };
  EXPECT_NE(says('3').find("revoked or replaced"), std::string::npos) << says('3');
  EXPECT_EQ(says('4'), "");
}

TEST(IngestLimits, an_owner_has_so_many_grants_that_stand_and_more_when_some_have_ended) {
  Hub hub(IngestOptions{.per_owner = {.grants = 3}});
  hub.hello("boss");
  const auto say = [&](auto states) { return hub.say(std::move(states)); };
  const auto grant = [&](const std::string& name, std::int64_t ends_us = 0) {
    std::vector<std::unique_ptr<wire::StateT>> states;
    states.push_back(Book::grant("blue/" + name, "green"));
    states[0]->grant->ends_us = ends_us;
    return states;
  };
  const std::int64_t made_us = hub.clock.now_us;
  EXPECT_TRUE(say(grant("one")).empty());
  auto several = grant("two", made_us + 1'000'000);
  several.push_back(std::move(grant("three")[0]));
  several.push_back(std::move(grant("four")[0]));
  const auto refused = say(std::move(several));
  ASSERT_EQ(refused.size(), 1u) << "of one batch, too";
  EXPECT_EQ(refused[0]->code, Refusal::TooManySessions);
  EXPECT_NE(refused[0]->reason.find("3 grants of blue stand"), std::string::npos);
  EXPECT_EQ(say(grant("five")).size(), 1u);
  hub.clock.now_us += 1'000'000;
  EXPECT_TRUE(say(grant("five")).empty()) << "one is over by itself";
  EXPECT_EQ(say(grant("six")).size(), 1u);
  std::vector<std::unique_ptr<wire::StateT>> ended;
  ended.push_back(Book::ended(Book::grant("blue/one", "green"), made_us));
  EXPECT_TRUE(say(std::move(ended)).empty());
  EXPECT_TRUE(say(grant("six")).empty()) << "one was ended";
  EXPECT_EQ(say(grant("seven")).size(), 1u);
}

TEST(IngestLimits, an_owner_has_so_many_identities_and_open_invitations_and_more_when_some_end) {
  Hub hub(IngestOptions{.per_owner = {.identities = 4, .invitations = 2}});
  hub.hello("boss");
  const auto say = [&](std::vector<std::unique_ptr<wire::StateT>> states) {
    std::vector<std::string> reasons;
    for (const auto& refused : hub.say(std::move(states))) {
      EXPECT_EQ(refused->code, Refusal::TooManySessions);
      reasons.push_back(refused->reason);
    }
    return reasons;
  };
  const auto say_one = [&](std::unique_ptr<wire::StateT> state) {
    std::vector<std::unique_ptr<wire::StateT>> states;
    states.push_back(std::move(state));
    return say(std::move(states));
  };
  const auto invite = [&](const char* name, char digit) {
    auto state = Book::invite(std::string("blue/") + name, digit, Role::Console);
    state->invite->ends_us = hub.clock.now_us + test::kHour;
    return state;
  };
  const auto identity = [](const char* name, char digit) {
    return Book::identity(std::string("blue/") + name, digit, Role::Console);
  };
  // Three are enrolled.
  std::vector<std::unique_ptr<wire::StateT>> two;
  two.push_back(identity("four", 'a'));
  two.push_back(identity("five", 'b'));
  EXPECT_EQ(say(std::move(two)),
            std::vector<std::string>{"4 identities of blue stand, as many as identities.per_owner "
                                     "allows: revoke some first"});
  EXPECT_TRUE(say_one(identity("four", 'a')).empty()) << "there is no one more by it";
  EXPECT_TRUE(say_one(invite("five", 'c')).empty());
  EXPECT_TRUE(say_one(invite("six", 'd')).empty());
  EXPECT_EQ(say_one(invite("seven", 'e')),
            std::vector<std::string>{"2 invitations of blue stand, as many as "
                                     "invitations.per_owner allows: withdraw some first"});
  EXPECT_TRUE(say_one(invite("six", 'e')).empty()) << "in the place of another";
  EXPECT_TRUE(say_one(Book::revoked("blue/tablet")).empty());
  EXPECT_TRUE(say_one(identity("five", 'b')).empty()) << "one was revoked";
  EXPECT_TRUE(say_one(invite("seven", 'f')).empty()) << "one was overtaken";
  hub.clock.now_us += 24 * test::kHour;
  EXPECT_EQ(say_one(identity("eight", '9')).size(), 1u);
  EXPECT_TRUE(say_one(invite("nine", '4')).empty()) << "two are over by themselves";
}

TEST(IngestLimits, one_address_has_so_many_publishers_whoever_they_are) {
  Hub hub(IngestOptions{.of_address = {.peers = 2}});
  for (const char* peer : {"g", "tablet", "gate", "b"}) hub.link.place(peer, "10.0.0.1");
  hub.link.place("gone", "10.0.0.2");
  EXPECT_EQ(hub.hello("g", 1), Refusal::None);
  EXPECT_EQ(hub.hello("tablet"), Refusal::None);
  EXPECT_EQ(hub.hello("gate", 2), Refusal::TooManySessions);
  EXPECT_EQ(hub.hello("boss"), Refusal::None) << "a local one is at no address";
  EXPECT_EQ(hub.hello("gone", 2), Refusal::None);
  EXPECT_EQ(hub.hello("gate", 2), Refusal::TooManySessions) << "it would move in";
  EXPECT_EQ(hub.hello("g", 3), Refusal::None) << "it has its place";
  EXPECT_EQ(hub.hello("gate", 3), Refusal::None) << "it takes a place that is there";
  hub.link.place("boss", "10.0.0.1");
  EXPECT_EQ(hub.hello("boss"), Refusal::TooManySessions);
}

TEST(IngestLimits, one_address_sends_so_much_a_second_whoever_is_there) {
  Hub hub(IngestOptions{.of_address = {.bytes_per_second = 1000}});
  for (const char* peer : {"g", "tablet"}) hub.link.place(peer, "10.0.0.1");
  hub.link.place("boss", "10.0.0.2");
  for (const char* peer : {"g", "tablet", "boss"}) ASSERT_EQ(hub.hello(peer), Refusal::None);
  std::vector<wire::RejectedT> rejected;
  for (int i = 0; i < 50 && rejected.empty(); ++i) {
    hub.send_fix(i % 2 == 0 ? "g" : "tablet");
    rejected = hub.take<wire::Rejected>(i % 2 == 0 ? "g" : "tablet");
  }
  ASSERT_EQ(rejected.size(), 1u);
  EXPECT_EQ(rejected[0].code, Refusal::TooFast);
  EXPECT_GT(rejected[0].retry_after_ms, 0u);
  EXPECT_NE(rejected[0].reason.find("at your address"), std::string::npos);
  EXPECT_NE(rejected[0].reason.find("1000 bytes"), std::string::npos);
  hub.send_fix("g");
  EXPECT_EQ(hub.rejected("g"), Refusal::TooFast) << "whoever it is";
  hub.send_fix("boss");
  EXPECT_EQ(hub.rejected("boss"), Refusal::None);
  hub.clock.now_us += std::int64_t{rejected[0].retry_after_ms} * 1000;
  hub.send_fix("g");
  EXPECT_EQ(hub.rejected("g"), Refusal::None);
}

TEST(IngestLimits, the_messages_of_one_address_are_counted_together) {
  Hub hub(IngestOptions{.of_address = {.messages_per_second = 5}});
  for (const char* peer : {"g", "tablet"}) hub.link.place(peer, "10.0.0.1");
  for (const char* peer : {"g", "tablet"}) ASSERT_EQ(hub.hello(peer), Refusal::None);
  wire::BatchT batch = hub.batch("g");
  for (std::uint64_t i = 1; i <= 12; ++i) batch.given_up.emplace_back(100 * i, 100 * i + 50);
  hub.send("g", batch);
  EXPECT_EQ(hub.rejected("g"), Refusal::None);
  hub.send_fix("tablet");
  EXPECT_EQ(hub.rejected("tablet"), Refusal::TooFast);
}

TEST(IngestLimits, what_was_overdrawn_is_not_forgiven_for_having_gone) {
  Allowances allowances({.bytes_per_second = 10, .messages_per_second = 10});
  std::int64_t now_us = 1'000'000;
  Allowance* one = allowances.enter("blue/v1");
  EXPECT_EQ(allowances.wait_ms(one, now_us), 0u);
  Allowances::take_messages(one, 1020);
  Allowances::leave(one);
  now_us += 60'000'000;
  allowances.forget_rested(now_us);
  one = allowances.enter("blue/v1");
  EXPECT_NEAR(allowances.wait_ms(one, now_us), 40'000u, 10u);
  Allowances::leave(one);
  now_us += 60'000'000;
  allowances.forget_rested(now_us);
  EXPECT_EQ(allowances.find("blue/v1"), nullptr);
}

TEST(IngestLimits, a_key_change_that_is_sent_again_is_neither_counted_nor_refused) {
  Hub hub;
  hub.hello("tablet");
  EXPECT_EQ(hub.rotate("tablet", 'a'), Refusal::None);
  wire::BatchT again = hub.batch("tablet");
  again.states.push_back(Book::identity("blue/tablet", 'a', Role::Tracker, {"blue/v1"}));
  again.states[0]->number = hub.number;
  for (int i = 0; i < 10; ++i) {
    hub.send("tablet", again);
    const auto acks = hub.take<wire::Ack>("tablet");
    ASSERT_EQ(acks.size(), 1u);
    EXPECT_TRUE(acks[0].refused.empty());
  }
  EXPECT_EQ(hub.rotate("tablet", 'b'), Refusal::None);
}

TEST(IngestLimits, given_up_ranges_count_among_the_messages) {
  Hub hub(IngestOptions{.messages_per_second = 5});
  hub.hello("g");
  wire::BatchT batch = hub.batch("g");
  for (std::uint64_t i = 1; i <= 12; ++i) batch.given_up.emplace_back(100 * i, 100 * i + 50);
  batch.fixes.push_back(test::make_fixes("blue/v1", 1, {test::make_fix()}));
  hub.send("g", batch);
  EXPECT_EQ(hub.rejected("g"), Refusal::None);
  hub.send("g", batch);
  EXPECT_EQ(hub.rejected("g"), Refusal::TooFast);
}

TEST(IngestLimits, what_is_sent_again_is_acknowledged_as_far_as_it_is_settled) {
  Hub hub;
  hub.hello("g");
  for (const std::uint64_t number : {2u, 4u, 5u, 9u, 20u}) {
    wire::BatchT one = hub.batch("g");
    one.fixes.push_back(test::make_fixes("blue/v1", number, {test::make_fix()}));
    hub.send("g", one);
  }
  hub.take<wire::Ack>("g");
  wire::BatchT again = hub.batch("g");
  again.fixes.push_back(test::make_fixes("blue/v1", 4, {test::make_fix(), test::make_fix()}));
  again.given_up.emplace_back(8, 10);
  hub.link.put("g", packed<wire::Batch>(again));
  hub.sequencer->begin_turn();
  hub.ingest->read_turn();
  hub.clock.now_us += 10'000;
  hub.ingest->send_due_acks();  // before what is new is durable
  const auto acks = hub.take<wire::Ack>("g");
  ASSERT_EQ(acks.size(), 1u);
  ASSERT_EQ(acks[0].settled.size(), 2u);
  EXPECT_EQ(acks[0].settled[0].first(), 4u);
  EXPECT_EQ(acks[0].settled[0].last(), 5u);
  EXPECT_EQ(acks[0].settled[1].first(), 9u);
  EXPECT_EQ(acks[0].settled[1].last(), 9u);
}

TEST(IngestLimits, who_does_not_read_is_granted_nothing_and_told_all_when_it_reads) {
  Hub hub(IngestOptions{.window_bytes = 2 * limits::kBatchBytesMax});
  hub.hello("g");
  hub.link.block("g", true);
  for (int i = 0; i < 1000; ++i) hub.send_fix("g");
  const std::uint64_t taken = hub.ingest->counts().fixes;
  EXPECT_LT(taken, 1000u) << "its window is used up";
  hub.link.block("g", false);
  hub.pass(250'000);
  const auto acks = hub.take<wire::Ack>("g");
  ASSERT_EQ(acks.size(), 1u);
  ASSERT_EQ(acks[0].settled.size(), 1u);
  EXPECT_EQ(acks[0].settled[0].first(), 1u);
  EXPECT_EQ(acks[0].settled[0].last(), taken);
}

}  // namespace
}  // namespace vigie::ingest
