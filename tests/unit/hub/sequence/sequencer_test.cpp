// Seqs are given once, known time never goes back, and a crash leaves a void that is named first.

#include "hub/sequence/sequencer.h"

#include <gtest/gtest.h>

#include "tests/unit/support/memory_store.h"

namespace vigie::sequence {
namespace {

using test::FakeClock;
using test::MemoryStore;

/// Some bytes for the body: what is in it is of no concern here.
void append(Sequencer& sequencer, std::uint32_t count) {
  const std::uint64_t first = sequencer.assign(count);
  const wire::SeqRange range(first, first);
  sequencer.builder().append(wire::BlockKind::Void, std::as_bytes(std::span(&range, 1)), count,
                             first);
}

TEST(Sequencer, gives_seqs_one_behind_the_other_over_all_bodies) {
  MemoryStore store;
  FakeClock clock;
  Sequencer sequencer(store, clock);
  std::uint64_t next = 1;
  for (std::uint32_t count : {1u, 5u, 300u, 2u}) {
    sequencer.begin_turn();
    append(sequencer, count);
    const BodyPtr body = sequencer.close_turn();
    ASSERT_NE(body, nullptr);
    EXPECT_EQ(body->first_seq(), next);
    next += count;
    EXPECT_EQ(body->last_seq(), next - 1);
    EXPECT_EQ(sequencer.head(), next - 1);
  }
  EXPECT_EQ(sequencer.next_seq(), next);
}

TEST(Sequencer, a_turn_without_entries_makes_no_body) {
  MemoryStore store;
  FakeClock clock;
  Sequencer sequencer(store, clock);
  sequencer.begin_turn();
  EXPECT_EQ(sequencer.close_turn(), nullptr);
}

TEST(Sequencer, known_time_goes_on_at_half_pace_while_the_clock_is_behind) {
  MemoryStore store;
  FakeClock clock;
  Sequencer sequencer(store, clock);
  sequencer.begin_turn();
  const std::int64_t before_us = sequencer.known_time_us();
  clock.utc_offset_us = -3'600'000'000;
  sequencer.begin_turn();
  EXPECT_EQ(sequencer.known_time_us(), before_us);
  clock.now_us += 600'000'000;
  sequencer.begin_turn();
  EXPECT_EQ(sequencer.known_time_us(), before_us + 300'000'000);
  EXPECT_EQ(sequencer.clock_behind_us(), 3'300'000'000);
  clock.now_us += 6'600'000'000;
  sequencer.begin_turn();
  EXPECT_EQ(sequencer.known_time_us(), clock.utc_us());
  EXPECT_EQ(sequencer.clock_behind_us(), 0);
  clock.utc_offset_us += 5;
  sequencer.begin_turn();
  EXPECT_EQ(sequencer.known_time_us(), clock.utc_us());
}

TEST(Sequencer, known_time_goes_on_behind_what_the_log_holds) {
  MemoryStore store;
  FakeClock clock;
  store.start.last_known_time_us = clock.now_us + 99'000'000;  // the clock was ahead, once
  Sequencer sequencer(store, clock);
  EXPECT_EQ(sequencer.known_time_us(), clock.now_us + 99'000'000);
}

TEST(Sequencer, after_a_crash_the_first_entry_names_the_seqs_that_may_have_been_given_out) {
  MemoryStore store;
  FakeClock clock;
  store.start = {.log = wire::LogId(7, 9), .last_seq = 40, .next_seq = 1001, .after_crash = true};
  Sequencer sequencer(store, clock);
  const BodyPtr body = sequencer.close_turn();
  ASSERT_NE(body, nullptr);
  EXPECT_EQ(body->first_seq(), 1001u);
  BlockWalk walk(body->bytes());
  const auto block = walk.next();
  ASSERT_TRUE(block);
  ASSERT_EQ(block->header->kind(), wire::BlockKind::Void);
  EXPECT_EQ(block->void_range().first(), 41u);
  EXPECT_EQ(block->void_range().last(), 1000u);
}

TEST(Sequencer, asks_for_the_next_block_of_seqs_long_before_this_one_is_used_up) {
  MemoryStore store;
  FakeClock clock;
  Sequencer sequencer(store, clock);
  while (sequencer.next_seq() < 3 * limits::kSeqBlock) {
    sequencer.begin_turn();
    append(sequencer, 1000);
    ASSERT_TRUE(sequencer.has_seqs());
    sequencer.close_turn();
  }
  EXPECT_GT(store.least_left, limits::kSeqBlock / 3);
}

TEST(Sequencer, after_a_clean_stop_there_is_no_void) {
  MemoryStore store;
  FakeClock clock;
  store.start = {.log = wire::LogId(7, 9), .last_seq = 40, .next_seq = 41, .after_crash = false};
  Sequencer sequencer(store, clock);
  EXPECT_EQ(sequencer.close_turn(), nullptr);
  EXPECT_EQ(sequencer.next_seq(), 41u);
}

}  // namespace
}  // namespace vigie::sequence
