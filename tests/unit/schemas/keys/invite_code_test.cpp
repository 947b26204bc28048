#include "schemas/keys/invite_code.h"

#include <gmock/gmock.h>

#include "tests/unit/schemas/seed.h"

namespace vigie {
namespace {

using testing::HasSubstr;
using testing::Not;

InviteCode sample(const std::string& hub = "10.1.2.3:7700") {
  return {.hub = hub, .hub_key = make_key_pair().key, .secret = make_invite_secret()};
}

TEST(InviteCode, holds_the_hub_its_key_and_the_secret) {
  for (const char* hub : {"10.1.2.3:7700", "[2001:db8::1]:1", "hub.example.org:65533"}) {
    const InviteCode code = sample(hub);
    const auto read = parse_invite_code(format_invite_code(code));
    ASSERT_TRUE(read) << read.fault().sentence;
    EXPECT_EQ(read->hub, hub);
    EXPECT_EQ(read->hub_key, code.hub_key);
    EXPECT_EQ(invite_key_pair(read->secret).key, invite_key_pair(code.secret).key);
  }
}

TEST(InviteCode, is_short_enough_to_be_typed) {
  EXPECT_LE(format_invite_code(sample()).size(), 100u);
}

TEST(InviteCode, may_be_broken_into_lines) {
  std::string text = format_invite_code(sample());
  text.insert(40, "\r\n  ").insert(0, " ");
  EXPECT_TRUE(parse_invite_code(text + "\n"));
}

TEST(InviteCode, with_any_one_character_changed_is_refused_and_not_repeated) {
  const std::string text = format_invite_code(sample());
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char other : {'A', 'z', '7', '_', '+', '\xe9'}) {
      if (text[at] == other) continue;
      std::string changed = text;
      changed[at] = other;
      const auto read = parse_invite_code(changed);
      ASSERT_FALSE(read) << at << other;
      EXPECT_THAT(read.fault().sentence, Not(HasSubstr(text.substr(20, 20))));
    }
  }
}

TEST(InviteCode, cut_short_anywhere_is_refused) {
  const std::string text = format_invite_code(sample());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_invite_code(text.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_invite_code(text + "A"));
  EXPECT_FALSE(parse_invite_code("VIGIE-" + std::string(100'000, 'A')));
}

TEST(InviteCode, whose_address_could_steer_a_terminal_is_refused) {
  EXPECT_FALSE(parse_invite_code(format_invite_code(sample("a\x1b[2J:1"))));
}

}  // namespace
}  // namespace vigie
