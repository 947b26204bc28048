// What people and scripts see of refused messages; nothing in them steers the terminal.

#include "clients/cli/outputs/quarantine_text.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "schemas/messages/wire.h"

namespace vigie::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

client::QuarantinedMessage message_of(std::vector<std::byte> bytes) {
  return {.id = 1782000000000001,
          .known_time_us = 1782000000000000,
          .endpoint = "publish",
          .name = "alpha/v1",
          .key = std::string(64, 'a'),
          .code = client::Refusal::NotEntitled,
          .reason = "number 1: 'alpha/v1' does not publish for unit 'bravo/v1'",
          .size = static_cast<std::uint32_t>(bytes.size()),
          .bytes = std::move(bytes)};
}

std::vector<std::byte> hostile_batch() {
  wire::BatchT batch;
  auto event = std::make_unique<wire::EventT>();
  event->unit = "bravo/v1";
  event->kind = "text";
  event->text = "\x1b[2J\u009b31m\u0007 hello";
  batch.events.push_back(std::move(event));
  return packed<wire::Batch>(batch);
}

bool is_harmless(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) {
                        return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
                      }) &&
         text.find("\xc2\x9b") == std::string::npos;
}

TEST(QuarantineText, a_line_says_who_when_where_why) {
  const std::string line = quarantined_line(message_of(hostile_batch()));
  for (const char* part : {"1782000000000001", "2026-06-21T00:00:00Z", "alpha/v1", "publish",
                           "not_entitled", "does not publish for unit 'bravo/v1'"}) {
    EXPECT_THAT(line, HasSubstr(part));
  }
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST(QuarantineText, one_is_shown_with_what_it_says_and_its_bytes) {
  const std::string text = quarantined_text(message_of(hostile_batch()));
  for (const char* part :
       {"19 not_entitled: who asks may not publish or see that", "by its identifier a Batch",
        "\"unit\":\"bravo/v1\"", "hello", "000000: ", "VGBT"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_TRUE(is_harmless(text));
}

TEST(QuarantineText, bytes_and_words_of_strangers_steer_nothing) {
  std::vector<std::byte> bytes;
  for (int i = 0; i < 600; ++i) bytes.push_back(static_cast<std::byte>(i));
  client::QuarantinedMessage message = message_of(bytes);
  message.reason = message.name = message.key = message.endpoint = "\x1b[31m\u009b\n\x7f";
  message.size = 70'000;
  for (const std::string& text : {quarantined_line(message), quarantined_text(message)}) {
    EXPECT_TRUE(is_harmless(text)) << text;
  }
  EXPECT_THAT(quarantined_text(message), HasSubstr("70000, of which the first 600 are kept"));
  EXPECT_THAT(quarantined_text(message), HasSubstr("no message of the protocol"));
  EXPECT_THAT(quarantined_text(message), HasSubstr("88 more: --raw FILE"));
}

TEST(QuarantineText, bytes_that_are_not_shown_are_told_of) {
  client::QuarantinedMessage message = message_of({});
  message.size = 300;
  const std::string text = quarantined_text(message);
  EXPECT_THAT(text, HasSubstr("300, shown to its owner's administrators alone"));
  EXPECT_THAT(text, Not(HasSubstr("no message of the protocol")));
}

TEST(QuarantineText, scripts_get_a_line_with_the_bytes_where_they_are_there) {
  client::QuarantinedMessage message = message_of({std::byte{0x00}, std::byte{0xff}});
  EXPECT_THAT(quarantined_json(message),
              testing::AllOf(HasSubstr("\"code\":\"not_entitled\""), HasSubstr("\"size\":2"),
                             HasSubstr("\"bytes\":\"00ff\"")));
  message.bytes.clear();
  message.name.clear();
  EXPECT_THAT(quarantined_json(message),
              testing::AllOf(Not(HasSubstr("bytes\"")), Not(HasSubstr("\"name\""))));
}

}  // namespace
}  // namespace vigie::cli
