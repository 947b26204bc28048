#pragma once
// A hub's publish endpoint whose limits are tested, and who publishes there.

#include <gtest/gtest.h>

#include <map>

#include "hub/ingest/ingest.h"
#include "schemas/keys/key_pair.h"
#include "tests/unit/support/access_book.h"
#include "tests/unit/support/fake_link.h"
#include "tests/unit/support/memory_store.h"

namespace vigie::ingest {

using test::Book;
using test::key;
using wire::Refusal;
using wire::Role;

/// A hub where blue's gateway '1', administrator '2' and tracker '3' are enrolled. Everything is
/// durable at the turn's end. Peers say who they are by their first letter: 'g', 'b' or 't'.
struct Hub {
  Book book;
  test::FakeLink link;
  test::MemoryStore store;
  test::FakeClock clock;
  security::AuditTrail trail;
  std::optional<sequence::Sequencer> sequencer;
  std::optional<Ingest> ingest;
  std::map<char, char> keys{{'g', '1'}, {'b', '2'}, {'t', '3'}};
  std::uint64_t number = 0;

  explicit Hub(const IngestOptions& options = {}, const Ledger& ledger = {}) {
    book.now_us = clock.now_us;
    book.enrol("blue/gate", '1', Role::Gateway, {"blue/*"});
    book.enrol("blue/boss", '2', Role::Administrator);
    book.enrol("blue/tablet", '3', Role::Tracker, {"blue/v1"});
    store.start.last_seq = 99;
    store.start.next_seq = 100;
    sequencer.emplace(store, clock);
    ingest.emplace(options, link, *sequencer, store, clock, ledger, &book.registry, &trail);
  }
  static std::string name_of(const std::string& peer) {
    return peer[0] == 'g' ? "blue/gate" : peer[0] == 'b' ? "blue/boss" : "blue/tablet";
  }
  void turn() {
    sequencer->begin_turn();
    ingest->read_turn();
    if (BodyPtr body = sequencer->close_turn()) store.submit(body);
    ingest->on_durable(store.sync());
    ingest->send_due_acks();
  }
  void pass(std::int64_t us) {
    clock.now_us += us;
    ingest->tidy();
    turn();
  }
  /// None: it is welcome.
  Refusal hello(const std::string& peer, std::uint64_t low = 1) {
    link.own(peer, key(keys.at(peer[0])));
    link.put(peer, hello_of(peer, low));
    turn();
    return rejected(peer);
  }
  static std::vector<std::byte> hello_of(const std::string& peer, std::uint64_t low) {
    wire::HelloT hello;
    hello.protocol = kProtocolVersion;
    hello.spool = std::make_unique<wire::Spool>(spool_owner(name_of(peer)), low);
    return packed<wire::Hello>(hello);
  }
  wire::BatchT batch(const std::string& peer, std::uint64_t low = 1) const {
    wire::BatchT batch;
    batch.spool = std::make_unique<wire::Spool>(spool_owner(name_of(peer)), low);
    batch.sent_time_us = clock.now_us;
    return batch;
  }
  void send(const std::string& peer, const wire::BatchT& batch) {
    link.put(peer, packed<wire::Batch>(batch));
    turn();
  }
  void send_fix(const std::string& peer, std::uint64_t low = 1) {
    wire::BatchT one = batch(peer, low);
    one.fixes.push_back(test::make_fixes("blue/v1", ++number, {test::make_fix()}));
    send(peer, one);
  }
  /// What the administrator says at once; what of it is refused.
  std::vector<std::unique_ptr<wire::RefusedT>> say(
      std::vector<std::unique_ptr<wire::StateT>> states) {
    wire::BatchT one = batch("boss");
    one.states = std::move(states);
    for (const auto& state : one.states) state->number = ++number;
    send("boss", one);
    auto acks = take<wire::Ack>("boss");
    EXPECT_EQ(acks.size(), 1u);
    return acks.empty() ? std::vector<std::unique_ptr<wire::RefusedT>>()
                        : std::move(acks.back().refused);
  }
  /// Takes another key; what the acknowledgement says of it.
  Refusal rotate(const std::string& peer, char digit) {
    wire::BatchT one = batch(peer);
    one.states.push_back(peer[0] == 'b'
                             ? Book::identity("blue/boss", digit, Role::Administrator)
                             : Book::identity("blue/tablet", digit, Role::Tracker, {"blue/v1"}));
    one.states[0]->number = ++number;
    send(peer, one);
    const auto acks = take<wire::Ack>(peer);
    if (acks.empty()) return Refusal::NotFound;
    if (!acks.back().refused.empty()) return acks.back().refused[0]->code;
    keys[peer[0]] = digit;
    return hello(peer);
  }
  template <typename Root>
  std::vector<typename Root::NativeTableType> take(const std::string& peer) {
    std::vector<typename Root::NativeTableType> found;
    for (const test::FakeLink::Message& message : std::exchange(link.sent_to(peer), {})) {
      const AlignedBytes copy(message);
      if (const Root* root = verified<Root>(copy.bytes())) root->UnPackTo(&found.emplace_back());
    }
    return found;
  }
  Refusal rejected(const std::string& peer) {
    const auto all = take<wire::Rejected>(peer);
    return all.empty() ? Refusal::None : all.back().code;
  }
};

}  // namespace vigie::ingest
