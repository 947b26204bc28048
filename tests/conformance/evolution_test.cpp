// Today's code and tomorrow's understand each other. Tomorrow's schemas are made at build time:
// more fields in every table, one more value in every enum (python/evolution.py newer).
#include <gtest/gtest.h>

#include "schemas/messages/checks.h"
#include "schemas/messages/entry_writer.h"
#include "schemas/messages/frame.h"
#include "tests/conformance/samples.h"
#include "tests/conformance/schema_text.h"

namespace vigie::conformance {
namespace {

using nlohmann::json;

class EvolutionTest : public testing::Test {
 protected:
  static SchemaText open(const char* folder) {
    Result<SchemaText> text = SchemaText::open(folder);
    EXPECT_TRUE(text.ok()) << text.fault().sentence;
    return *text;
  }
  const SchemaText today_ = open(VIGIE_SCHEMAS);
  const SchemaText newer_ = open(VIGIE_NEWER_SCHEMAS);
};

/// Without what only the newer schemas have.
json without_added(json value) {
  if (value.is_object()) {
    for (const char* added : {"added_number", "added_text", "added_list"}) value.erase(added);
  }
  if (value.is_structured()) {
    for (auto& inner : value) inner = without_added(inner);
  }
  return value;
}

/// Tables (which JSON shows as objects with more than a struct's fields) that are known to be
/// there.
json with_added(json message) {
  const auto add = [](json& table) {
    table["added_number"] = 77;
    table["added_text"] = "from tomorrow";
    table["added_list"] = {1, 2, 3};
  };
  for (const char* list : {"events", "states", "fixes", "refused", "leaves"}) {
    if (!message.contains(list)) continue;
    for (json& table : message[list]) {
      if (!table.contains("fields")) {
        add(table);
        continue;
      }
      for (json& field : table["fields"]) add(field);
      add(table);
    }
  }
  if (message.contains("states") && message["states"][0].contains("card")) {
    add(message["states"][0]["card"]);
  }
  if (message.contains("view")) add(message["view"]);
  add(message);
  return message;
}

TEST_F(EvolutionTest, a_newer_reader_reads_todays_messages) {
  for (const auto& [name, sample] : samples()) {
    if (sample.root == "frame") continue;
    EXPECT_EQ(without_added(newer_.say(sample.root, sample.bytes)),
              today_.say(sample.root, sample.bytes))
        << name;
  }
}

TEST_F(EvolutionTest, todays_reader_reads_newer_messages_and_sees_what_it_knows) {
  for (const auto& [name, sample] : samples()) {
    if (sample.root == "frame") continue;
    const json known = today_.say(sample.root, sample.bytes);
    const std::vector<std::byte> newer =
        newer_.binary(sample.root, sample.identifier, with_added(known));
    ASSERT_FALSE(newer.empty()) << name;
    ASSERT_NE(newer, sample.bytes) << name;
    ASSERT_TRUE(sample.verifies(newer)) << name;
    EXPECT_EQ(today_.say(sample.root, newer), known) << name;
  }
}

TEST_F(EvolutionTest, a_newer_publishers_batch_is_taken) {
  const Sample sample = samples().at("batch");
  const json known = today_.say("Batch", sample.bytes);
  const std::vector<std::byte> newer = newer_.binary("Batch", "VGBT", with_added(known));
  const wire::Batch* batch = verified<wire::Batch>(newer);
  ASSERT_NE(batch, nullptr);
  const RefusedRequest refused = check_batch(*batch);
  EXPECT_FALSE(refused) << refused.reason;
  std::vector<RefusedNumbers> numbers;
  check_entries(*batch, numbers);
  EXPECT_TRUE(numbers.empty());
}

TEST_F(EvolutionTest, an_entry_that_is_written_anew_keeps_what_todays_code_knows) {
  const Sample sample = samples().at("batch");
  const json known = today_.say("Batch", sample.bytes);
  const std::vector<std::byte> newer = newer_.binary("Batch", "VGBT", with_added(known));
  const wire::Batch& batch = *verified<wire::Batch>(newer);
  EntryWriter writer;
  writer.add_event(*batch.events()->Get(0), *batch.spool());
  const BodyPtr body = writer.finish(0);
  json event = today_.say("Batch", BlockWalk(body->bytes()).next()->payload)["events"][0];
  event.erase("spool");
  EXPECT_EQ(event, known["events"][0]);
}

TEST_F(EvolutionTest, blocks_and_frames_of_kinds_from_tomorrow_are_let_pass) {
  BodyBuilder builder;
  const std::vector<std::byte> anything(13, std::byte{0xFF});
  const Sample leaves = samples().at("leaves");
  builder.append(static_cast<wire::BlockKind>(5), anything, 1, 1);
  builder.append(wire::BlockKind::Leaves, leaves.bytes, 0, 1);
  const BodyPtr body = builder.close(1, 1, 0);
  body->frame_header() = wire::FrameHeader(static_cast<std::uint32_t>(body->frame_bytes().size()),
                                           kFrameMagic, static_cast<wire::FrameKind>(5), 0x80, 0, 1,
                                           0, 1, 1, 0, 1, 1, 0, wire::LogId());
  const Result<Frame> frame = Frame::parse(body->frame_bytes());
  ASSERT_TRUE(frame.ok()) << frame.fault().sentence;
  int known = 0;
  frame->for_each_block([&](const Block& block, std::int64_t) {
    if (block.header->kind() == wire::BlockKind::Leaves) ++known;
  });
  EXPECT_EQ(known, 1);
}

}  // namespace
}  // namespace vigie::conformance
