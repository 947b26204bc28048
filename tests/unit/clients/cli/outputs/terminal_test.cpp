#include "clients/cli/outputs/terminal.h"

#include <gtest/gtest.h>

namespace vigie::cli {
namespace {

std::vector<Key> keys_of(std::string pressed) {
  std::vector<Key> keys;
  for (Key key = take_key(pressed); key != Key::None; key = take_key(pressed)) keys.push_back(key);
  EXPECT_EQ(pressed, "");
  return keys;
}

using Keys = std::vector<Key>;

TEST(Keys, many_in_one_read_are_all_taken_in_their_order) {
  EXPECT_EQ(keys_of("++- q"), (Keys{Key::Faster, Key::Faster, Key::Slower, Key::Pause, Key::Quit}));
  EXPECT_EQ(keys_of("\x1b[B\x1b[B\x1b[6~G\x1b[D"),
            (Keys{Key::Down, Key::Down, Key::PageDown, Key::End, Key::Back}));
}

TEST(Keys, what_means_nothing_is_skipped_whole) {
  // Ctrl with an arrow, a mouse wheel's report, a function key, a letter: their own letters must
  // not be taken for keys.
  EXPECT_EQ(keys_of("\x1b[1;5A\x1b[<64;10;7M\x1bOPx+"), (Keys{Key::Faster}));
  EXPECT_EQ(keys_of("\x1bq"), (Keys{Key::Quit}));
}

TEST(Keys, a_sequence_that_came_in_two_reads_is_one_key) {
  std::string pressed = "+\x1b[";
  EXPECT_EQ(take_key(pressed), Key::Faster);
  EXPECT_EQ(take_key(pressed), Key::None);
  pressed += "A";
  EXPECT_EQ(take_key(pressed), Key::Up);
  EXPECT_EQ(take_key(pressed), Key::None);
}

}  // namespace
}  // namespace vigie::cli
