// What can be read of a refused message, and that no message makes the reader take much room.

#include <gmock/gmock.h>

#include "schemas/messages/wire.h"
#include "vigie/ask.h"

namespace vigie::client {
namespace {

wire::BatchT batch_of_events(std::size_t count, const std::string& text) {
  wire::BatchT batch;
  for (std::size_t i = 0; i < count; ++i) {
    auto event = std::make_unique<wire::EventT>();
    event->unit = "red/not yours";
    event->kind = "text";
    event->text = text;
    batch.events.push_back(std::move(event));
  }
  return batch;
}

TEST(RefusedBatchTest, its_messages_are_read_whatever_is_wrong_with_them) {
  wire::BatchT batch = batch_of_events(1, "bad\x1b[31m");
  auto state = std::make_unique<wire::StateT>();
  state->kind = static_cast<wire::StateKind>(77);
  state->name = "no name";
  batch.states.push_back(std::move(state));
  auto section = std::make_unique<wire::UnitFixesT>();
  section->unit = "red/v1";
  section->fixes.resize(2);
  section->fixes[1].mutate_lat_e7(INT32_MAX);
  section->readings_bytes = 500;  // and none are there
  batch.fixes.push_back(std::move(section));
  const auto read = read_refused_batch(packed<wire::Batch>(batch));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->events.size(), 1u);
  EXPECT_EQ(read->events[0].text, "bad\x1b[31m");
  ASSERT_EQ(read->states.size(), 1u);
  EXPECT_EQ(read->states[0].name, "no name");
  ASSERT_EQ(read->fixes.size(), 2u);
  EXPECT_EQ(read->fixes[1].unit, "red/v1");
  EXPECT_EQ(read->fixes[1].lat_e7, INT32_MAX);
  EXPECT_EQ(read->left_out, 0u);
}

TEST(RefusedBatchTest, what_is_no_batch_or_half_of_one_is_not_read) {
  std::vector<std::byte> bytes = packed<wire::Batch>(batch_of_events(3, "x"));
  EXPECT_EQ(message_kind(bytes), "Batch");
  bytes.resize(bytes.size() / 2);
  EXPECT_EQ(message_kind(bytes), "Batch");
  EXPECT_FALSE(read_refused_batch(bytes));
  EXPECT_FALSE(read_refused_batch({}));
  EXPECT_EQ(message_kind({}), "");
  EXPECT_EQ(message_kind(packed<wire::Open>(wire::OpenT())), "Open");
  EXPECT_FALSE(read_refused_batch(packed<wire::Open>(wire::OpenT())));
}

TEST(RefusedBatchTest, one_text_that_many_messages_share_is_not_read_for_each) {
  flatbuffers::FlatBufferBuilder builder;
  const auto text = builder.CreateString(std::string(40'000, 'x'));
  const auto name = builder.CreateString("red/v1");
  std::vector<flatbuffers::Offset<wire::Event>> events;
  for (int i = 0; i < 500; ++i) {
    wire::EventBuilder event(builder);
    event.add_unit(name);
    event.add_kind(name);
    event.add_text(text);
    events.push_back(event.Finish());
  }
  const auto list = builder.CreateVector(events);
  wire::BatchBuilder batch(builder);
  batch.add_events(list);
  const auto read = read_refused_batch(finished<wire::Batch>(builder, batch.Finish()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->events.size() + read->left_out, 500u);
  EXPECT_LE(read->events.size() * 40'000, 4 * limits::kBatchBytesMax);
  EXPECT_FALSE(read->events.empty());
}

}  // namespace
}  // namespace vigie::client
