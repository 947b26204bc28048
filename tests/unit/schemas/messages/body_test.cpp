#include "schemas/messages/body.h"

#include <gtest/gtest.h>

#include "tests/unit/schemas/samples.h"
#include "tests/unit/schemas/seed.h"
#include "tests/unit/schemas/spoil.h"

namespace vigie {
namespace {

using test::kNoonUs;
using test::make_batch;

std::vector<std::byte> settled_payload() {
  wire::SettledT settled;
  settled.spool = std::make_unique<wire::Spool>(test::kSpool);
  settled.ranges = {wire::NumberRange(1, 5), wire::NumberRange(9, 9)};
  return packed<wire::Settled>(settled);
}

std::vector<std::byte> leaves_payload() {
  wire::LeavesT leaves;
  leaves.leaves.push_back(std::make_unique<wire::LeaveT>());
  leaves.leaves.back()->unit = "blue/v1";
  leaves.leaves.back()->seq = 40;
  return packed<wire::Leaves>(leaves);
}

template <typename Struct>
Bytes bytes_of(const Struct& value) {
  return {reinterpret_cast<const std::byte*>(&value), sizeof value};
}

/// One block of each kind, and one of a kind from the future.
BodyPtr make_full_body() {
  BodyBuilder builder;
  wire::BatchT batch = make_batch();
  const std::uint64_t next = test::stamp(batch, 100, kNoonUs);
  builder.append(wire::BlockKind::Batch, packed<wire::Batch>(batch), 6, 100);
  builder.append(wire::BlockKind::Settled, settled_payload(), 1, next);
  const wire::SeqRange gone(50, 99);
  builder.append(wire::BlockKind::Void, bytes_of(gone), 1, next + 1);
  builder.append(wire::BlockKind::Leaves, leaves_payload(), 0, next + 1);
  const std::array<std::byte, 5> future{std::byte{1}, std::byte{2}};
  builder.append(static_cast<wire::BlockKind>(200), future, 0, next + 1);
  return builder.close(100, next + 1, kNoonUs + 5);
}

TEST(BodyTest, what_is_built_is_walked_the_same) {
  const BodyPtr body = make_full_body();
  ASSERT_TRUE(verify_body(body->bytes()).ok());
  EXPECT_EQ(body->first_seq(), 100u);
  EXPECT_EQ(body->last_seq(), 107u);
  EXPECT_EQ(body->known_time_us(), kNoonUs + 5);
  EXPECT_EQ(body->frame_bytes().size(), body->bytes().size() + sizeof(wire::FrameHeader));
  BlockWalk walk(body->bytes());
  const auto batch = walk.next();
  EXPECT_EQ(batch->header->count(), 6u);
  EXPECT_EQ(batch->batch().fixes()->Get(1)->stamp()->first_seq(), 104u);
  EXPECT_EQ(walk.next()->settled().ranges()->size(), 2u);
  EXPECT_EQ(walk.next()->void_range().last(), 99u);
  EXPECT_EQ(walk.next()->leaves().leaves()->Get(0)->unit()->str(), "blue/v1");
  const auto future = walk.next();
  EXPECT_EQ(static_cast<int>(future->header->kind()), 200);
  EXPECT_EQ(future->payload.size(), 5u);
  EXPECT_FALSE(walk.next().has_value());
}

TEST(BodyTest, every_payload_is_aligned_and_padded_with_zeros) {
  const BodyPtr body = make_full_body();
  BlockWalk walk(body->bytes());
  while (const auto block = walk.next()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block->payload.data()) % 8, 0u);
    const std::byte* end = block->payload.data() + block->payload.size();
    for (std::size_t i = block->payload.size(); i < padded(block->payload.size()); ++i) {
      EXPECT_EQ(*end++, std::byte{0});
    }
  }
}

TEST(BodyTest, a_builder_makes_one_body_after_the_other_without_touching_the_closed_ones) {
  BodyBuilder builder(4096);
  std::vector<BodyPtr> bodies;
  std::vector<std::vector<std::byte>> copies;
  for (std::uint64_t seq = 1; seq <= 40; ++seq) {
    // Small bodies are copied out of the builder's buffer, large ones take it along.
    const std::size_t bytes = seq % 2 == 0 ? 64 : 3000;
    const std::vector<std::byte> payload(bytes, static_cast<std::byte>(seq));
    builder.append(static_cast<wire::BlockKind>(200), payload, 1, seq);
    bodies.push_back(builder.close(seq, seq, kNoonUs));
    EXPECT_TRUE(builder.empty());
    const Bytes closed = bodies.back()->frame_bytes();
    copies.emplace_back(closed.begin(), closed.end());
  }
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const Bytes now = bodies[i]->frame_bytes();
    EXPECT_TRUE(std::equal(now.begin(), now.end(), copies[i].begin(), copies[i].end()));
    EXPECT_TRUE(verify_body(bodies[i]->bytes()).ok());
  }
}

TEST(BodyTest, a_payload_that_is_staged_and_not_committed_leaves_no_trace) {
  BodyBuilder builder;
  const std::size_t before = builder.bytes();
  std::memset(builder.stage(100), 0xAA, 100);
  EXPECT_EQ(builder.bytes(), before);
  EXPECT_TRUE(builder.empty());
  builder.append(wire::BlockKind::Settled, settled_payload(), 1, 1);
  EXPECT_TRUE(verify_body(builder.close(1, 1, kNoonUs)->bytes()).ok());
}

TEST(BodyTest, a_builder_can_be_filled_to_its_last_byte) {
  BodyBuilder builder(8192);
  const std::size_t payload = builder.room() - sizeof(wire::BlockHeader);
  builder.append(static_cast<wire::BlockKind>(200), std::vector<std::byte>(payload), 1, 1);
  EXPECT_EQ(builder.room(), 0u);
  EXPECT_TRUE(verify_body(builder.close(1, 1, 0)->bytes()).ok());
}

TEST(BodyTest, every_truncation_is_refused) {
  const BodyPtr body = make_full_body();
  test::truncate_everywhere(body->bytes(),
                            [](Bytes bytes) { ASSERT_FALSE(verify_body(bytes).ok()); });
}

TEST(BodyTest, every_flipped_bit_is_refused_or_read_without_fault) {
  const BodyPtr body = make_full_body();
  int refused = 0;
  test::flip_everywhere(body->bytes(), [&](Bytes bytes) {
    if (verify_body(bytes).ok()) {
      test::read_body(bytes);
    } else {
      ++refused;
    }
  });
  EXPECT_GT(refused, 500);
}

TEST(BodyTest, a_vector_of_fixes_off_its_alignment_is_refused) {
  // A fixes vector moved on by 4 bytes and one fix shorter still lies within the buffer.
  wire::BatchT native = make_batch();
  native.events.clear();
  native.states.clear();
  native.fixes.resize(1);
  std::vector<std::byte> bytes = packed<wire::Batch>(native);
  const auto* root = flatbuffers::GetRoot<wire::Batch>(bytes.data());
  const auto* section = reinterpret_cast<const flatbuffers::Table*>(root->fixes()->Get(0));
  auto* slot = const_cast<std::uint8_t*>(section->GetAddressOf(wire::UnitFixes::VT_FIXES));
  auto* vector = const_cast<std::uint8_t*>(
      reinterpret_cast<const std::uint8_t*>(root->fixes()->Get(0)->fixes()));
  flatbuffers::WriteScalar<std::uint32_t>(vector + 4, 1);
  flatbuffers::WriteScalar<std::uint32_t>(slot, flatbuffers::ReadScalar<std::uint32_t>(slot) + 4);
  EXPECT_EQ(verified<wire::Batch>(bytes), nullptr);
}

TEST(BodyTest, kept_entries_are_the_events_and_states_in_order_of_seq) {
  BodyBuilder builder;
  std::uint64_t seq = 10;
  for (int i = 0; i < 3; ++i) {
    wire::BatchT batch = make_batch();
    const std::uint64_t first = seq;
    seq = test::stamp(batch, seq, kNoonUs + i);
    builder.append(wire::BlockKind::Batch, packed<wire::Batch>(batch), 6, first);
    builder.append(wire::BlockKind::Settled, settled_payload(), 1, seq++);
  }
  const BodyPtr body = builder.close(10, seq - 1, kNoonUs + 3);
  std::vector<std::uint64_t> seqs;
  for_each_kept(body->bytes(), [&](std::uint64_t at, Bytes entry) {
    seqs.push_back(at);
    ASSERT_TRUE(verify_body(entry).ok());
    BlockWalk walk(entry);
    const auto block = walk.next();
    EXPECT_EQ(block->header->count(), 1u);
    EXPECT_EQ(size_of(block->batch().events()) + size_of(block->batch().states()), 1u);
    EXPECT_EQ(size_of(block->batch().fixes()), 0u);
    const bool is_event = size_of(block->batch().events()) == 1;
    const wire::Spool* spool = is_event ? block->batch().events()->Get(0)->spool()
                                        : block->batch().states()->Get(0)->spool();
    EXPECT_EQ(spool->low(), test::kSpool.low());
    EXPECT_FALSE(walk.next().has_value());
  });
  EXPECT_EQ(seqs, (std::vector<std::uint64_t>{10, 11, 17, 18, 24, 25}));
}

}  // namespace
}  // namespace vigie
