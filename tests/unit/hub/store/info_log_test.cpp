// RocksDB's own log: what the disk does not take of it is left out, and nothing else happens.

#include "hub/store/info_log.h"

#include <gmock/gmock.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>

#include "tests/unit/support/fault_file_system.h"

namespace vigie::store::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kFileBytes = 1000;

class InfoLogTest : public ::testing::Test {
 protected:
  InfoLogTest() {
    options_.env = env_.env();
    options_.max_log_file_size = kFileBytes;
    log_ = make_info_log("/log", options_);
  }
  void say(const char* line) {
    rocksdb::Log(rocksdb::InfoLogLevel::WARN_LEVEL, log_, "%s", line);
    log_->Flush();
  }
  std::string written() {
    std::string text;
    EXPECT_TRUE(rocksdb::ReadFileToString(env_.env(), "/log/LOG", &text).ok());
    return text;
  }

  vigie::test::FaultEnv env_{true};
  rocksdb::DBOptions options_;
  std::shared_ptr<rocksdb::Logger> log_;
};

TEST_F(InfoLogTest, lines_are_written_to_LOG_in_the_folder) {
  ASSERT_NE(log_, nullptr);
  say("a stall");
  EXPECT_THAT(written(), HasSubstr("a stall"));
}

TEST_F(InfoLogTest, lines_that_find_no_space_are_left_out_and_later_ones_are_written) {
  ASSERT_NE(log_, nullptr);
  say("before");
  env_.faults().set_space(0);
  say("no space");
  say("no space either");
  env_.faults().set_space(UINT64_MAX);
  say("space again");
  EXPECT_THAT(written(),
              AllOf(HasSubstr("before"), HasSubstr("space again"), Not(HasSubstr("no "))));
}

TEST_F(InfoLogTest, lines_are_left_out_where_no_next_file_can_be_made_until_another_is_due) {
  ASSERT_NE(log_, nullptr);
  const std::string line(kFileBytes / 4, 'x');
  env_.faults().refuse_files(true);
  for (int i = 0; i < 20; ++i) say(line.c_str());
  env_.faults().refuse_files(false);
  for (int i = 0; i < 5; ++i) say(line.c_str());
  say("space again");
  EXPECT_THAT(written(), HasSubstr("space again"));
}

TEST_F(InfoLogTest, there_is_none_where_no_file_can_be_made) {
  options_.env = rocksdb::Env::Default();
  EXPECT_EQ(make_info_log("/proc/no/such", options_), nullptr);
}

}  // namespace
}  // namespace vigie::store::test
