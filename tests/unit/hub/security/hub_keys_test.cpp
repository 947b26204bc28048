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

struct HubKeysOnDisk : testing::Test {
  test::TemporaryFolder folder;
  const std::string keys = folder.file("data/keys");
  std::string file(const char* name) const { return keys + "/" + name; }
  HubKeys open() {
    auto opened = open_hub_keys(keys, "127.0.0.1:7700");
    EXPECT_TRUE(opened) << opened.fault().sentence;
    return opened ? *opened : HubKeys();
  }
  std::string why_not() {
    const auto opened = open_hub_keys(keys, "127.0.0.1:7700");
    return opened ? "" : opened.fault().sentence;
  }
};

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
