// Promises 1 and 2, at the publish endpoint: acknowledged is durable, sent again is stored once.

#include "hub/ingest/ingest.h"

#include <gtest/gtest.h>

#include "tests/unit/schemas/samples.h"
#include "tests/unit/support/fake_link.h"
#include "tests/unit/support/memory_store.h"

namespace vigie::ingest {
namespace {

using test::FakeClock;
using test::FakeLink;
using test::MemoryStore;

/// The endpoint with what it stands on, and a publisher's words.
struct Endpoint {
  FakeLink link;
  MemoryStore store;
  FakeClock clock;
  sequence::Sequencer sequencer{store, clock};
  Ingest ingest{{}, link, sequencer, store, clock, Ledger()};

  void turn() {
    sequencer.begin_turn();
    ingest.read_turn();
    if (BodyPtr body = sequencer.close_turn()) store.submit(body);
    ingest.send_due_acks();
  }
  void sync() {
    ingest.on_durable(store.sync());
    ingest.send_due_acks();
  }
  void hello(const std::string& peer, wire::Spool spool = test::kSpool) {
    wire::HelloT hello;
    hello.protocol = kProtocolVersion;
    hello.spool = std::make_unique<wire::Spool>(spool);
    link.put(peer, packed<wire::Hello>(hello));
    turn();
  }
  void send(const std::string& peer, const wire::BatchT& batch) {
    link.put(peer, packed<wire::Batch>(batch));
    turn();
  }
  /// The newest answer of this kind; nothing when none came.
  template <typename Root>
  std::unique_ptr<typename Root::NativeTableType> answer(const std::string& peer) {
    std::unique_ptr<typename Root::NativeTableType> found;
    for (const FakeLink::Message& message : link.sent_to(peer)) {
      const AlignedBytes copy(message);
      if (const Root* root = verified<Root>(copy.bytes())) found.reset(root->UnPack());
    }
    link.sent_to(peer).clear();
    return found;
  }
  std::size_t stored_fixes() const {
    std::size_t count = 0;
    for (const BodyPtr& body : store.log) {
      BlockWalk walk(body->bytes());
      while (const auto block = walk.next()) {
        if (block->header->kind() != wire::BlockKind::Batch) continue;
        for (const auto* section : each(block->batch().fixes())) count += section->fixes()->size();
      }
    }
    return count;
  }
};

wire::BatchT batch_of(std::uint64_t first_number, int fixes, wire::Spool spool = test::kSpool) {
  wire::BatchT batch;
  batch.spool = std::make_unique<wire::Spool>(spool);
  batch.sent_time_us = FakeClock().now_us;
  batch.fixes.push_back(
      test::make_fixes("alpha/v1", first_number,
                       std::vector<wire::Fix>(static_cast<std::size_t>(fixes), test::make_fix())));
  return batch;
}

TEST(Ingest, ack_is_sent_only_after_the_batch_is_durable) {
  Endpoint hub;
  hub.hello("p");
  ASSERT_TRUE(hub.answer<wire::Welcome>("p"));
  hub.send("p", batch_of(1, 3));
  EXPECT_FALSE(hub.answer<wire::Ack>("p"));
  hub.sync();
  const auto ack = hub.answer<wire::Ack>("p");
  ASSERT_TRUE(ack);
  ASSERT_EQ(ack->settled.size(), 1u);
  EXPECT_EQ(ack->settled[0].first(), 1u);
  EXPECT_EQ(ack->settled[0].last(), 3u);
}

TEST(Ingest, a_batch_sent_again_while_pending_is_neither_stored_again_nor_acknowledged_early) {
  Endpoint hub;
  hub.hello("p");
  hub.send("p", batch_of(1, 3));
  hub.send("p", batch_of(1, 3));
  EXPECT_EQ(hub.stored_fixes(), 3u);
  EXPECT_FALSE(hub.answer<wire::Ack>("p"));
  hub.sync();
  EXPECT_TRUE(hub.answer<wire::Ack>("p"));
  EXPECT_EQ(hub.ingest.counts().duplicates, 3u);
}

TEST(Ingest, a_settled_batch_sent_again_is_acknowledged_at_once_and_stored_once) {
  Endpoint hub;
  hub.hello("p");
  hub.send("p", batch_of(1, 3));
  hub.sync();
  hub.answer<wire::Ack>("p");
  hub.hello("again");
  const auto welcome = hub.answer<wire::Welcome>("again");
  ASSERT_TRUE(welcome);
  ASSERT_EQ(welcome->settled.size(), 1u);
  EXPECT_EQ(welcome->settled[0].last(), 3u);
  hub.send("again", batch_of(1, 3));
  EXPECT_TRUE(hub.answer<wire::Ack>("again"));
  EXPECT_EQ(hub.stored_fixes(), 3u);
}

TEST(Ingest, what_became_durable_and_was_sent_again_stands_once_in_the_ack) {
  Endpoint hub;
  hub.hello("p");
  hub.send("p", batch_of(1, 3));
  hub.ingest.on_durable(hub.store.sync());  // its ack is due
  hub.send("p", batch_of(2, 4));
  const auto ack = hub.answer<wire::Ack>("p");
  ASSERT_TRUE(ack);
  ASSERT_EQ(ack->settled.size(), 1u);
  EXPECT_EQ(ack->settled[0].first(), 1u);
  EXPECT_EQ(ack->settled[0].last(), 3u);
}

TEST(Ingest, of_a_batch_that_overlaps_only_the_new_part_is_stored) {
  Endpoint hub;
  hub.hello("p");
  hub.send("p", batch_of(1, 3));
  hub.send("p", batch_of(2, 4));
  EXPECT_EQ(hub.stored_fixes(), 5u);
}

TEST(Ingest, a_refused_fix_is_told_with_its_reason_once_durable_and_the_rest_is_stored) {
  Endpoint hub;
  hub.hello("p");
  wire::BatchT batch = batch_of(1, 3);
  batch.fixes[0]->fixes[1].mutate_lat_e7(910'000'000);
  hub.send("p", batch);
  EXPECT_EQ(hub.stored_fixes(), 2u);
  hub.sync();
  const auto ack = hub.answer<wire::Ack>("p");
  ASSERT_TRUE(ack);
  ASSERT_EQ(ack->refused.size(), 1u);
  EXPECT_EQ(ack->refused[0]->code, wire::Refusal::BadPosition);
  EXPECT_EQ(ack->refused[0]->numbers->first(), 2u);
  EXPECT_NE(ack->refused[0]->reason.find("910000000"), std::string::npos);
  EXPECT_EQ(hub.ingest.counts().refused.at(wire::Refusal::BadPosition), 1u);
}

TEST(Ingest, given_up_numbers_are_settled_without_being_stored) {
  Endpoint hub;
  hub.hello("p");
  wire::BatchT batch = batch_of(11, 1);
  batch.given_up.emplace_back(1, 10);
  hub.send("p", batch);
  hub.sync();
  hub.hello("p2");
  const auto welcome = hub.answer<wire::Welcome>("p2");
  ASSERT_EQ(welcome->settled.size(), 1u);
  EXPECT_EQ(welcome->settled[0].first(), 1u);
  EXPECT_EQ(welcome->settled[0].last(), 11u);
  EXPECT_EQ(hub.stored_fixes(), 1u);
}

TEST(Ingest, a_batch_of_an_unknown_peer_is_answered_rehello) {
  Endpoint hub;
  hub.send("stranger", batch_of(1, 1));
  EXPECT_TRUE(hub.answer<wire::Rehello>("stranger"));
  EXPECT_EQ(hub.stored_fixes(), 0u);
}

TEST(Ingest, rubbish_and_foreign_spools_are_refused_by_code_and_the_body_stays_whole) {
  Endpoint hub;
  hub.hello("p");
  hub.link.put("p", std::vector<std::byte>(100, std::byte{0x5A}));
  std::vector<std::byte> cut = packed<wire::Batch>(batch_of(1, 5));
  cut.resize(cut.size() / 2);
  hub.link.put("p", cut);
  hub.link.put("p", packed<wire::Batch>(batch_of(1, 1, wire::Spool(3, 4))));
  hub.link.put("p", packed<wire::Batch>(batch_of(1, 2)));
  hub.turn();
  EXPECT_EQ(hub.stored_fixes(), 2u);
  EXPECT_EQ(hub.ingest.counts().refused.at(wire::Refusal::Malformed), 2u);
  EXPECT_EQ(hub.ingest.counts().refused.at(wire::Refusal::WrongSpool), 1u);
}

TEST(Ingest, more_than_was_granted_is_refused_too_fast) {
  Endpoint hub;
  hub.hello("p");
  const auto welcome = hub.answer<wire::Welcome>("p");
  std::uint64_t number = 1;
  std::uint64_t sent = 0;
  while (sent <= welcome->granted_bytes) {
    const wire::BatchT batch = batch_of(number, 1000);
    number += 1000;
    sent += packed<wire::Batch>(batch).size();
    hub.send("p", batch);
  }
  const auto rejected = hub.answer<wire::Rejected>("p");
  ASSERT_TRUE(rejected);
  EXPECT_EQ(rejected->code, wire::Refusal::TooFast);
}

TEST(Ingest, a_wrong_device_clock_is_corrected_and_a_right_one_left_alone) {
  Endpoint hub;
  hub.hello("p");
  wire::BatchT batch = batch_of(1, 1);
  batch.sent_time_us = hub.clock.now_us - 3'600'000'000ll;
  hub.send("p", batch);
  BlockWalk walk(hub.store.log.back()->bytes());
  EXPECT_EQ(walk.next()->batch().fixes()->Get(0)->stamp()->clock_offset_us(), 3'600'000'000ll);
  hub.hello("q", wire::Spool(5, 6));
  hub.send("q", batch_of(1, 1, wire::Spool(5, 6)));
  BlockWalk right(hub.store.log.back()->bytes());
  EXPECT_EQ(right.next()->batch().fixes()->Get(0)->stamp()->clock_offset_us(), 0);
}

TEST(Ingest, known_time_does_not_step_back_with_the_hubs_clock) {
  Endpoint hub;
  hub.hello("p");
  hub.send("p", batch_of(1, 1));
  const std::int64_t before = hub.store.log.back()->known_time_us();
  hub.clock.utc_offset_us = -7'200'000'000ll;
  hub.send("p", batch_of(2, 1));
  EXPECT_GE(hub.store.log.back()->known_time_us(), before);
}

TEST(Ingest, when_the_stores_queue_is_full_nothing_more_is_read) {
  Endpoint hub;
  hub.hello("p");
  hub.store.queued = limits::kStoreQueueBytesMax;
  hub.send("p", batch_of(1, 1));
  EXPECT_TRUE(hub.link.has_incoming());
  hub.store.queued = 0;
  hub.turn();
  EXPECT_EQ(hub.stored_fixes(), 1u);
}

TEST(Ingest, without_seqs_that_are_reserved_on_disk_nothing_more_is_read) {
  Endpoint hub;
  hub.hello("p");
  hub.store.seqs_end = limits::kSeqBlock;
  hub.sequencer.assign(limits::kSeqBlock - 100);
  hub.send("p", batch_of(1, 1));
  EXPECT_TRUE(hub.link.has_incoming());
  EXPECT_FALSE(hub.ingest.wants_more());
  hub.store.seqs_end = UINT64_MAX;
  hub.turn();
  EXPECT_EQ(hub.stored_fixes(), 1u);
}

/// A batch of fixes with these numbers, each on its own.
wire::BatchT scattered(std::uint64_t first, std::uint64_t step, std::size_t count) {
  wire::BatchT batch = batch_of(first, 1);
  for (std::uint64_t i = 1; i < count; ++i) {
    batch.fixes.push_back(test::make_fixes("alpha/v1", first + i * step, {test::make_fix()}));
  }
  return batch;
}

TEST(Ingest, what_would_leave_too_many_holes_is_refused_and_what_fills_some_is_always_taken) {
  Endpoint hub;
  hub.hello("p");
  std::uint64_t next = 2;  // every second number
  for (std::size_t taken = 0; taken < limits::kSpoolHolesMax; taken += 128, next += 256) {
    hub.send("p", scattered(next, 2, 128));
    ASSERT_FALSE(hub.answer<wire::Rejected>("p"));
    hub.sync();
  }
  hub.send("p", batch_of(next + 10, 1));
  const auto rejected = hub.answer<wire::Rejected>("p");
  ASSERT_TRUE(rejected);
  EXPECT_EQ(rejected->code, wire::Refusal::TooManyHoles);
  wire::BatchT gone;
  gone.spool = std::make_unique<wire::Spool>(test::kSpool);
  gone.given_up.emplace_back(next + 10, next + 11);
  hub.send("p", gone);
  EXPECT_TRUE(hub.answer<wire::Rejected>("p"));
  hub.send("p", scattered(3, 2, 128));
  EXPECT_FALSE(hub.answer<wire::Rejected>("p"));
  hub.send("p", batch_of(next + 10, 1));
  EXPECT_FALSE(hub.answer<wire::Rejected>("p"));
}

TEST(Ingest, a_full_disk_refuses_new_batches_with_a_time_to_wait) {
  Endpoint hub;
  hub.hello("p");
  hub.ingest.set_disk_full(true);
  hub.send("p", batch_of(1, 1));
  const auto rejected = hub.answer<wire::Rejected>("p");
  ASSERT_TRUE(rejected);
  EXPECT_EQ(rejected->code, wire::Refusal::DiskFull);
  EXPECT_GT(rejected->retry_after_ms, 0u);
  hub.ingest.set_disk_full(false);
  hub.send("p", batch_of(1, 1));
  EXPECT_EQ(hub.stored_fixes(), 1u);
}

TEST(Ingest, hellos_without_messages_leave_nothing_behind) {
  Endpoint hub;
  for (std::uint64_t i = 1; i <= 1000; ++i) hub.hello("p", wire::Spool(i, i));
  hub.ingest.tidy();
  EXPECT_EQ(hub.ingest.peer_count(), 1u);
}

/// A thousand publishers with a message each; then all of them are silent.
void fill_with_spools(Endpoint& hub, std::int64_t silent_us) {
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    hub.hello("p" + std::to_string(i), wire::Spool(1, i));
    hub.send("p" + std::to_string(i), batch_of(1, 1, wire::Spool(1, i)));
  }
  hub.sync();
  hub.clock.now_us += silent_us;
  for (int i = 0; i < 10; ++i) hub.ingest.tidy();
}

TEST(Ingest, spools_that_were_silent_for_too_long_are_closed_a_part_of_them_at_each_look) {
  Endpoint hub;
  fill_with_spools(hub, limits::kSpoolSilentUsMax + kMicrosecondsPerSecond);
  for (const std::uint64_t i : {1, 500, 1000}) {
    hub.hello("again", wire::Spool(1, i));
    const auto refused = hub.answer<wire::Rejected>("again");
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, wire::Refusal::SpoolClosed);
  }
}

TEST(Ingest, a_clock_that_leaps_ahead_closes_no_spool) {
  Endpoint hub;
  hub.clock.utc_offset_us = 0;
  fill_with_spools(hub, 601 * kMicrosecondsPerSecond);
  hub.clock.utc_offset_us = 2 * limits::kSpoolSilentUsMax;
  for (int i = 0; i < 10; ++i) hub.ingest.tidy();
  EXPECT_GT(hub.ingest.clock_ahead_us(), limits::kSpoolSilentUsMax);
  hub.hello("again", wire::Spool(1, 500));
  EXPECT_TRUE(hub.answer<wire::Welcome>("again"));
}

TEST(Ingest, after_a_crash_the_first_entry_names_the_void) {
  MemoryStore store;
  store.start = {.log = wire::LogId(7, 9), .last_seq = 40, .next_seq = 101, .after_crash = true};
  FakeClock clock;
  sequence::Sequencer sequencer(store, clock);
  const BodyPtr body = sequencer.close_turn();
  ASSERT_TRUE(body);
  EXPECT_EQ(body->first_seq(), 101u);
  BlockWalk walk(body->bytes());
  const auto block = walk.next();
  EXPECT_EQ(block->header->kind(), wire::BlockKind::Void);
  EXPECT_EQ(block->void_range().first(), 41u);
  EXPECT_EQ(block->void_range().last(), 100u);
}

}  // namespace
}  // namespace vigie::ingest
