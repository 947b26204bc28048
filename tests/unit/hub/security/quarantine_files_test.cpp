// What was written down is read back, whatever was cut or spoilt, and takes no more room than it
// may.

#include "hub/security/quarantine_files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "tests/unit/schemas/seed.h"
#include "tests/unit/support/temporary_folder.h"

namespace vigie::security {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

wire::QuarantinedMessageT message_of(std::uint64_t id, std::size_t bytes = 100) {
  wire::QuarantinedMessageT message;
  message.id = id;
  message.known_time_us = static_cast<std::int64_t>(id);
  message.endpoint = "listen";
  message.name = "alpha/v1";
  message.key = std::string(64, 'a');
  message.code = wire::Refusal::BadView;
  message.reason = "channel 'x' is none";
  message.size = static_cast<std::uint32_t>(bytes);
  message.bytes.assign(bytes, static_cast<std::uint8_t>(id));
  return message;
}

bool same(const wire::QuarantinedMessageT& a, const wire::QuarantinedMessageT& b) {
  return quarantine_record(a) == quarantine_record(b);
}

struct Folder {
  std::unique_ptr<QuarantineFiles> open(std::size_t file_bytes_max = 1 << 20) const {
    auto files = QuarantineFiles::open(path, file_bytes_max);
    EXPECT_TRUE(files) << files.fault().sentence;
    return files ? std::move(*files) : nullptr;
  }
  std::vector<std::uint64_t> ids(std::size_t* cuts = nullptr) const {
    const auto files = open();
    std::vector<std::uint64_t> ids;
    for (const QuarantinedPtr& message : files->take_messages()) {
      EXPECT_TRUE(same(*message, message_of(message->id, message->bytes.size())));
      ids.push_back(message->id);
    }
    if (cuts != nullptr) *cuts = files->cuts().size();
    return ids;
  }
  TemporaryFolder temporary;
  std::string path = temporary.file("data/quarantine");
};

TEST(QuarantineFilesTest, what_was_written_is_read_back) {
  Folder folder;
  for (const std::uint64_t id : {1u, 2u, 3u}) ASSERT_TRUE(folder.open()->append(message_of(id)));
  EXPECT_THAT(folder.ids(), testing::ElementsAre(1, 2, 3));
}

TEST(QuarantineFilesTest, nobody_else_may_read_them) {
  Folder folder;
  ASSERT_TRUE(folder.open()->append(message_of(1)));
  for (const auto& [where, mode] :
       {std::pair{folder.path, 0700u}, std::pair{folder.path + "/new", 0600u}}) {
    struct stat about {};
    ASSERT_EQ(::stat(where.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777u, mode) << where;
  }
}

TEST(QuarantineFilesTest, the_oldest_go_when_both_files_are_full) {
  Folder folder;
  const std::size_t most = 10'000;
  const auto files = folder.open(most);
  for (std::uint64_t id = 1; id <= 1000; ++id) {
    ASSERT_TRUE(files->append(message_of(id)));
    std::uintmax_t bytes = 0;
    for (const auto& file : fs::directory_iterator(folder.path)) bytes += file.file_size();
    ASSERT_LE(bytes, 2 * most);
  }
  const auto ids = folder.ids();
  ASSERT_FALSE(ids.empty());
  EXPECT_EQ(ids.back(), 1000u);
  EXPECT_EQ(ids.back() - ids.front() + 1, ids.size());  // the newest, without a hole
  EXPECT_GE(ids.size() * quarantine_record(message_of(1000)).size(), most - 1000);
}

TEST(QuarantineFilesTest, a_damaged_end_is_cut_and_said_and_what_comes_after_is_kept) {
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 100; ++round) {
    Folder folder;
    {
      const auto files = folder.open();
      for (std::uint64_t id = 1; id <= 5; ++id) ASSERT_TRUE(files->append(message_of(id)));
    }
    const std::string file = folder.path + "/new";
    const auto size = fs::file_size(file);
    const std::size_t record = size / 5;
    const std::size_t at = random() % size;
    const bool is_cut_off = random() % 2 == 0;
    if (is_cut_off) {
      fs::resize_file(file, at);
    } else {
      std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
      bytes.seekg(static_cast<std::streamoff>(at));
      const char was = static_cast<char>(bytes.get());
      bytes.seekp(static_cast<std::streamoff>(at));
      bytes.put(static_cast<char>(was ^ (1 << (random() % 8))));
    }
    std::size_t cuts = 0;
    const auto whole = folder.ids(&cuts);
    ASSERT_EQ(whole.size(), at / record) << "at " << at;
    // Cut off between two messages, nothing is damaged.
    ASSERT_EQ(cuts, is_cut_off && at % record == 0 ? 0u : 1u);
    ASSERT_TRUE(folder.open()->append(message_of(9)));
    const auto ids = folder.ids(&cuts);
    ASSERT_EQ(ids.size(), whole.size() + 1);
    EXPECT_EQ(ids.back(), 9u);
    EXPECT_EQ(cuts, 0u);
  }
}

TEST(QuarantineFilesTest, a_folder_that_can_not_be_is_a_fault) {
  Folder folder;
  fs::create_directories(fs::path(folder.path).parent_path());
  std::ofstream(folder.path) << "a file";
  const auto files = QuarantineFiles::open(folder.path, 1000);
  ASSERT_FALSE(files);
  EXPECT_THAT(files.fault().sentence, testing::HasSubstr(folder.path));
}

TEST(QuarantineFilesTest, a_largest_message_fits_a_record) {
  wire::QuarantinedMessageT message = message_of(1, kQuarantinedBytesMax);
  message.reason.assign(kQuarantinedReasonMax, 'x');
  std::vector<QuarantinedPtr> read;
  const auto record = quarantine_record(message);
  EXPECT_EQ(read_quarantine_records(record, read), record.size());
  ASSERT_EQ(read.size(), 1u);
  EXPECT_TRUE(same(*read[0], message));
}

}  // namespace
}  // namespace vigie::security
