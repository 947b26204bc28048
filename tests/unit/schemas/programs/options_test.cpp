// Options as a table: what a file and a flag may say of each kind, and what they are told.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/programs/config_text.h"

namespace vigie {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Kitchen {
  std::string cook = "Ana";
  bool open = false;
  int seats = 4;
  std::int64_t wait_us = 60'000'000;
  std::size_t pot_bytes = 1024;
  std::vector<int> tables;
  std::vector<std::string> dishes;
  LogOptions log;
};

std::span<const Option<Kitchen>> table() {
  using Make = Makers<Kitchen>;
  static const std::vector<Option<Kitchen>> kTable = [] {
    std::vector<Option<Kitchen>> made{
        Make::text("cook", &Kitchen::cook),
        Make::flag("open", &Kitchen::open),
        Make::count("room.seats", &Kitchen::seats, 1, 40),
        Make::duration("room.wait", &Kitchen::wait_us, 1, 3'600'000'000, Zero::Endless),
        Make::size("room.pot", &Kitchen::pot_bytes, 1, 1 << 20, Zero::Endless),
        Make::numbers("room.tables", &Kitchen::tables, 9, "table numbers"),
        Make::texts("dishes", &Kitchen::dishes)};
    Make::log(made, &Kitchen::log);
    return made;
  }();
  return kTable;
}

std::vector<std::string> read(std::string_view text, Kitchen& kitchen) {
  return read_config(table(), text, "f", kitchen);
}

std::vector<std::string> put(std::string_view key, std::string_view text, Kitchen& kitchen) {
  std::vector<std::string> wrong;
  put_text(table(), key, text, "--set", kitchen, wrong);
  return wrong;
}

TEST(Table, every_kind_is_taken_from_a_file) {
  Kitchen kitchen;
  EXPECT_THAT(read("cook = \"Bo\"\nopen = true\ndishes = [\"rice\", \"tea\"]\n[room]\nseats = 9\n"
                   "wait = \"90s\"\npot = \"4KiB\"\ntables = [2, 3]\n[log]\nlevel = \"debug\"\n",
                   kitchen),
              IsEmpty());
  EXPECT_EQ(kitchen.cook, "Bo");
  EXPECT_TRUE(kitchen.open);
  EXPECT_EQ(kitchen.seats, 9);
  EXPECT_EQ(kitchen.wait_us, 90'000'000);
  EXPECT_EQ(kitchen.pot_bytes, 4096u);
  EXPECT_THAT(kitchen.tables, ElementsAre(2, 3));
  EXPECT_THAT(kitchen.dishes, ElementsAre("rice", "tea"));
  EXPECT_EQ(kitchen.log.level, LogLevel::Debug);
}

TEST(Table, every_kind_is_taken_from_a_flag_and_lists_with_commas) {
  Kitchen kitchen;
  for (const auto& [key, text] :
       std::vector<std::pair<const char*, const char*>>{{"cook", "Bo"},
                                                        {"open", "true"},
                                                        {"room.seats", "9"},
                                                        {"room.wait", "90s"},
                                                        {"room.pot", "4KiB"},
                                                        {"room.tables", "2,3"},
                                                        {"dishes", "rice,tea"}}) {
    EXPECT_THAT(put(key, text, kitchen), IsEmpty()) << key;
  }
  EXPECT_EQ(kitchen.seats, 9);
  EXPECT_THAT(kitchen.tables, ElementsAre(2, 3));
  EXPECT_THAT(kitchen.dishes, ElementsAre("rice", "tea"));
}

TEST(Table, what_is_shown_reads_back_as_the_same) {
  Kitchen kitchen;
  kitchen.tables = {7};
  kitchen.dishes = {"rice"};
  kitchen.wait_us = 0;
  kitchen.pot_bytes = 0;
  for (const Option<Kitchen>& option : table()) {
    Kitchen read_back;
    const std::string text = std::string(option.key) + " = " + option.show(kitchen);
    EXPECT_THAT(read(text, read_back), IsEmpty()) << text;
    EXPECT_EQ(option.show(read_back), option.show(kitchen));
  }
}

TEST(Table, an_empty_list_empties_either_kind_of_list) {
  Kitchen kitchen;
  kitchen.tables = {7};
  kitchen.dishes = {"rice"};
  EXPECT_THAT(read("dishes = []\n[room]\ntables = []\n", kitchen), IsEmpty());
  EXPECT_THAT(kitchen.tables, IsEmpty());
  EXPECT_THAT(kitchen.dishes, IsEmpty());
}

TEST(Table, zero_is_written_as_what_it_means) {
  Kitchen kitchen;
  EXPECT_THAT(read("[room]\nwait = \"forever\"\npot = \"none\"\n", kitchen), IsEmpty());
  EXPECT_EQ(kitchen.wait_us, 0);
  EXPECT_EQ(kitchen.pot_bytes, 0u);
  EXPECT_THAT(
      read("[room]\nwait = \"2h\"\n", kitchen),
      ElementsAre("f:2: room.wait must be a duration from \"1us\" to \"1h\" or \"forever\", "
                  "not \"2h\""));
}

TEST(Table, a_wrong_value_is_told_with_what_was_given_and_what_is_wanted) {
  Kitchen kitchen;
  EXPECT_THAT(read("[room]\nseats = 41\n", kitchen),
              ElementsAre("f:2: room.seats must be a whole number from 1 to 40, not 41"));
  EXPECT_THAT(put("room.seats", "many", kitchen),
              ElementsAre("--set: room.seats must be a whole number from 1 to 40, not 'many'"));
  EXPECT_THAT(put("room.tables", "1,x", kitchen),
              ElementsAre(HasSubstr("a list of table numbers")));
  EXPECT_THAT(read("dishes = [\"rice\", 3]\n", kitchen), ElementsAre(HasSubstr("a list of texts")));
  EXPECT_EQ(kitchen.seats, 4);
}

TEST(Table, an_unknown_key_is_told_with_the_one_that_is_meant) {
  Kitchen kitchen;
  EXPECT_THAT(put("room.seat", "3", kitchen),
              ElementsAre("--set: unknown option 'room.seat'; did you mean 'room.seats'?"));
  EXPECT_THAT(read("[garden]\nroses = 3\n", kitchen), ElementsAre("f:1: unknown option 'garden'"));
}

TEST(Table, keys_of_a_text_are_those_that_it_gives_a_value) {
  EXPECT_THAT(keys_of("cook = \"Bo\"\n[room]\nseats = 1\n", keys_of_table(table())),
              ElementsAre("cook", "room.seats"));
  EXPECT_THAT(keys_of("cook = = 1", keys_of_table(table())), IsEmpty());
}

}  // namespace
}  // namespace vigie
