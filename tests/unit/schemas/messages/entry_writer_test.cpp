#include "schemas/messages/entry_writer.h"

#include <gtest/gtest.h>

#include "tests/unit/schemas/samples.h"

namespace vigie {
namespace {

using test::kNoonUs;

const wire::Spool kOther{7, 8};

Block first_block(const BodyPtr& body) {
  EXPECT_TRUE(verify_body(body->bytes()).ok());
  return *BlockWalk(body->bytes()).next();
}

/// The stamped sample batch, with entries from `seq` on.
struct Sample {
  explicit Sample(std::uint64_t seq) {
    wire::BatchT native = test::make_batch();
    test::stamp(native, seq, kNoonUs, -5);
    bytes = packed<wire::Batch>(native);
    batch = flatbuffers::GetRoot<wire::Batch>(bytes.data());
  }
  std::vector<std::byte> bytes;
  const wire::Batch* batch;
};

void add_all_fixes(EntryWriter& writer, const wire::Batch& batch) {
  for (const wire::UnitFixes* section : *batch.fixes()) {
    std::vector<wire::Fix> fixes;
    for (const wire::Fix* fix : *section->fixes()) fixes.push_back(*fix);
    writer.add_fixes({.unit = text_of(section->unit()),
                      .group = text_of(section->group()),
                      .stamp = *section->stamp(),
                      .spool = *batch.spool(),
                      .first_number = section->first_number(),
                      .fixes = fixes,
                      .readings = {section->readings() ? section->readings()->data() : nullptr,
                                   size_of(section->readings())},
                      .readings_bytes = section->readings_bytes()});
  }
}

TEST(EntryWriterTest, entries_keep_their_stamps_names_and_values) {
  const Sample sample(50);
  EntryWriter writer;
  EXPECT_TRUE(writer.empty());
  writer.add_event(*sample.batch->events()->Get(0), *sample.batch->spool());
  writer.add_state(*sample.batch->states()->Get(0), *sample.batch->spool());
  add_all_fixes(writer, *sample.batch);
  EXPECT_EQ(writer.entries(), 6u);
  const BodyPtr body = writer.finish(kNoonUs + 1);
  EXPECT_EQ(body->first_seq(), 50u);
  EXPECT_EQ(body->last_seq(), 55u);
  EXPECT_EQ(body->known_time_us(), kNoonUs + 1);

  // The same as the sample, but that each entry names its spool and the batch none.
  std::unique_ptr<wire::BatchT> want(sample.batch->UnPack());
  const auto own = [] { return std::make_unique<wire::Spool>(test::kSpool); };
  for (auto& event : want->events) event->spool = own();
  for (auto& state : want->states) state->spool = own();
  for (auto& section : want->fixes) section->spool = own();
  want->spool.reset();
  want->sent_time_us = 0;
  want->given_up.clear();
  const std::unique_ptr<wire::BatchT> have(first_block(body).batch().UnPack());
  EXPECT_EQ(packed<wire::Batch>(*have), packed<wire::Batch>(*want));
}

TEST(EntryWriterTest, the_bodys_seqs_are_the_least_and_the_greatest_whatever_the_order) {
  const Sample early(10);
  const Sample late(90);
  EntryWriter writer;
  writer.add_event(*late.batch->events()->Get(0), kOther);
  writer.add_state(*early.batch->states()->Get(0), kOther);
  const BodyPtr body = writer.finish(kNoonUs);
  EXPECT_EQ(body->first_seq(), 11u);
  EXPECT_EQ(body->last_seq(), 90u);
}

TEST(EntryWriterTest, it_starts_anew_after_each_body) {
  const Sample sample(30);
  EntryWriter writer;
  writer.add_event(*sample.batch->events()->Get(0), kOther);
  writer.add_leave("blue/v1", 3);
  writer.add_settled(kOther, {}, 1);
  const BodyPtr first = writer.finish(kNoonUs);
  EXPECT_TRUE(writer.empty());
  EXPECT_EQ(writer.entries(), 0u);
  writer.add_state(*sample.batch->states()->Get(0), kOther);
  const BodyPtr second = writer.finish(kNoonUs);
  EXPECT_EQ(second->first_seq(), 31u);
  EXPECT_EQ(first_block(second).header->count(), 1u);
  EXPECT_EQ(size_of(first_block(second).batch().events()), 0u);
  EXPECT_EQ(first->first_seq(), 30u);
  EXPECT_TRUE(verify_body(first->bytes()).ok());
}

TEST(EntryWriterTest, leaves_and_settled_numbers_alone_take_the_seq_that_is_given) {
  EntryWriter writer;
  writer.add_leave("blue/v1", 12);
  writer.add_leave("blue/v2", 13);
  const std::array ranges{wire::NumberRange(1, 4), wire::NumberRange(6, 6)};
  writer.add_settled(kOther, ranges, kNoonUs, true);
  const BodyPtr body = writer.finish(kNoonUs, 77);
  ASSERT_TRUE(verify_body(body->bytes()).ok());
  EXPECT_EQ(body->first_seq(), 77u);
  EXPECT_EQ(body->last_seq(), 77u);
  BlockWalk walk(body->bytes());
  const auto settled = walk.next();
  ASSERT_EQ(settled->header->kind(), wire::BlockKind::Settled);
  EXPECT_EQ(settled->settled().ranges()->Get(1)->first(), 6u);
  EXPECT_EQ(settled->settled().known_time_us(), kNoonUs);
  EXPECT_TRUE(settled->settled().closed());
  const auto leaves = walk.next();
  ASSERT_EQ(leaves->header->kind(), wire::BlockKind::Leaves);
  EXPECT_EQ(leaves->leaves().leaves()->Get(1)->seq(), 13u);
}

TEST(EntryWriterTest, its_own_estimate_is_never_below_the_bodys_size) {
  const Sample sample(10);
  EntryWriter writer;
  for (int i = 0; i < 50; ++i) {
    add_all_fixes(writer, *sample.batch);
    writer.add_event(*sample.batch->events()->Get(0), kOther);
    if (i % 5 == 0) writer.add_leave("blue/v1", 12);
    if (i % 10 == 0) writer.add_settled(kOther, {}, kNoonUs);
    const std::size_t estimate = writer.bytes();
    EntryWriter same;
    EXPECT_GT(estimate, 256u);
    if (i == 49) {
      EXPECT_LE(writer.finish(kNoonUs)->bytes().size(), estimate + 1024);
    }
  }
}

TEST(EntryWriterTest, an_entrys_own_spool_goes_before_the_batchs) {
  EXPECT_EQ(spool_of(&kOther, &test::kSpool).low(), 8u);
  EXPECT_EQ(spool_of(nullptr, &test::kSpool).low(), test::kSpool.low());
  EXPECT_EQ(spool_of(nullptr, nullptr).low(), 0u);
}

}  // namespace
}  // namespace vigie
