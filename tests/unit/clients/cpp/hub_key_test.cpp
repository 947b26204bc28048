// Which of the hub's keys is tried, learned and forgotten.

#include "clients/cpp/face/hub_key.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/unit/support/temporary_folder.h"

namespace vigie::client {
namespace {

using testing::HasSubstr;
using After = HubKey::After;

std::vector<std::byte> welcome(const std::string& key) {
  wire::WelcomeT message;
  message.hub_key = key;
  return packed<wire::Welcome>(message);
}

std::vector<std::byte> opened(const std::string& key) {
  wire::OpenedT message;
  message.hub_key = key;
  return packed<wire::Opened>(message);
}

std::vector<std::byte> told(const std::string& key) {
  wire::ToldT message;
  message.hub_key = key;
  return packed<wire::Told>(message);
}

struct HubKeyTest : testing::Test {
  test::TemporaryFolder folder;
  const std::string path = folder.file("identity.toml");
  const std::string first = make_key_pair().key;
  const std::string second = make_key_pair().key;
  const std::string third = make_key_pair().key;
  std::vector<std::string> warnings;
  HubKey key{path, [this](const std::string& text) { warnings.push_back(text); }};

  void SetUp() override {
    ASSERT_TRUE(write_key_file(path, {.hub_key = first, .keys = make_key_pair()}));
  }
  std::string tried() {
    const auto file = key.read();
    return file ? file->hub_key : file.fault().sentence;
  }
  KeyFile file() const {
    const auto file = read_key_file(path);
    EXPECT_TRUE(file);
    return file ? *file : KeyFile();
  }
  /// Where a folder stands no draft can be made: the file can be read and not written.
  void make_unwritable() { std::filesystem::create_directories(path + ".new/full"); }
  After fail_times(int times) {
    After after = After::Again;
    for (int i = 0; i < times; ++i) after = key.failed();
    return after;
  }
};

TEST_F(HubKeyTest, that_is_told_is_kept_with_the_one_before_and_tried_next) {
  EXPECT_EQ(tried(), first);
  key.hear(welcome(second));
  EXPECT_EQ(file().hub_key, second);
  EXPECT_EQ(file().hub_key_old, first);
  EXPECT_EQ(tried(), second);
}

TEST_F(HubKeyTest, that_was_asked_for_is_kept_by_who_asked_as_it_may_be_the_only_one_by_then) {
  tried();
  key.hear(told(""));
  EXPECT_EQ(file().hub_key, first);
  key.hear(told(second));
  EXPECT_EQ(file().hub_key, second);
}

TEST_F(HubKeyTest, that_has_worked_is_the_only_one) {
  tried();
  key.hear(opened(second));
  tried();
  key.worked();
  EXPECT_EQ(file().hub_key, second);
  EXPECT_EQ(file().hub_key_old, "");
}

TEST_F(HubKeyTest, that_is_no_key_or_the_same_changes_nothing) {
  tried();
  const auto before = std::filesystem::last_write_time(path);
  for (const std::string& told : {first, std::string(), std::string("ab"), std::string(64, 'x')}) {
    key.hear(welcome(told));
    key.hear(opened(told));
  }
  key.hear(std::as_bytes(std::span("something else")));
  EXPECT_EQ(std::filesystem::last_write_time(path), before);
}

TEST_F(HubKeyTest, before_is_tried_where_the_new_one_fails_and_both_stay) {
  tried();
  key.hear(welcome(second));
  ASSERT_EQ(tried(), second);
  EXPECT_EQ(fail_times(3), After::Other);
  EXPECT_EQ(tried(), first);
  key.worked();
  EXPECT_EQ(file().hub_key_old, first);
  EXPECT_EQ(tried(), second);
}

TEST_F(HubKeyTest, of_which_there_is_one_is_tried_often_before_it_is_said_not_to_fit) {
  tried();
  EXPECT_EQ(fail_times(11), After::Again);
  key.worked();
  EXPECT_EQ(fail_times(11), After::Again);
  EXPECT_EQ(key.failed(), After::Over);
}

TEST_F(HubKeyTest, of_which_there_are_two_are_both_tried_before_they_are_said_not_to_fit) {
  tried();
  key.hear(welcome(second));
  std::vector<std::string> all;
  After after = After::Other;
  for (int i = 0; i < 12 && after != After::Over; ++i) {
    if (after == After::Other) all.push_back(tried());
    after = key.failed();
  }
  EXPECT_EQ(after, After::Over);
  EXPECT_EQ(all, (std::vector{second, first, second, first}));
  EXPECT_EQ(tried(), second);
}

TEST_F(HubKeyTest, that_cannot_be_kept_is_used_and_said_once) {
  tried();
  make_unwritable();
  key.hear(welcome(second));
  key.hear(welcome(third));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr(path));
  EXPECT_THAT(warnings[0], HasSubstr("hub_key = '" + second + "'"));
  EXPECT_EQ(file().hub_key, first);
  EXPECT_EQ(tried(), third);
  EXPECT_EQ(fail_times(3), After::Other);
  EXPECT_EQ(tried(), first);
}

TEST_F(HubKeyTest, that_somebody_else_put_into_the_file_counts_more_than_what_could_not_be_kept) {
  tried();
  make_unwritable();
  key.hear(welcome(second));
  std::filesystem::remove_all(path + ".new");
  ASSERT_TRUE(write_key_file(path, {.hub_key = third, .keys = make_key_pair()}));
  EXPECT_EQ(tried(), third);
}

TEST_F(HubKeyTest, that_another_program_has_kept_is_left_as_it_is) {
  tried();
  ASSERT_TRUE(write_key_file(path, {.hub_key = second, .keys = make_key_pair()}));
  key.hear(welcome(second));
  EXPECT_EQ(file().hub_key, second);
  EXPECT_EQ(file().hub_key_old, "");
  EXPECT_EQ(tried(), second);
}

TEST_F(HubKeyTest, that_the_file_does_not_name_is_missed) {
  ASSERT_TRUE(write_key_file(path, {.keys = make_key_pair()}));
  EXPECT_THAT(tried(), HasSubstr("holds no hub_key"));
}

TEST(HubKey, of_nobody_is_never_learned) {
  HubKey key({}, {});
  key.hear(welcome(make_key_pair().key));
  EXPECT_EQ(key.failed(), After::Again);
}

}  // namespace
}  // namespace vigie::client
