#include "hub/security/hub_keys.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/support/temporary_folder.h"

namespace vigie::security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kKey(64, 'a');
const std::string kOther(64, 'b');
constexpr std::int64_t kNowUs = 1'772'344'800'000'000;

struct HubKeysOnDisk : testing::Test {
  test::TemporaryFolder folder;
  const std::string keys = folder.file("data/keys");
  std::string file(const char* name) const { return keys + "/" + name; }
  HubKeys open(std::int64_t now_us = kNowUs) {
    auto opened = open_hub_keys(keys, "127.0.0.1:7700", now_us);
    EXPECT_TRUE(opened) << opened.fault().sentence;
    return opened ? *opened : HubKeys();
  }
  std::string why_not() {
    const auto opened = open_hub_keys(keys, "127.0.0.1:7700", kNowUs);
    return opened ? "" : opened.fault().sentence;
  }
  HubKeys change(const HubKeys& from, std::int64_t until_us) {
    auto changed = change_hub_key(keys, from, until_us);
    EXPECT_TRUE(changed) << changed.fault().sentence;
    return changed ? *changed : HubKeys();
  }
};

TEST_F(HubKeysOnDisk, that_are_changed_leave_the_old_one_until_it_ends) {
  const HubKeys first = open();
  const HubKeys changed = change(first, kNowUs + 10);
  EXPECT_NE(changed.keys.key, first.keys.key);
  EXPECT_EQ(changed.administrators.size(), 1u);
  for (const HubKeys& now : {changed, open(kNowUs + 9)}) {
    EXPECT_EQ(now.keys.key, changed.keys.key);
    ASSERT_TRUE(now.old);
    EXPECT_EQ(now.old->keys.key, first.keys.key);
    EXPECT_EQ(now.old->until_us, kNowUs + 10);
  }
  EXPECT_FALSE(open(kNowUs + 10).old);
  EXPECT_FALSE(std::filesystem::exists(file("hub.key.old")));
  EXPECT_EQ(open().keys.key, changed.keys.key);
}

TEST_F(HubKeysOnDisk, that_are_changed_without_overlap_end_all_before) {
  const HubKeys second = change(open(), kNowUs + 10);
  const HubKeys third = change(second, 0);
  EXPECT_FALSE(third.old);
  EXPECT_FALSE(std::filesystem::exists(file("hub.key.old")));
  EXPECT_EQ(open().keys.key, third.keys.key);
}

TEST_F(HubKeysOnDisk, stay_as_they_are_where_a_change_was_cut) {
  const HubKeys first = open();
  // The old one is written first: what a cut leaves then.
  ASSERT_TRUE(write_key_file(file("hub.key.old"), {.ends_us = kNowUs + 10, .keys = first.keys}));
  const HubKeys now = open();
  EXPECT_EQ(now.keys.key, first.keys.key);
  EXPECT_FALSE(now.old);
  EXPECT_FALSE(std::filesystem::exists(file("hub.key.old")));
}

TEST_F(HubKeysOnDisk, of_an_overlap_live_no_longer_where_a_change_without_one_was_cut) {
  const HubKeys first = open();
  change(first, kNowUs + 10);
  // The new one is written first: what a cut leaves then.
  const KeyPair third = make_key_pair();
  ASSERT_TRUE(write_key_file(file("hub.key"), {.keys = third}));
  const HubKeys now = open(kNowUs + 9);
  EXPECT_EQ(now.keys.key, third.key);
  ASSERT_TRUE(now.old);
  EXPECT_EQ(now.old->keys.key, first.keys.key);
  EXPECT_EQ(now.old->until_us, kNowUs + 10);
  EXPECT_FALSE(open(kNowUs + 10).old);
}

TEST_F(HubKeysOnDisk, that_cannot_be_written_without_overlap_keep_the_old_one_too) {
  const HubKeys second = change(open(), kNowUs + 10);
  std::filesystem::create_directories(file("hub.key.new/full"));
  EXPECT_FALSE(change_hub_key(keys, second, 0));
  const HubKeys now = open();
  EXPECT_EQ(now.keys.key, second.keys.key);
  EXPECT_TRUE(now.old);
}

TEST_F(HubKeysOnDisk, that_are_changed_say_which_old_file_could_not_be_removed) {
  const HubKeys first = open();
  std::filesystem::create_directories(file("hub.key.old/full"));
  const HubKeys changed = change(first, 0);
  EXPECT_THAT(changed.left, HasSubstr("hub.key.old"));
  std::filesystem::remove_all(file("hub.key.old"));
  EXPECT_EQ(open().keys.key, changed.keys.key);
}

TEST_F(HubKeysOnDisk, of_before_are_the_hubs_alone_and_say_when_they_end) {
  change(open(), kNowUs + 10);
  struct stat about {};
  ASSERT_EQ(::stat(file("hub.key.old").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777u, 0600u);
  ASSERT_EQ(::chmod(file("hub.key.old").c_str(), 0644), 0);
  EXPECT_THAT(why_not(), HasSubstr("chmod 600 " + file("hub.key.old")));
  ASSERT_TRUE(write_key_file(file("hub.key.old"), {.keys = make_key_pair()}));
  EXPECT_THAT(why_not(), HasSubstr("does not say when it ends"));
}

TEST_F(HubKeysOnDisk, that_cannot_be_written_stay_as_they_are) {
  const HubKeys first = open();
  // A folder stands where the new file is drafted.
  std::filesystem::create_directories(file("hub.key.new/full"));
  EXPECT_FALSE(change_hub_key(keys, first, kNowUs + 10));
  EXPECT_EQ(open().keys.key, first.keys.key);
}

TEST_F(HubKeysOnDisk, are_made_at_the_first_start_with_a_first_administrator) {
  const HubKeys made = open();
  EXPECT_THAT(made.made,
              ElementsAre(file("hub.key"), file("administrators"), file("administrator.toml")));
  ASSERT_EQ(made.administrators.size(), 1u);
  const auto administrator = read_key_file(file("administrator.toml"));
  ASSERT_TRUE(administrator) << administrator.fault().sentence;
  EXPECT_EQ(administrator->keys.key, made.administrators[0].key);
  EXPECT_EQ(administrator->name, "_hub/administrator");
  EXPECT_EQ(administrator->hub_key, made.keys.key);
  EXPECT_EQ(administrator->hub, "127.0.0.1:7700");
}

TEST_F(HubKeysOnDisk, stay_as_they_are) {
  const HubKeys first = open();
  const HubKeys second = open();
  EXPECT_EQ(second.keys.key, first.keys.key);
  EXPECT_EQ(second.administrators[0].key, first.administrators[0].key);
  EXPECT_TRUE(second.made.empty());
}

TEST_F(HubKeysOnDisk, are_the_hubs_alone) {
  open();
  for (const char* name : {"hub.key", "administrator.toml", "administrators"}) {
    struct stat about {};
    ASSERT_EQ(::stat(file(name).c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777u, 0600u) << name;
  }
  ASSERT_EQ(::chmod(file("hub.key").c_str(), 0644), 0);
  EXPECT_THAT(why_not(), HasSubstr("chmod 600 " + file("hub.key")));
  ASSERT_EQ(::chmod(file("hub.key").c_str(), 0600), 0);
  ASSERT_EQ(::chmod(file("administrator.toml").c_str(), 0640), 0);
  EXPECT_THAT(why_not(), HasSubstr("chmod 600 " + file("administrator.toml")));
  ASSERT_EQ(::chmod(file("administrator.toml").c_str(), 0600), 0);
  ASSERT_EQ(::chmod(file("administrators").c_str(), 0666), 0);
  EXPECT_THAT(why_not(), HasSubstr("chmod go-w " + file("administrators")));
  ASSERT_EQ(::chmod(file("administrators").c_str(), 0600), 0);
  ASSERT_EQ(::chmod(keys.c_str(), 0777), 0);
  EXPECT_THAT(why_not(), HasSubstr("chmod go-w " + keys));
}

TEST_F(HubKeysOnDisk, that_are_lost_are_not_made_anew_in_silence) {
  open();
  std::filesystem::remove(file("hub.key"));
  EXPECT_THAT(why_not(), HasSubstr("Restore it"));
}

TEST_F(HubKeysOnDisk, may_do_without_the_first_administrators_file) {
  open();
  std::filesystem::remove(file("administrator.toml"));
  EXPECT_EQ(open().administrators.size(), 1u);
}

TEST_F(HubKeysOnDisk, that_a_cut_left_half_made_are_made_anew) {
  std::filesystem::create_directories(keys + ".new");
  std::ofstream(keys + ".new/hub.key") << "half";
  EXPECT_EQ(open().administrators.size(), 1u);
}

TEST(Administrators, are_a_name_and_a_key_a_line) {
  const auto read = parse_administrators("# who\n\nann " + kKey + "  # by day\nbob " + kOther, "f");
  ASSERT_TRUE(read) << read.fault().sentence;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at(0).name, "ann");
  EXPECT_EQ(read->at(1).key, kOther);
}

TEST(Administrators, that_are_wrong_are_named_by_line) {
  for (const std::string& text :
       {std::string("ann"), std::string("ann abc"), "a/b " + kKey, "ann " + kKey + " more",
        "ann " + kKey + "\nann " + kOther, "ann " + kKey + "\nbob " + kKey}) {
    const auto read = parse_administrators("#\n" + text, "the file");
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.fault().sentence,
                HasSubstr(text.find('\n') == std::string::npos ? "the file:2" : "the file:3"));
  }
}

}  // namespace
}  // namespace vigie::security
