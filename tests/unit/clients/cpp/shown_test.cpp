// What a client shows of states: the newest of each name, and nothing of what was deleted.

#include "clients/cpp/core/shown.h"

#include <gtest/gtest.h>

#include "schemas/messages/entry_writer.h"
#include "schemas/messages/frame.h"
#include "schemas/words/times.h"

namespace vigie::client {
namespace {

constexpr std::int64_t kStartUs = 1'790'000'000'000'000;
constexpr unsigned kWhole = static_cast<unsigned>(wire::FrameFlag::FirstPage) |
                            static_cast<unsigned>(wire::FrameFlag::LastPage) |
                            static_cast<unsigned>(wire::FrameFlag::Replace);

class ShownTest : public testing::Test {
 protected:
  struct Change {
    std::uint64_t seq;
    std::int64_t second;  // of its true time: the newest wins
    bool deleted = false;
  };
  /// What the user is told of the card in a frame with this one.
  std::vector<StateItem> takes(wire::FrameKind kind, Change change) {
    EntryWriter writer;
    wire::StateT native;
    const std::int64_t true_time_us = kStartUs + change.second * kMicrosecondsPerSecond;
    native.stamp = std::make_unique<wire::Stamp>(change.seq, true_time_us, 0, 0, 0);
    native.number = change.seq;
    native.kind = wire::StateKind::UnitCard;
    native.name = "red/a";
    native.true_time_us = true_time_us;
    native.clock = wire::Clock::Satellite;
    native.deleted = change.deleted;
    if (!change.deleted) native.card = std::make_unique<wire::UnitCardT>();
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(wire::State::Pack(builder, &native));
    writer.add_state(*flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer()),
                     wire::Spool(1, 1));
    const BodyPtr body = writer.finish(true_time_us, change.seq);
    std::vector<std::byte> bytes(sizeof(wire::FrameHeader));
    bytes.insert(bytes.end(), body->bytes().begin(), body->bytes().end());
    const bool page = kind == wire::FrameKind::Snapshot;
    const wire::FrameHeader header(static_cast<std::uint32_t>(bytes.size()), kFrameMagic, kind,
                                   static_cast<std::uint8_t>(page ? kWhole : 0), 0, 1, had_.fix, 0,
                                   change.seq, had_.event, change.seq, 0, true_time_us,
                                   wire::LogId(7, 7));
    std::memcpy(bytes.data(), &header, sizeof header);
    const auto frame = Frame::parse(bytes);
    EXPECT_TRUE(frame.ok());
    std::vector<Item> items;
    if (page) {
      shown_.take_page(*frame, had_, items);
    } else {
      shown_.take(*frame, had_, items);
      had_ = {change.seq, change.seq};
    }
    std::vector<StateItem> states;
    for (Item& item : items) {
      if (auto* state = std::get_if<StateItem>(&item)) states.push_back(std::move(*state));
    }
    return states;
  }

  Shown shown_;
  Position had_;
};

TEST_F(ShownTest, what_a_page_says_was_deleted_is_remembered_and_not_told) {
  EXPECT_TRUE(takes(wire::FrameKind::Snapshot, {.seq = 9, .second = 50, .deleted = true}).empty());
  EXPECT_TRUE(takes(wire::FrameKind::Live, {.seq = 10, .second = 40}).empty());
  EXPECT_EQ(shown_.picture().find_card("red/a"), nullptr);
  EXPECT_EQ(takes(wire::FrameKind::Live, {.seq = 11, .second = 60}).size(), 1u);
  EXPECT_NE(shown_.picture().find_card("red/a"), nullptr);
}

TEST_F(ShownTest, what_was_shown_and_a_page_says_was_deleted_is_told) {
  EXPECT_EQ(takes(wire::FrameKind::Live, {.seq = 5, .second = 40}).size(), 1u);
  const auto told = takes(wire::FrameKind::Snapshot, {.seq = 9, .second = 50, .deleted = true});
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].state.deleted);
  EXPECT_EQ(shown_.picture().find_card("red/a"), nullptr);
}

}  // namespace
}  // namespace vigie::client
