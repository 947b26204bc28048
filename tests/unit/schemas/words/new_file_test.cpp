#include "schemas/words/new_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/support/temporary_folder.h"

namespace vigie {
namespace {

std::string text_in(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(NewFile, is_in_its_place_whole_or_not_at_all) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("a");
  std::ofstream(path) << "old";
  {
    auto file = NewFile::begin(path, path + ".new", 0600);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("new"));
    EXPECT_EQ(text_in(path), "old");
    ASSERT_TRUE(file->put_in_place());
  }
  EXPECT_EQ(text_in(path), "new");
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST(NewFile, leaves_its_draft_when_it_goes_and_nothing_when_it_is_given_up) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("a");
  {
    auto file = NewFile::begin(path, path + ".part", 0600);
    ASSERT_TRUE(file->write("some"));
  }
  EXPECT_EQ(text_in(path + ".part"), "some");
  auto again = NewFile::begin(path, path + ".part", 0600);
  ASSERT_TRUE(again);
  EXPECT_EQ(text_in(path + ".part"), "");
  again->discard();
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(NewFile, that_keeps_what_is_there_writes_over_neither_a_file_nor_a_draft) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("a");
  const std::string draft = path + ".part";
  for (const std::string& there : {path, draft}) {
    std::ofstream(there) << "old";
    const auto file = NewFile::begin(path, draft, 0600, Existing::Kept);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.fault().code, FaultCode::Invalid);
    EXPECT_EQ(file.fault().sentence, there + " is there already, and is not written over");
    EXPECT_EQ(text_in(there), "old");
    std::filesystem::remove(there);
  }
  std::filesystem::create_symlink(folder.file("none"), path);
  EXPECT_FALSE(NewFile::begin(path, draft, 0600, Existing::Kept)) << "a link to nothing, too";
}

TEST(NewFile, that_keeps_what_is_there_does_not_take_a_place_that_was_taken_meanwhile) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("a");
  auto file = NewFile::begin(path, path + ".part", 0600, Existing::Kept);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("new"));
  std::ofstream(path) << "old";
  const auto placed = file->put_in_place();
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.fault().code, FaultCode::Invalid);
  EXPECT_EQ(text_in(path), "old");
  EXPECT_EQ(text_in(path + ".part"), "new");
}

TEST(NewFile, that_keeps_what_is_there_is_in_a_free_place) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("a");
  auto file = NewFile::begin(path, path + ".part", 0600, Existing::Kept);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("new"));
  ASSERT_TRUE(file->put_in_place());
  EXPECT_EQ(text_in(path), "new");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(NewFile, that_can_not_be_made_says_which_and_why) {
  const test::TemporaryFolder folder;
  const auto file = NewFile::begin(folder.file("none/a"), folder.file("none/a.part"), 0600);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.fault().code, FaultCode::Io);
  EXPECT_NE(file.fault().sentence.find("none/a.part"), std::string::npos);
}

}  // namespace
}  // namespace vigie
