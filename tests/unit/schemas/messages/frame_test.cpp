#include "schemas/messages/frame.h"

#include <gtest/gtest.h>

#include "schemas/messages/entry_writer.h"
#include "tests/unit/schemas/samples.h"
#include "tests/unit/schemas/spoil.h"

namespace vigie {
namespace {

using test::kNoonUs;

BodyPtr make_stamped_body(std::uint64_t seq) {
  wire::BatchT batch = test::make_batch();
  test::stamp(batch, seq, kNoonUs);
  return test::make_body(batch, seq, kNoonUs);
}

wire::FrameHeader make_header(std::size_t bytes, std::uint32_t bodies) {
  return {static_cast<std::uint32_t>(bytes),
          kFrameMagic,
          wire::FrameKind::Live,
          0,
          0,
          bodies,
          9,
          10,
          21,
          9,
          21,
          8,
          kNoonUs,
          wire::LogId(1, 2)};
}

/// A frame of these bodies, as the hub sends it.
std::vector<std::byte> make_frame(const std::vector<BodyPtr>& bodies) {
  std::vector<std::byte> bytes(sizeof(wire::FrameHeader));
  for (const BodyPtr& body : bodies) {
    bytes.insert(bytes.end(), body->bytes().begin(), body->bytes().end());
  }
  const auto header = make_header(bytes.size(), static_cast<std::uint32_t>(bodies.size()));
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

std::vector<std::byte> make_two_bodies() {
  EntryWriter writer;
  writer.add_leave("blue/v9", 15);
  return make_frame({make_stamped_body(10), make_stamped_body(16), writer.finish(kNoonUs, 15)});
}

void set_u32(std::vector<std::byte>& bytes, std::size_t place, std::uint32_t value) {
  std::memcpy(bytes.data() + place, &value, sizeof value);
}

TEST(FrameTest, a_body_with_its_header_filled_in_is_a_frame) {
  const BodyPtr body = make_stamped_body(10);
  body->frame_header() = make_header(body->frame_bytes().size(), 1);
  ASSERT_TRUE(is_frame(body->frame_bytes()));
  const Result<Frame> frame = Frame::parse(body->frame_bytes());
  ASSERT_TRUE(frame.ok()) << frame.fault().sentence;
  EXPECT_EQ(frame->header().last(), 21u);
  EXPECT_EQ(frame->header().log().low(), 2u);
}

TEST(FrameTest, every_block_of_every_body_is_walked_in_order) {
  const Result<Frame> frame = Frame::parse(make_two_bodies());
  ASSERT_TRUE(frame.ok());
  std::vector<std::uint64_t> seqs;
  std::vector<wire::BlockKind> kinds;
  frame->for_each_block([&](const Block& block, std::int64_t known_time_us) {
    EXPECT_EQ(known_time_us, kNoonUs);
    seqs.push_back(block.header->first_seq());
    kinds.push_back(block.header->kind());
  });
  EXPECT_EQ(seqs, (std::vector<std::uint64_t>{10, 16, 15}));
  EXPECT_EQ(kinds.back(), wire::BlockKind::Leaves);
}

TEST(FrameTest, a_frame_of_no_bodies_is_well_formed) {
  EXPECT_TRUE(Frame::parse(make_frame({})).ok());
}

TEST(FrameTest, a_frame_at_any_address_is_read) {
  const std::vector<std::byte> frame = make_two_bodies();
  std::vector<std::byte> shifted(frame.size() + 8);
  for (std::size_t by = 0; by < 8; ++by) {
    std::copy(frame.begin(), frame.end(), shifted.begin() + static_cast<std::ptrdiff_t>(by));
    EXPECT_TRUE(Frame::parse(Bytes(shifted).subspan(by, frame.size())).ok());
  }
}

TEST(FrameTest, lengths_that_do_not_agree_are_refused) {
  const auto spoilt = [](const std::function<void(std::vector<std::byte>&)>& spoil) {
    std::vector<std::byte> frame = make_two_bodies();
    spoil(frame);
    const Result<Frame> result = Frame::parse(frame);
    EXPECT_FALSE(result.ok());
    if (result.ok()) return std::string();
    EXPECT_EQ(result.fault().code, FaultCode::Invalid);
    return result.fault().sentence;
  };
  constexpr std::size_t kCount = 12;  // FrameHeader.body_count
  constexpr std::size_t kBody = sizeof(wire::FrameHeader);
  EXPECT_EQ(spoilt([](auto& f) { set_u32(f, 4, 0); }), "no frame header");
  EXPECT_NE(spoilt([](auto& f) { set_u32(f, 0, 88); }).find("says it has 88"), std::string::npos);
  EXPECT_EQ(spoilt([](auto& f) { set_u32(f, kCount, 4); }), "a body is cut off");
  EXPECT_NE(spoilt([](auto& f) { set_u32(f, kCount, 2); }).find("after the last body"),
            std::string::npos);
  for (const std::uint32_t bytes : {0u, 8u, 33u, 0xFFFFFFF8u, 0xFFFFFFFFu}) {
    spoilt([&](auto& f) { set_u32(f, kBody + 4, bytes); });
  }
  spoilt([](auto& f) { set_u32(f, kBody + sizeof(wire::BodyHeader), 0xFFFFFFFF); });
  spoilt([](auto& f) { f.push_back(std::byte{0}); });
}

TEST(FrameTest, every_truncation_is_refused) {
  const std::vector<std::byte> frame = make_two_bodies();
  test::truncate_everywhere(frame, [](Bytes bytes) { ASSERT_FALSE(Frame::parse(bytes).ok()); });
}

TEST(FrameTest, every_flipped_bit_is_refused_or_read_without_fault) {
  const std::vector<std::byte> frame = make_two_bodies();
  test::flip_everywhere(frame, [](Bytes bytes) {
    const Result<Frame> parsed = Frame::parse(bytes);
    if (!parsed.ok()) return;
    parsed->for_each_block([](const Block& block, std::int64_t) { test::read_block(block); });
  });
}

TEST(FrameTest, a_message_is_no_frame) {
  EXPECT_FALSE(is_frame(packed<wire::Heartbeat>(wire::HeartbeatT())));
  EXPECT_FALSE(is_frame({}));
}

TEST(FrameTest, a_token_is_the_same_after_its_way_through_a_client) {
  const wire::Token token(wire::LogId(1, 2), 3, 4);
  const std::vector<std::byte> bytes = token_bytes(token);
  EXPECT_EQ(bytes.size(), 32u);
  const Result<wire::Token> back = parse_token(bytes);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(std::memcmp(&token, &*back, sizeof token), 0);
  for (std::size_t size = 0; size < 40; ++size) {
    EXPECT_EQ(parse_token(std::vector<std::byte>(size)).ok(), size == 32) << size;
  }
}

}  // namespace
}  // namespace vigie
