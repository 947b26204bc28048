#include "schemas/messages/names.h"

#include <gtest/gtest.h>

#include "schemas/words/limits.h"
#include "tests/unit/schemas/seed.h"

namespace vigie {
namespace {

using enum MessageClass;

/// Well-formed UTF-8 by decoding: the code point counts, not the bytes.
bool is_utf8_by_decoding(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80             ? 1
                               : (lead & 0xE0) == 0xC0 ? 2
                               : (lead & 0xF0) == 0xE0 ? 3
                               : (lead & 0xF8) == 0xF0 ? 4
                                                       : 0;
    if (length == 0 || at + length > text.size()) return false;
    std::uint32_t point = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto byte = static_cast<unsigned char>(text[at + i]);
      if ((byte & 0xC0) != 0x80) return false;
      point = point << 6 | (byte & 0x3F);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
      return false;
    }
    const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    if (control && point != '\t' && point != '\n') return false;
    at += length;
  }
  return true;
}

TEST(NamesTest, text_is_checked_like_a_decoder_would) {
  test::Chance chance(test::seed());
  // Bytes near the borders of UTF-8's ranges, so that overlong forms and surrogates come often.
  constexpr unsigned char kBytes[] = {0x00, 0x09, 0x0A, 0x1F, 0x20, 0x41, 0x7E, 0x7F, 0x80, 0x8F,
                                      0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
                                      0xED, 0xEF, 0xF0, 0xF3, 0xF4, 0xF5, 0xFE, 0xFF};
  for (int i = 0; i < 200'000; ++i) {
    std::string text(chance.pick<std::size_t>(0, 5), ' ');
    for (char& c : text) {
      c = static_cast<char>(kBytes[chance.pick<std::size_t>(0, std::size(kBytes) - 1)]);
    }
    ASSERT_EQ(is_text(text), is_utf8_by_decoding(text)) << testing::PrintToString(text);
  }
}

TEST(NamesTest, overlong_forms_surrogates_and_controls_are_no_text) {
  EXPECT_TRUE(is_text("Gao \xE2\x80\x93 M\xC3\xA9naka\n\t\xF0\x9F\x90\xAA"));
  EXPECT_TRUE(is_text(""));
  EXPECT_FALSE(is_text("\xC0\xAF"));          // overlong '/'
  EXPECT_FALSE(is_text("\xE0\x80\xAF"));      // the same, three bytes
  EXPECT_FALSE(is_text("\xF0\x80\x80\xAF"));  // the same, four bytes
  EXPECT_FALSE(is_text("\xED\xA0\x80"));      // surrogate U+D800
  EXPECT_FALSE(is_text("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(is_text("\xE2\x80"));          // cut off
  EXPECT_FALSE(is_text("a\x1B[2J"));          // a terminal's command
  EXPECT_FALSE(
      is_text("a\xC2\x9B"
              "2J"));  // the same command, its one-character form
  EXPECT_FALSE(is_text(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_text("\x7F"));
}

TEST(NamesTest, segments_take_letters_digits_marks_and_other_alphabets) {
  for (const char* good : {"a", "Blue-1", "v_2.x", "-", "..", "\xD0\x9C\xD0\xB8\xD1\x80", "42"}) {
    EXPECT_TRUE(is_segment(good)) << good;
  }
  for (const char* bad : {"", "a b", "a/b", "a*", "a,b", "a|b", "a\n", "\xC0\xAF", "a\xC2\x85"}) {
    EXPECT_FALSE(is_segment(bad)) << bad;
  }
  EXPECT_TRUE(is_segment(std::string(limits::kNameBytesMax, 'x')));
  EXPECT_FALSE(is_segment(std::string(limits::kNameBytesMax + 1, 'x')));
}

TEST(NamesTest, a_unit_is_an_owner_and_a_name) {
  EXPECT_TRUE(is_unit_name("blue/v1"));
  for (const char* bad : {"", "blue", "blue/", "/v1", "blue/v1/x", "blue/v1/", "/", "//"}) {
    EXPECT_FALSE(is_unit_name(bad)) << bad;
  }
  EXPECT_EQ(owner_of("blue/v1"), "blue");
  EXPECT_EQ(owner_of("blue"), "blue");
}

TEST(NamesTest, kinds_are_short_and_lower_case) {
  EXPECT_TRUE(is_kind("medical_aid2"));
  for (const char* bad : {"", "SOS", "a-b", "a b", "\xC3\xA9"}) EXPECT_FALSE(is_kind(bad)) << bad;
  EXPECT_TRUE(is_kind(std::string(limits::kKindBytesMax, 'k')));
  EXPECT_FALSE(is_kind(std::string(limits::kKindBytesMax + 1, 'k')));
}

TEST(NamesTest, channels_are_class_owner_and_group) {
  EXPECT_EQ(channel_name(Track, "blue", "patrol"), "track/blue/patrol");
  EXPECT_EQ(channel_name(State, "blue", ""), "state/blue/-");
  EXPECT_EQ(class_name(Event), "event");
}

TEST(NamesTest, prefixes_are_one_to_three_segments_behind_a_class) {
  for (const char* good : {"track", "track/", "*", "*/", "event/blue", "event/blue/", "*/blue/-",
                           "state/blue/patrol", "state/blue/patrol/"}) {
    EXPECT_TRUE(is_channel_prefix(good)) << good;
  }
  for (const char* bad :
       {"", "/", "//", "trac", "track//", "/track", "track//x", "track/blue//", "blue",
        "track/blue/patrol/x", "track/blue/patrol//", "track/*", "**", "track/bl ue", "*blue"}) {
    EXPECT_FALSE(is_channel_prefix(bad)) << bad;
  }
}

TEST(NamesTest, a_prefix_matches_whole_segments_only) {
  EXPECT_TRUE(channel_matches("track", Track, "blue", "patrol"));
  EXPECT_TRUE(channel_matches("track/", Track, "blue", "patrol"));
  EXPECT_TRUE(channel_matches("track/blue", Track, "blue", "patrol"));
  EXPECT_FALSE(channel_matches("track/blu", Track, "blue", "patrol"));
  EXPECT_FALSE(channel_matches("track/bluebird", Track, "blue", "patrol"));
  EXPECT_TRUE(channel_matches("track/blue/patrol/", Track, "blue", "patrol"));
  EXPECT_FALSE(channel_matches("track/blue/pat", Track, "blue", "patrol"));
  EXPECT_FALSE(channel_matches("track/blue/patrol", Event, "blue", "patrol"));
  EXPECT_TRUE(channel_matches("*/blue", State, "blue", "patrol"));
  EXPECT_FALSE(channel_matches("*/green", State, "blue", "patrol"));
  EXPECT_TRUE(channel_matches("*", Event, "blue", ""));
  EXPECT_TRUE(channel_matches("track/blue/-", Track, "blue", ""));
  EXPECT_FALSE(channel_matches("track/blue/-", Track, "blue", "patrol"));
  EXPECT_TRUE(channel_matches("", Track, "blue", "patrol"));
  EXPECT_FALSE(channel_matches("track/blue/patrol/x", Track, "blue", "patrol"));
}

}  // namespace
}  // namespace vigie
