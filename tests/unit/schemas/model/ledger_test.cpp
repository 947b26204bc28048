#include "schemas/model/checkpoint_pages.h"

#include <gtest/gtest.h>

#include "tests/unit/schemas/model/world.h"

namespace vigie {
namespace {

using test::kNoonUs;
using test::words_of;
using test::World;

BodyPtr settled_body(std::uint64_t spool, std::uint64_t first, std::uint64_t last,
                     std::int64_t known_us) {
  EntryWriter writer;
  const std::array ranges{wire::NumberRange(first, last)};
  writer.add_settled(wire::Spool(77, spool), ranges, 0);
  return writer.finish(known_us, 1);
}

Ledger through_a_checkpoint(const Ledger& ledger) {
  Ledger again;
  write_checkpoint(Picture(), ledger, [&](Bytes page) {
    EXPECT_TRUE(verify_body(page).ok());
    again.fold(page);
    return true;
  });
  return again;
}

TEST(LedgerTest, settled_numbers_are_those_of_the_log) {
  const std::uint64_t seed = test::seed();
  for (std::uint64_t i = 0; i < 60; ++i) {
    World world(seed + i);
    for (int steps = world.chance().pick(1, 40); steps > 0; --steps) world.step();
    for (const auto& [spool, numbers] : world.settled()) {
      const SpoolRecord* record = world.ledger().find(World::spool_of(spool));
      ASSERT_NE(record, nullptr);
      ASSERT_EQ(record->settled.count(), numbers.size());
      for (const std::uint64_t number : numbers) ASSERT_TRUE(record->settled.contains(number));
      ASSERT_LE(record->last_known_time_us, world.known_us());
    }
    ASSERT_EQ(world.ledger().spools().size(), world.settled().size());
  }
}

TEST(LedgerTest, a_batchs_numbers_are_heard_when_the_hub_took_them_in) {
  wire::BatchT batch = test::make_batch();
  test::stamp(batch, 10, kNoonUs + 3);
  Ledger ledger;
  ledger.fold(test::make_body(batch, 10, kNoonUs + 3)->bytes());
  const SpoolRecord* record = ledger.find(test::kSpool);
  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(record->settled.contains(1, 6));
  EXPECT_EQ(record->settled.count(), 6u) << "given up numbers are settled by a Settled block";
  EXPECT_EQ(record->last_known_time_us, kNoonUs + 3);
  EXPECT_EQ(ledger.find(wire::Spool(1, 1)), nullptr);
}

TEST(LedgerTest, a_silent_spool_is_closed_and_keeps_one_interval) {
  Ledger ledger;
  ledger.fold(settled_body(1, 5, 9, kNoonUs)->bytes());
  ledger.fold(settled_body(1, 20, 30, kNoonUs)->bytes());
  ledger.fold(settled_body(2, 1, 3, kNoonUs + 10)->bytes());
  ledger.close_silent(kNoonUs + 10);
  const SpoolRecord* closed = ledger.find(wire::Spool(77, 1));
  ASSERT_TRUE(closed->closed);
  ASSERT_EQ(closed->settled.intervals().size(), 1u);
  EXPECT_TRUE(closed->settled.contains(1, 30));
  EXPECT_FALSE(ledger.find(wire::Spool(77, 2))->closed);
}

TEST(LedgerTest, a_checkpoint_keeps_closed_spools_closed) {
  Ledger ledger;
  ledger.fold(settled_body(1, 5, 9, kNoonUs)->bytes());
  ledger.fold(settled_body(2, 1, 3, kNoonUs + 10)->bytes());
  ledger.spool(wire::Spool(77, 3)).last_known_time_us = kNoonUs;  // heard, nothing settled yet
  ledger.close_silent(kNoonUs + 5);
  EXPECT_EQ(words_of(through_a_checkpoint(ledger)), words_of(ledger));
}

TEST(LedgerTest, a_checkpoint_keeps_the_void_ranges) {
  BodyBuilder builder;
  const wire::SeqRange lost(40, 90);
  builder.append(wire::BlockKind::Void, std::as_bytes(std::span(&lost, 1)), 1, 91);
  Picture picture;
  picture.fold(builder.close(91, 91, kNoonUs)->bytes());
  Picture again;
  write_checkpoint(picture, Ledger(), [&](Bytes page) {
    again.fold(page);
    return true;
  });
  ASSERT_EQ(again.voids().size(), 1u);
  EXPECT_EQ(again.voids().front().first(), 40u);
  EXPECT_EQ(again.voids().front().last(), 90u);
}

TEST(LedgerTest, random_ledgers_are_the_same_after_a_checkpoint) {
  test::Chance chance(test::seed());
  for (int round = 0; round < 30; ++round) {
    Ledger ledger;
    for (int i = chance.pick(0, 300); i > 0; --i) {
      const auto first = chance.pick<std::uint64_t>(1, 3000);
      ledger.fold(settled_body(chance.pick<std::uint64_t>(1, 20), first,
                               first + chance.pick<std::uint64_t>(0, 5),
                               kNoonUs + chance.pick<std::int64_t>(0, 1000))
                      ->bytes());
    }
    if (chance.once_in(2)) ledger.close_silent(kNoonUs + chance.pick<std::int64_t>(0, 1000));
    ASSERT_EQ(words_of(through_a_checkpoint(ledger)), words_of(ledger));
  }
}

TEST(LedgerTest, a_checkpoint_stops_when_its_sink_says_so) {
  World world(1);
  for (int i = 0; i < 5; ++i) world.step();
  int pages = 0;
  write_checkpoint(world.picture(), world.ledger(), [&](Bytes) {
    ++pages;
    return false;
  });
  EXPECT_EQ(pages, 1);
}

TEST(LedgerTest, a_large_picture_is_written_in_pages_of_bounded_size) {
  Picture picture;
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    wire::BatchT batch;
    batch.spool = std::make_unique<wire::Spool>(test::kSpool);
    batch.fixes.push_back(test::make_fixes(fmt::format("blue/{}", i), i, {test::make_fix()}));
    test::stamp(batch, i, kNoonUs);
    picture.fold(test::make_body(batch, i, kNoonUs)->bytes());
  }
  int pages = 0;
  write_checkpoint(picture, Ledger(), [&](Bytes page) {
    ++pages;
    EXPECT_LE(page.size(), limits::kBodyBytesMax);
    return true;
  });
  EXPECT_GT(pages, 5);
}

}  // namespace
}  // namespace vigie
