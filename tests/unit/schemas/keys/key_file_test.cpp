#include "schemas/keys/key_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/unit/support/temporary_folder.h"

namespace vigie {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

KeyFile sample() {
  return {.name = "blue/v1",
          .role = "tracker",
          .units = {"blue/v1", "blue/v2"},
          .hub = "127.0.0.1:7700",
          .hub_key = make_key_pair().key,
          .keys = make_key_pair()};
}

std::string secret_of(const KeyFile& file) {
  return key_text(file.keys.secret.bytes());
}

std::string text_with(const std::string& more) {
  const KeyPair pair = make_key_pair();
  return "key = \"" + pair.key + "\"\nsecret = \"" + key_text(pair.secret.bytes()) + "\"\n" + more;
}

struct InFolder : testing::Test {
  test::TemporaryFolder folder;
  std::string path = folder.path() + "/deep/identity.toml";
};
using KeyFileOnDisk = InFolder;

TEST_F(KeyFileOnDisk, reads_back_as_it_was_written) {
  const KeyFile file = sample();
  ASSERT_TRUE(write_key_file(path, file));
  const auto read = read_key_file(path);
  ASSERT_TRUE(read) << read.fault().sentence;
  EXPECT_EQ(read->name, file.name);
  EXPECT_EQ(read->role, file.role);
  EXPECT_EQ(read->units, file.units);
  EXPECT_EQ(read->hub, file.hub);
  EXPECT_EQ(read->hub_key, file.hub_key);
  EXPECT_EQ(read->keys.key, file.keys.key);
  EXPECT_EQ(secret_of(*read), secret_of(file));
}

TEST_F(KeyFileOnDisk, keeps_the_hubs_key_before_and_when_a_key_ends) {
  KeyFile file = sample();
  file.hub_key_old = make_key_pair().key;
  file.ends_us = 1'772'344'800'000'001;
  ASSERT_TRUE(write_key_file(path, file));
  const auto read = read_key_file(path);
  ASSERT_TRUE(read) << read.fault().sentence;
  EXPECT_EQ(read->hub_key_old, file.hub_key_old);
  EXPECT_EQ(read->ends_us, file.ends_us);
}

TEST_F(KeyFileOnDisk, is_changed_whole_or_left_alone) {
  ASSERT_TRUE(write_key_file(path, sample()));
  const std::string other = make_key_pair().key;
  ASSERT_TRUE(change_key_file(path, [&](KeyFile& file) {
    file.hub_key = other;
    return true;
  }));
  EXPECT_EQ(read_key_file(path)->hub_key, other);
  ASSERT_TRUE(change_key_file(path, [](KeyFile& file) {
    file.hub_key.clear();
    return false;
  }));
  EXPECT_EQ(read_key_file(path)->hub_key, other);
  EXPECT_FALSE(change_key_file(path + ".none", [](KeyFile&) { return true; }));
}

TEST_F(KeyFileOnDisk, is_changed_by_one_at_a_time) {
  ASSERT_TRUE(write_key_file(path, sample()));
  const auto add = [&](const std::string& unit) {
    return change_key_file(path, [&](KeyFile& file) {
      file.units.push_back(unit);
      return true;
    });
  };
  std::vector<std::thread> all;
  for (int i = 0; i < 8; ++i) {
    all.emplace_back([&, i] { EXPECT_TRUE(add("blue/v" + std::to_string(10 + i))); });
  }
  for (std::thread& one : all) one.join();
  EXPECT_EQ(read_key_file(path)->units.size(), 2u + 8u);
}

TEST_F(KeyFileOnDisk, takes_another_ones_place) {
  const KeyFile next = sample();
  ASSERT_TRUE(write_key_file(path, sample()));
  ASSERT_TRUE(write_key_file(path + ".next", next));
  ASSERT_TRUE(replace_key_file(path + ".next", path));
  EXPECT_EQ(read_key_file(path)->keys.key, next.keys.key);
  const auto none = replace_key_file(path + ".next", path);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.fault().sentence, HasSubstr("can't be put in place"));
}

TEST_F(KeyFileOnDisk, behind_a_link_is_changed_and_replaced_and_the_link_stays) {
  const std::string link = folder.path() + "/identity.toml";
  ASSERT_TRUE(write_key_file(path, sample()));
  std::filesystem::create_symlink("deep/identity.toml", link);
  const std::string other = make_key_pair().key;
  ASSERT_TRUE(change_key_file(link, [&](KeyFile& file) {
    file.hub_key = other;
    return true;
  }));
  EXPECT_EQ(read_key_file(path)->hub_key, other);
  const KeyFile next = sample();
  ASSERT_TRUE(write_key_file(link + ".next", next));
  ASSERT_TRUE(replace_key_file(link + ".next", link));
  EXPECT_EQ(read_key_file(path)->keys.key, next.keys.key);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST_F(KeyFileOnDisk, is_its_users_alone) {
  ASSERT_TRUE(write_key_file(path, sample()));
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777u, 0600u);
  ASSERT_EQ(::stat(std::filesystem::path(path).parent_path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777u, 0700u);
}

TEST_F(KeyFileOnDisk, that_others_may_read_is_refused_with_what_to_do) {
  ASSERT_TRUE(write_key_file(path, sample()));
  for (const unsigned mode : {0640u, 0604u, 0620u, 0602u}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto read = read_key_file(path);
    ASSERT_FALSE(read) << mode;
    EXPECT_THAT(read.fault().sentence, HasSubstr("chmod 600 " + path));
  }
}

TEST_F(KeyFileOnDisk, is_replaced_whole) {
  ASSERT_TRUE(write_key_file(path, sample()));
  const KeyFile second = sample();
  ASSERT_TRUE(write_key_file(path, second));
  EXPECT_EQ(read_key_file(path)->keys.key, second.keys.key);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path() + "/deep"), {}), 1);
}

TEST_F(KeyFileOnDisk, that_is_not_there_is_told_from_one_that_is_bad) {
  EXPECT_EQ(read_key_file(path).fault().code, FaultCode::NotFound);
  EXPECT_EQ(read_key_file(folder.path()).fault().code, FaultCode::Invalid);
}

TEST_F(KeyFileOnDisk, in_a_folder_that_can_t_be_made_fails_and_says_where) {
  std::ofstream(folder.path() + "/file") << "no folder";
  const auto written = write_key_file(folder.path() + "/file/identity.toml", sample());
  ASSERT_FALSE(written);
  EXPECT_THAT(written.fault().sentence, HasSubstr("file"));
}

TEST(KeyFileText, with_a_secret_of_another_key_is_refused) {
  const std::string text = "key = \"" + make_key_pair().key + "\"\nsecret = \"" +
                           key_text(make_key_pair().secret.bytes()) + "\"\n";
  EXPECT_THAT(parse_key_file(text, "f").fault().sentence, HasSubstr("not that of the key"));
}

TEST(KeyFileText, that_is_wrong_is_refused_by_name_and_never_shows_the_secret) {
  const std::string secret = key_text(make_key_pair().secret.bytes());
  const std::pair<std::string, const char*> cases[] = {
      {text_with("role = 3\n"), "role"},
      {text_with("units = \"blue/v1\"\n"), "units"},
      {text_with("units = [1]\n"), "units"},
      {text_with("colour = \"blue\"\n"), "colour"},
      {text_with("hub_key = \"12\"\n"), "hub_key"},
      {"key = \"\"\n", "no key and secret"},
      {"key = \"x\"\nsecret = \"" + secret + "0\"\n", "secret is not"},
      {"key = \"x\"\nsecret = " + secret + "\n", "line 2"},
  };
  for (const auto& [text, says] : cases) {
    const auto read = parse_key_file(text, "identity.toml");
    ASSERT_FALSE(read) << says;
    EXPECT_THAT(read.fault().sentence,
                AllOf(HasSubstr(says), HasSubstr("identity.toml"), Not(HasSubstr(secret))));
  }
}

}  // namespace
}  // namespace vigie
