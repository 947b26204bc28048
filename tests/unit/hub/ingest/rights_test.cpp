// Promise 6 at the publish endpoint: who holds a key publishes what is theirs, from spools of their
// own, for as long as they may.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "hub/ingest/ingest.h"
#include "schemas/keys/key_pair.h"
#include "tests/unit/support/access_book.h"
#include "tests/unit/support/fake_link.h"
#include "tests/unit/support/memory_store.h"

namespace vigie::ingest {
namespace {

using test::Book;
using test::key;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wire::Refusal;
using wire::Role;

/// The endpoint of a hub where blue's tracker '1' (blue/v1), gateway '2' (blue/*) and administrator
/// '3' are enrolled; 'chief' is the hub's own, with key '0'.
struct Endpoint {
  Book book;
  test::FakeLink link;
  test::MemoryStore store;
  test::FakeClock clock;
  std::optional<sequence::Sequencer> sequencer;
  std::unique_ptr<Ingest> ingest;
  security::AuditTrail trail;
  std::uint64_t number = 0;

  explicit Endpoint(IngestOptions options = {}) {
    book.now_us = clock.now_us;
    book.enrol("blue/v1", '1', Role::Tracker, {"blue/v1"});
    book.enrol("blue/gate", '2', Role::Gateway, {"blue/*"});
    book.enrol("blue/boss", '3', Role::Administrator);
    // What the book says lies before.
    store.start.last_seq = 99;
    store.start.next_seq = 100;
    sequencer.emplace(store, clock);
    ingest = std::make_unique<Ingest>(options, link, *sequencer, store, clock, Ledger(),
                                      &book.registry, &trail);
  }
  void turn() {
    sequencer->begin_turn();
    ingest->read_turn();
    if (BodyPtr body = sequencer->close_turn()) store.submit(body);
    ingest->on_durable(store.sync());
    ingest->send_due_acks();
  }
  static wire::Spool spool_of(const std::string& name) { return {spool_owner(name), 1}; }
  /// A connection that holds the key and says hello with a spool of that name.
  void hello(const std::string& peer, char digit, const std::string& name) {
    link.own(peer, key(digit));
    wire::HelloT hello;
    hello.protocol = kProtocolVersion;
    hello.spool = std::make_unique<wire::Spool>(spool_of(name));
    link.put(peer, packed<wire::Hello>(hello));
    turn();
  }
  wire::BatchT batch_of(const std::string& name) const {
    wire::BatchT batch;
    batch.spool = std::make_unique<wire::Spool>(spool_of(name));
    batch.sent_time_us = clock.now_us;
    return batch;
  }
  void send(const std::string& peer, const wire::BatchT& batch) {
    link.put(peer, packed<wire::Batch>(batch));
    turn();
  }
  void send_fix(const std::string& peer, const std::string& name, const std::string& unit) {
    wire::BatchT batch = batch_of(name);
    batch.fixes.push_back(test::make_fixes(unit, ++number, {test::make_fix()}));
    send(peer, batch);
  }
  void send_state(const std::string& peer, const std::string& name,
                  std::unique_ptr<wire::StateT> state) {
    wire::BatchT batch = batch_of(name);
    state->number = ++number;
    batch.states.push_back(std::move(state));
    send(peer, batch);
  }
  void wait(std::int64_t us) {
    clock.now_us += us;
    turn();
    ingest->tidy();
  }
  template <typename Root>
  std::unique_ptr<typename Root::NativeTableType> answer(const std::string& peer) {
    std::unique_ptr<typename Root::NativeTableType> found;
    for (const test::FakeLink::Message& message : link.sent_to(peer)) {
      const AlignedBytes copy(message);
      if (const Root* root = verified<Root>(copy.bytes())) found.reset(root->UnPack());
    }
    link.sent_to(peer).clear();
    return found;
  }
  /// What the audit was told, an act each: kind, who, and whose audit.
  std::vector<std::string> told() {
    std::vector<std::string> acts;
    const security::AuditBlock block =
        trail.take({1, 1}, 1, 1, clock.now_us, std::numeric_limits<std::size_t>::max() / 2);
    if (block.count == 0) return acts;
    const auto* batch = flatbuffers::GetRoot<wire::Batch>(block.payload.data());
    for (const wire::Event* event : each(batch->events())) {
      acts.push_back(fmt::format("{} by {} in {}", text_of(event->kind()),
                                 text_of(event->fields()->Get(0)->value()),
                                 owner_of(text_of(event->unit()))));
    }
    return acts;
  }
  Refusal rejected(const std::string& peer) {
    const auto answered = answer<wire::Rejected>(peer);
    return answered ? answered->code : Refusal::None;
  }
  /// What the newest acknowledgement refuses; None when it refuses nothing.
  Refusal refused(const std::string& peer) {
    const auto ack = answer<wire::Ack>(peer);
    if (!ack) return Refusal::NotFound;
    return ack->refused.empty() ? Refusal::None : ack->refused[0]->code;
  }
};

TEST(IngestRights, a_publisher_is_told_the_hubs_key_and_asked_to_hear_of_another_one) {
  Endpoint endpoint;
  endpoint.book.registry.tell_hub_key({.key = key('a')});
  endpoint.hello("p", '1', "blue/v1");
  EXPECT_EQ(endpoint.answer<wire::Welcome>("p")->hub_key, key('a'));
  endpoint.book.registry.tell_hub_key({.key = key('b')});
  endpoint.ingest->greet_again();
  endpoint.wait(250'000);
  EXPECT_TRUE(endpoint.answer<wire::Rehello>("p"));
  endpoint.wait(250'000);
  EXPECT_FALSE(endpoint.answer<wire::Rehello>("p")) << "once is enough";
  endpoint.hello("p", '1', "blue/v1");
  EXPECT_EQ(endpoint.answer<wire::Welcome>("p")->hub_key, key('b'));
}

TEST(IngestRights, a_publisher_is_told_who_it_is_taken_for) {
  Endpoint hub;
  hub.hello("p", '1', "blue/v1");
  const auto welcome = hub.answer<wire::Welcome>("p");
  ASSERT_TRUE(welcome);
  EXPECT_EQ(welcome->name, "blue/v1");
  ASSERT_TRUE(welcome->identity);
  EXPECT_EQ(welcome->identity->role, Role::Tracker);
  EXPECT_EQ(welcome->invite, nullptr);
}

TEST(IngestRights, a_key_that_nobody_holds_is_not_welcomed) {
  Endpoint hub;
  hub.hello("p", '9', "blue/v1");
  EXPECT_EQ(hub.rejected("p"), Refusal::Revoked);
}

TEST(IngestRights, a_spool_of_another_is_refused) {
  Endpoint hub;
  hub.hello("p", '1', "blue/gate");
  EXPECT_EQ(hub.rejected("p"), Refusal::WrongSpool);
  hub.hello("p", '1', "blue/v1");
  ASSERT_TRUE(hub.answer<wire::Welcome>("p"));
  hub.send_fix("p", "blue/gate", "blue/v1");
  EXPECT_EQ(hub.rejected("p"), Refusal::WrongSpool);
}

TEST(IngestRights, fixes_of_a_unit_that_is_not_its_own_are_refused_for_good_and_the_rest_is_taken) {
  Endpoint hub;
  hub.hello("p", '1', "blue/v1");
  wire::BatchT batch = hub.batch_of("blue/v1");
  batch.fixes.push_back(test::make_fixes("blue/v1", 1, {test::make_fix()}));
  batch.fixes.push_back(test::make_fixes("blue/v2", 2, {test::make_fix(), test::make_fix()}));
  hub.answer<wire::Welcome>("p");
  hub.send("p", batch);
  const auto ack = hub.answer<wire::Ack>("p");
  ASSERT_TRUE(ack);
  ASSERT_EQ(ack->settled.size(), 1u);
  EXPECT_EQ(ack->settled[0].last(), 1u);
  ASSERT_EQ(ack->refused.size(), 1u);
  EXPECT_EQ(ack->refused[0]->code, Refusal::NotEntitled);
  EXPECT_EQ(ack->refused[0]->numbers->first(), 2u);
  EXPECT_EQ(ack->refused[0]->numbers->last(), 3u);
  EXPECT_THAT(ack->refused[0]->reason, HasSubstr("blue/v2"));
  EXPECT_EQ(hub.ingest->counts().refused.at(Refusal::NotEntitled), 2u);
}

TEST(IngestRights, whose_it_is_comes_before_what_is_wrong_with_it) {
  Endpoint hub;
  hub.hello("p", '1', "blue/v1");
  wire::BatchT batch = hub.batch_of("blue/v1");
  wire::Fix bad = test::make_fix();
  bad.mutate_lat_e7(2'000'000'000);
  batch.fixes.push_back(test::make_fixes("green/v1", 1, {test::make_fix(), bad}));
  hub.send("p", batch);
  const auto ack = hub.answer<wire::Ack>("p");
  ASSERT_TRUE(ack);
  ASSERT_EQ(ack->refused.size(), 1u);
  EXPECT_EQ(ack->refused[0]->code, Refusal::NotEntitled);
  EXPECT_EQ(ack->refused[0]->numbers->last(), 2u);
}

TEST(IngestRights, each_role_is_refused_what_is_anothers) {
  Endpoint hub;
  hub.hello("gate", '2', "blue/gate");
  hub.send_fix("gate", "blue/gate", "blue/any");
  EXPECT_EQ(hub.refused("gate"), Refusal::None);
  hub.send_fix("gate", "blue/gate", "green/any");
  EXPECT_EQ(hub.refused("gate"), Refusal::NotEntitled);
  hub.send_state("gate", "blue/gate", Book::grant("blue/g", "green"));
  EXPECT_EQ(hub.refused("gate"), Refusal::NotEntitled);
}

TEST(IngestRights, an_invitation_becomes_its_identity_and_then_is_nobody) {
  Endpoint hub;
  const std::string spool = "invite/" + key('a');
  hub.book.must(key('3'), Book::invite("blue/new", 'a', Role::Console));
  hub.hello("join", 'a', spool);
  const auto welcome = hub.answer<wire::Welcome>("join");
  ASSERT_TRUE(welcome && welcome->invite);
  EXPECT_EQ(welcome->name, "blue/new");
  hub.send_fix("join", spool, "blue/v1");
  EXPECT_EQ(hub.refused("join"), Refusal::BadInvite);
  hub.send_state("join", spool, Book::identity("blue/new", 'b', Role::Console, {}, 'a'));
  EXPECT_EQ(hub.refused("join"), Refusal::None);
  hub.hello("new", 'b', "blue/new");
  EXPECT_TRUE(hub.answer<wire::Welcome>("new"));
  hub.hello("again", 'a', spool);
  EXPECT_EQ(hub.rejected("again"), Refusal::Revoked);
}

TEST(IngestRights, of_two_that_use_one_invitation_in_one_turn_the_first_gets_it) {
  Endpoint hub;
  const std::string spool = "invite/" + key('a');
  hub.book.must(key('3'), Book::invite("blue/new", 'a', Role::Console));
  const auto join = [&](const std::string& peer, std::uint64_t low, char digit) {
    wire::HelloT hello;
    hello.protocol = kProtocolVersion;
    hello.spool = std::make_unique<wire::Spool>(spool_owner(spool), low);
    hub.link.own(peer, key('a'));
    hub.link.put(peer, packed<wire::Hello>(hello));
    wire::BatchT batch = hub.batch_of(spool);
    *batch.spool = *hello.spool;
    batch.states.push_back(Book::identity("blue/new", digit, Role::Console, {}, 'a'));
    batch.states[0]->number = 1;
    hub.link.put(peer, packed<wire::Batch>(batch));
  };
  join("first", 1, 'b');
  join("second", 2, 'c');
  hub.turn();
  EXPECT_EQ(hub.refused("first"), Refusal::None);
  EXPECT_EQ(hub.rejected("second"), Refusal::Revoked);
  EXPECT_TRUE(hub.book.registry.find(key('b'), hub.clock.now_us));
  EXPECT_FALSE(hub.book.registry.find(key('c'), hub.clock.now_us));
}

TEST(IngestRights, the_next_batch_of_a_revoked_one_is_refused) {
  Endpoint hub;
  hub.hello("p", '1', "blue/v1");
  hub.hello("boss", '3', "blue/boss");
  hub.send_state("boss", "blue/boss", Book::revoked("blue/v1"));
  hub.answer<wire::Welcome>("p");
  hub.send_fix("p", "blue/v1", "blue/v1");
  EXPECT_EQ(hub.rejected("p"), Refusal::Revoked);
}

TEST(IngestRights, a_revoked_one_that_is_silent_is_told_and_then_cut_off_and_nobody_else_is) {
  Endpoint hub;
  hub.hello("p", '1', "blue/v1");
  hub.hello("gate", '2', "blue/gate");
  hub.hello("boss", '3', "blue/boss");
  hub.send_state("boss", "blue/boss", Book::revoked("blue/v1"));
  hub.wait(250'000);
  EXPECT_EQ(hub.rejected("p"), Refusal::Revoked);
  EXPECT_FALSE(hub.link.is_cut("p"));
  hub.wait(1'000'000);
  EXPECT_TRUE(hub.link.is_cut("p"));
  EXPECT_FALSE(hub.link.is_cut("gate"));
  EXPECT_EQ(hub.ingest->peer_count(), 2u);
}

TEST(IngestRights, an_identity_that_ends_by_itself_is_told_so) {
  Endpoint hub;
  auto state = Book::identity("blue/v1", '1', Role::Tracker, {"blue/v1"});
  state->identity->ends_us = hub.clock.now_us + 2'000'000;
  hub.book.must(key('3'), std::move(state));
  hub.hello("p", '1', "blue/v1");
  hub.wait(1'000'000);
  EXPECT_EQ(hub.rejected("p"), Refusal::None);
  hub.wait(1'500'000);
  EXPECT_EQ(hub.rejected("p"), Refusal::Revoked);
}

TEST(IngestRights, a_connection_that_takes_anothers_name_does_not_take_its_place) {
  Endpoint hub;
  hub.hello("p", '2', "blue/gate");
  hub.link.own("p", key('1'));
  hub.answer<wire::Welcome>("p");
  hub.send_fix("p", "blue/gate", "blue/v2");
  EXPECT_TRUE(hub.answer<wire::Rehello>("p"));
  EXPECT_EQ(hub.ingest->counts().fixes, 0u);
}

TEST(IngestRights, a_stranger_that_says_hello_is_cut_off) {
  Endpoint hub;
  hub.hello("p", '9', "blue/v1");
  hub.wait(1'000'000);
  EXPECT_TRUE(hub.link.is_cut("p"));
}

TEST(IngestRights, one_identity_has_so_many_connections_and_the_others_have_theirs) {
  IngestOptions options;
  options.peers_per_identity = 2;
  Endpoint hub(options);
  const auto greet = [&](const std::string& peer, std::uint64_t low) {
    hub.link.own(peer, key('2'));
    wire::HelloT hello;
    hello.protocol = kProtocolVersion;
    hello.spool = std::make_unique<wire::Spool>(spool_owner("blue/gate"), low);
    hub.link.put(peer, packed<wire::Hello>(hello));
    hub.turn();
  };
  greet("one", 1);
  greet("two", 2);
  greet("two", 3);  // said again, with another spool
  greet("three", 4);
  EXPECT_EQ(hub.rejected("three"), Refusal::TooManySessions);
  hub.hello("other", '1', "blue/v1");
  EXPECT_TRUE(hub.answer<wire::Welcome>("other"));
  greet("again", 1);  // takes the place of the first connection
  EXPECT_TRUE(hub.answer<wire::Welcome>("again"));
}

TEST(IngestRights, who_sends_more_bytes_than_an_identity_may_is_told_how_long_to_wait) {
  IngestOptions options;
  options.bytes_per_second = 1000;
  Endpoint hub(options);
  hub.hello("p", '1', "blue/v1");
  hub.hello("gate", '2', "blue/gate");
  std::unique_ptr<wire::RejectedT> told;
  for (int i = 0; i < 100 && told == nullptr; ++i) {
    hub.send_fix("p", "blue/v1", "blue/v1");
    told = hub.answer<wire::Rejected>("p");
  }
  ASSERT_TRUE(told);
  EXPECT_EQ(told->code, Refusal::TooFast);
  EXPECT_GT(told->retry_after_ms, 0u);
  EXPECT_LT(told->retry_after_ms, 1000u);
  hub.send_fix("gate", "blue/gate", "blue/v1");
  EXPECT_EQ(hub.refused("gate"), Refusal::None);
  hub.wait(std::int64_t{told->retry_after_ms} * 1000);
  hub.answer<wire::Ack>("p");
  hub.send_fix("p", "blue/v1", "blue/v1");
  EXPECT_EQ(hub.refused("p"), Refusal::None);
}

TEST(IngestRights, the_audit_is_told_who_changed_what_anybody_may_do) {
  Endpoint hub;
  hub.hello("boss", '3', "blue/boss");
  hub.send_state("boss", "blue/boss", Book::invite("blue/new", 'a', Role::Console));
  EXPECT_THAT(hub.told(), ElementsAre("invited by blue/boss in blue"));
  const std::string spool = "invite/" + key('a');
  hub.hello("join", 'a', spool);
  hub.send_state("join", spool, Book::identity("blue/new", 'b', Role::Console, {}, 'a'));
  EXPECT_THAT(hub.told(), ElementsAre("enrolled by invitation of blue/new in blue"));
  hub.send_state("boss", "blue/boss", Book::grant("blue/g", "green"));
  EXPECT_THAT(hub.told(),
              ElementsAre("granted by blue/boss in blue", "granted by blue/boss in green"));
  hub.send_state("boss", "blue/boss", Book::revoked("blue/new"));
  EXPECT_THAT(hub.told(), ElementsAre("revoked by blue/boss in blue"));
  hub.hello("chief", '0', "_hub/chief");
  hub.send_state("chief", "_hub/chief", Book::revoked("blue/boss"));
  EXPECT_THAT(hub.told(),
              ElementsAre("revoked by _hub/chief in _hub", "revoked by _hub/chief in blue"));
}

TEST(IngestRights, what_is_sent_twice_is_told_once_and_fixes_and_cards_are_not) {
  Endpoint hub;
  hub.hello("boss", '3', "blue/boss");
  wire::BatchT batch = hub.batch_of("blue/boss");
  batch.states.push_back(Book::revoked("blue/v1"));
  batch.states[0]->number = 7;
  hub.send("boss", batch);
  hub.send("boss", batch);
  EXPECT_THAT(hub.told(), ElementsAre("revoked by blue/boss in blue"));
  hub.hello("gate", '2', "blue/gate");
  hub.send_fix("gate", "blue/gate", "blue/v2");
  hub.send_state("gate", "blue/gate", test::make_state("blue/v2", 0));
  EXPECT_THAT(hub.told(), IsEmpty());
}

TEST(IngestRights, the_audit_is_told_who_acknowledged) {
  Endpoint hub;
  hub.hello("gate", '2', "blue/gate");
  for (const char* kind : {"text", "acknowledgement"}) {
    wire::BatchT batch = hub.batch_of("blue/gate");
    batch.events.push_back(test::make_event("blue/hq", ++hub.number));
    batch.events[0]->kind = kind;
    hub.send("gate", batch);
  }
  EXPECT_THAT(hub.told(), ElementsAre("acknowledged by blue/gate in blue"));
}

TEST(IngestRights, the_audit_is_told_who_was_refused_and_is_not_flooded) {
  Endpoint hub;
  hub.hello("p", '1', "blue/v1");
  for (int i = 0; i < 100; ++i) hub.send_fix("p", "blue/v1", "green/v1");
  EXPECT_THAT(hub.told(), ElementsAre("refused by blue/v1 in blue"));
  hub.hello("q", '1', "blue/gate");
  EXPECT_EQ(hub.rejected("q"), Refusal::WrongSpool);
  hub.hello("stranger", '9', "blue/v1");
  EXPECT_THAT(hub.told(), ElementsAre("refused by blue/v1 in blue", "refused by unknown in _hub"));
  wire::BatchT bad = hub.batch_of("blue/v1");
  bad.fixes.push_back(test::make_fixes("blue/v1", ++hub.number, {test::make_fix(1)}));
  hub.send("p", bad);
  EXPECT_EQ(hub.refused("p"), Refusal::BadTime);
  EXPECT_THAT(hub.told(), IsEmpty()) << "that is nobody's right";
}

TEST(IngestRights, while_the_audit_lags_nothing_more_is_read) {
  Endpoint hub;
  hub.hello("p", '1', "blue/v1");
  while (!hub.trail.full()) hub.trail.note({.kind = "invited", .owners = {"blue"}});
  EXPECT_FALSE(hub.ingest->wants_more());
  hub.send_fix("p", "blue/v1", "blue/v1");
  EXPECT_EQ(hub.ingest->counts().fixes, 0u);
  hub.trail.take({1, 1}, 1, 1, hub.clock.now_us, 64 * 1024);
  hub.turn();
  EXPECT_EQ(hub.ingest->counts().fixes, 1u);
}

TEST(IngestRights, who_sends_more_messages_than_an_identity_may_is_told_how_long_to_wait) {
  Endpoint hub(IngestOptions{.messages_per_second = 5});
  hub.hello("p", '1', "blue/v1");
  // With the hello two seconds' worth, and the one that overdraws it.
  for (int i = 0; i < 10; ++i) hub.send_fix("p", "blue/v1", "blue/v1");
  EXPECT_EQ(hub.rejected("p"), Refusal::None);
  hub.send_fix("p", "blue/v1", "blue/v1");
  EXPECT_EQ(hub.rejected("p"), Refusal::TooFast);
  hub.wait(1'000'000);
  hub.send_fix("p", "blue/v1", "blue/v1");
  EXPECT_EQ(hub.rejected("p"), Refusal::None);
}

}  // namespace
}  // namespace vigie::ingest
