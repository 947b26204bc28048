// A frame's header says what PROTOCOL.md promises about it.

#include "hub/feed/frames.h"

#include <gtest/gtest.h>

#include "schemas/messages/frame.h"
#include "tests/unit/schemas/seed.h"
#include "tests/unit/support/random_world.h"

namespace vigie::feed {
namespace {

const FrameFields kFields{.kind = wire::FrameKind::Live,
                          .flags = 0,
                          .prev = 5,
                          .last = 90,
                          .prev_event = 4,
                          .last_event = 91,
                          .durable = 3,
                          .time_us = 1'700'000'000'000'000,
                          .log = wire::LogId(7, 9)};

void expect_fields(const wire::FrameHeader& header) {
  EXPECT_EQ(header.kind(), kFields.kind);
  EXPECT_EQ(header.prev(), kFields.prev);
  EXPECT_EQ(header.last(), kFields.last);
  EXPECT_EQ(header.prev_event(), kFields.prev_event);
  EXPECT_EQ(header.last_event(), kFields.last_event);
  EXPECT_EQ(header.durable(), kFields.durable);
  EXPECT_EQ(header.time_us(), kFields.time_us);
  EXPECT_EQ(header.log().low(), kFields.log.low());
}

TEST(Frames, a_body_behind_its_header_is_a_frame_that_parses) {
  vigie::test::RandomWorld world(vigie::test::seed());
  const BodyPtr body = world.body();
  write_header(*body, kFields);
  const Result<Frame> frame = Frame::parse(body->frame_bytes());
  ASSERT_TRUE(frame) << frame.fault().sentence;
  expect_fields(frame->header());
  EXPECT_EQ(frame->header().bytes(), body->frame_bytes().size());
  EXPECT_EQ(frame->header().body_count(), 1u);
}

TEST(Frames, an_empty_frame_has_a_header_alone) {
  const std::vector<std::byte> bytes = empty_frame(kFields);
  const AlignedBytes aligned(bytes);
  const Result<Frame> frame = Frame::parse(aligned.bytes());
  ASSERT_TRUE(frame) << frame.fault().sentence;
  expect_fields(frame->header());
  EXPECT_EQ(frame->header().body_count(), 0u);
}

}  // namespace
}  // namespace vigie::feed
