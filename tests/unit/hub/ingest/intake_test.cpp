// Whatever comes to the publish endpoint is charged to its sender and its address before it is
// read.

#include "tests/unit/hub/ingest/limited_hub.h"

namespace vigie::ingest {
namespace {

TEST(IngestIntake, hellos_count_among_the_messages_and_one_too_many_changes_nothing) {
  Hub hub(IngestOptions{.messages_per_second = 5});
  // Two seconds' worth, and the one that overdraws it.
  for (int i = 0; i < 11; ++i) ASSERT_EQ(hub.hello("g", 1), Refusal::None) << i;
  hub.link.put("g", hub.hello_of("g", 2));
  hub.turn();
  const auto rejected = hub.take<wire::Rejected>("g");
  ASSERT_EQ(rejected.size(), 1u);
  EXPECT_EQ(rejected[0].code, Refusal::TooFast);
  EXPECT_EQ(rejected[0].retry_after_ms, 201u);
  EXPECT_EQ(hub.ingest->counts().refused.at(Refusal::TooFast), 1u);
  EXPECT_EQ(hub.hello("boss"), Refusal::None) << "another identity has its own";
  hub.clock.now_us += 201'000;
  hub.send_fix("g", 1);
  EXPECT_EQ(hub.rejected("g"), Refusal::None) << "it has the spool that it had";
  EXPECT_EQ(hub.ingest->counts().fixes, 1u);
}

TEST(IngestIntake, a_hello_costs_a_thousandth_of_a_seconds_messages) {
  Hub hub(IngestOptions{.messages_per_second = 10'000});
  for (int i = 0; i < 2001; ++i) ASSERT_EQ(hub.hello("g"), Refusal::None) << i;
  EXPECT_EQ(hub.hello("g"), Refusal::TooFast);
}

TEST(IngestIntake, the_welcome_that_a_hello_asks_for_counts_among_the_bytes) {
  Hub hub(IngestOptions{.bytes_per_second = 64 * 1024});
  ASSERT_EQ(hub.hello("g"), Refusal::None);
  wire::BatchT batch = hub.batch("g");
  for (std::uint64_t i = 1; i <= 1000; ++i) batch.given_up.emplace_back(100 * i, 100 * i + 50);
  hub.send("g", batch);
  ASSERT_EQ(hub.rejected("g"), Refusal::None);
  int welcome = 0;
  while (welcome < 100 && hub.hello("g") == Refusal::None) ++welcome;
  EXPECT_GE(welcome, 7);
  EXPECT_LE(welcome, 8) << "sixteen thousand bytes each";
  EXPECT_EQ(hub.hello("tablet"), Refusal::None);
}

TEST(IngestIntake, what_is_no_message_counts_and_is_not_looked_at_once_it_is_too_much) {
  Hub hub(IngestOptions{.messages_per_second = 5});
  ASSERT_EQ(hub.hello("g"), Refusal::None);
  for (int i = 0; i < 10; ++i) {
    hub.link.put("g", std::vector<std::byte>(40));
    hub.turn();
    ASSERT_EQ(hub.rejected("g"), Refusal::Malformed) << i;
  }
  hub.link.put("g", std::vector<std::byte>(40));
  hub.turn();
  EXPECT_EQ(hub.rejected("g"), Refusal::TooFast);
  EXPECT_EQ(hub.ingest->counts().refused.at(Refusal::Malformed), 10u);
}

TEST(IngestIntake, batches_that_do_not_verify_count) {
  Hub hub(IngestOptions{.messages_per_second = 5});
  ASSERT_EQ(hub.hello("g"), Refusal::None);
  std::vector<std::byte> spoilt = packed<wire::Batch>(hub.batch("g"));
  spoilt.resize(12);
  for (int i = 0; i < 10; ++i) {
    hub.link.put("g", spoilt);
    hub.turn();
    ASSERT_EQ(hub.rejected("g"), Refusal::Malformed) << i;
  }
  hub.link.put("g", spoilt);
  hub.turn();
  EXPECT_EQ(hub.rejected("g"), Refusal::TooFast);
}

TEST(IngestIntake, batches_before_hello_count) {
  Hub hub(IngestOptions{.messages_per_second = 5});
  hub.link.own("g", key('1'));
  for (int i = 0; i < 11; ++i) {
    hub.send_fix("g");
    ASSERT_EQ(hub.take<wire::Rehello>("g").size(), 1u) << i;
  }
  hub.send_fix("g");
  EXPECT_EQ(hub.rejected("g"), Refusal::TooFast);
  EXPECT_EQ(hub.ingest->counts().rehellos, 11u);
}

TEST(IngestIntake, a_hello_is_no_dearer_to_an_address_than_what_the_address_may_send) {
  // Of one a second's messages are 1,000 hellos, and would be five of those at the address.
  Hub hub(IngestOptions{.messages_per_second = 1'000'000,
                        .of_address = {.messages_per_second = 5'000}});
  hub.link.place("tablet", "10.0.0.1");
  for (int i = 0; i < 100; ++i) ASSERT_EQ(hub.hello("tablet"), Refusal::None) << i;
  hub.send_fix("tablet");
  EXPECT_EQ(hub.rejected("tablet"), Refusal::None);
}

TEST(IngestIntake, those_at_one_address_share_what_is_no_batch_too) {
  Hub hub(IngestOptions{.of_address = {.bytes_per_second = 1000}});
  for (const char* peer : {"g", "tablet"}) hub.link.place(peer, "10.0.0.1");
  ASSERT_EQ(hub.hello("tablet"), Refusal::None);
  hub.link.own("g", key('1'));
  hub.link.put("g", std::vector<std::byte>(3000));
  hub.turn();
  EXPECT_EQ(hub.rejected("g"), Refusal::Malformed);
  hub.send_fix("tablet");
  EXPECT_EQ(hub.rejected("tablet"), Refusal::TooFast);
  EXPECT_EQ(hub.hello("boss"), Refusal::None) << "it is elsewhere";
}

TEST(IngestIntake, a_batch_that_came_too_fast_is_neither_settled_nor_lost) {
  Hub hub(IngestOptions{.messages_per_second = 5});
  ASSERT_EQ(hub.hello("g"), Refusal::None);
  for (int i = 0; i < 10; ++i) hub.send_fix("g");
  hub.take<wire::Ack>("g");
  hub.send_fix("g");
  EXPECT_EQ(hub.rejected("g"), Refusal::TooFast);
  EXPECT_EQ(hub.ingest->counts().fixes, 10u);
  hub.clock.now_us += 1'000'000;
  hub.link.put("g", hub.hello_of("g", 1));
  hub.turn();
  const auto welcome = hub.take<wire::Welcome>("g");
  ASSERT_EQ(welcome.size(), 1u);
  ASSERT_EQ(welcome[0].settled.size(), 1u);
  EXPECT_EQ(welcome[0].settled[0].last(), 10u);
  --hub.number;
  hub.send_fix("g");
  const auto acks = hub.take<wire::Ack>("g");
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].settled.at(0).last(), 11u);
  EXPECT_EQ(hub.ingest->counts().fixes, 11u);
}

TEST(IngestIntake, who_is_nobody_any_more_and_storms_is_cut_off) {
  Hub hub(IngestOptions{.of_address = {.messages_per_second = 5}});
  for (const char* peer : {"nobody", "gate"}) hub.link.place(peer, "10.0.0.1");
  hub.link.own("nobody", key('9'));
  for (int i = 0; i < 12; ++i) {
    hub.link.put("nobody", std::vector<std::byte>(40));
    hub.turn();
  }
  EXPECT_EQ(hub.rejected("nobody"), Refusal::TooFast);
  EXPECT_EQ(hub.hello("gate"), Refusal::TooFast);
  hub.pass(1'100'000);
  EXPECT_TRUE(hub.link.is_cut("nobody"));
  EXPECT_FALSE(hub.link.is_cut("gate"));
}

}  // namespace
}  // namespace vigie::ingest
