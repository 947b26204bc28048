#include "clients/cpp/core/spool.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "clients/cpp/spool/database.h"
#include "clients/cpp/spool/memory_spool.h"
#include "clients/cpp/spool/sqlite_spool.h"
#include "tests/unit/support/temporary_folder.h"

namespace vigie::client {
namespace {

using test::TemporaryFolder;

Random seeded(std::uint64_t seed) {
  return [engine = std::mt19937_64(seed)]() mutable { return engine(); };
}

Row row(std::uint64_t number, MessageKind kind = MessageKind::Fix, std::size_t bytes = 100) {
  return {number, kind, std::vector<std::byte>(bytes, std::byte{42})};
}

std::vector<std::uint64_t> numbers(Spool& spool, MessageKind kind) {
  std::vector<std::uint64_t> found;
  EXPECT_TRUE(spool.read(kind, 0, INT64_MAX, [&](Row&& read) {
    found.push_back(read.number);
    return true;
  }));
  return found;
}

/// Both kinds keep the same promises.
class AnySpool : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { open(); }
  void open() {
    spool_.reset();
    if (GetParam()) {
      auto opened = SqliteSpool::open(folder_.file("a.spool"), SpoolSync::Process, seeded(1));
      ASSERT_TRUE(opened) << opened.fault().sentence;
      spool_ = std::move(*opened);
    } else {
      if (!memory_) memory_ = std::make_shared<MemorySpool>(seeded(1));
      spool_ = memory_;
    }
    auto loaded = spool_->load();
    ASSERT_TRUE(loaded) << loaded.fault().sentence;
    content_ = *loaded;
  }
  TemporaryFolder folder_;
  std::shared_ptr<MemorySpool> memory_;
  std::shared_ptr<Spool> spool_;
  SpoolContent content_;
};
INSTANTIATE_TEST_SUITE_P(Kinds, AnySpool, testing::Bool());

TEST_P(AnySpool, rows_come_back_by_kind_and_number) {
  ASSERT_TRUE(spool_->reserve(100));
  const std::vector<Row> rows{row(1), row(2, MessageKind::Event), row(3), row(4)};
  ASSERT_TRUE(spool_->write({.rows = rows}));
  EXPECT_EQ(numbers(*spool_, MessageKind::Fix), (std::vector<std::uint64_t>{1, 3, 4}));
  EXPECT_EQ(numbers(*spool_, MessageKind::Event), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(spool_->usage().messages, 4u);
  const IntervalSet::Interval gone{1, 3};
  ASSERT_TRUE(spool_->write({.remove = {&gone, 1}}));
  EXPECT_EQ(spool_->usage().messages, 1u);
  EXPECT_EQ(spool_->usage().bytes, row_bytes(rows[3]));
}

TEST_P(AnySpool, numbers_reserved_and_not_written_are_given_up_at_the_next_opening) {
  EXPECT_EQ(content_.next_number, 1u);
  ASSERT_TRUE(spool_->reserve(50));
  const std::vector<Row> rows{row(1), row(2)};
  ASSERT_TRUE(spool_->write({.rows = rows}));
  open();
  EXPECT_EQ(content_.next_number, 50u);
  ASSERT_EQ(content_.given_up.intervals().size(), 1u);
  EXPECT_EQ(content_.given_up.intervals()[0], (IntervalSet::Interval{3, 49}));
  EXPECT_EQ(content_.rows[0].count(), 2u);
  open();
  EXPECT_EQ(content_.given_up.count(), 47u) << "and remembered until the hub was told";
}

TEST_P(AnySpool, a_clean_end_leaves_no_hole) {
  ASSERT_TRUE(spool_->reserve(50));
  const std::vector<Row> rows{row(1), row(2)};
  ASSERT_TRUE(spool_->write({.rows = rows}));
  ASSERT_TRUE(spool_->close_clean());
  open();
  EXPECT_EQ(content_.next_number, 3u);
  EXPECT_TRUE(content_.given_up.empty());
}

TEST_P(AnySpool, numbers_of_removed_rows_are_not_given_out_again) {
  ASSERT_TRUE(spool_->reserve(3));
  const std::vector<Row> rows{row(1), row(2)};
  const IntervalSet::Interval all{1, 2};
  ASSERT_TRUE(spool_->write({.rows = rows}));
  ASSERT_TRUE(spool_->write({.remove = {&all, 1}}));
  ASSERT_TRUE(spool_->close_clean());
  open();
  EXPECT_EQ(content_.next_number, 3u);
}

TEST_P(AnySpool, the_oldest_of_a_kind_are_found) {
  ASSERT_TRUE(spool_->reserve(100));
  const std::vector<Row> rows{row(1, MessageKind::Event), row(2), row(3), row(4)};
  ASSERT_TRUE(spool_->write({.rows = rows}));
  const auto found = spool_->oldest(MessageKind::Fix, 1, row_bytes(rows[1]) + 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (std::vector<IntervalSet::Interval>{{2, 3}}));
}

TEST(SqliteSpool, its_id_stays) {
  const TemporaryFolder folder;
  std::uint64_t high = 0;
  for (int round = 0; round < 3; ++round) {
    auto spool = SqliteSpool::open(folder.file("a.spool"), SpoolSync::PowerCut, seeded(5 + 7));
    ASSERT_TRUE(spool);
    ASSERT_TRUE((*spool)->load());
    EXPECT_TRUE(round == 0 || (*spool)->id().high() == high);
    high = (*spool)->id().high();
    EXPECT_NE(high, 0u);
  }
}

TEST(SqliteSpool, of_an_identity_says_whose_it_is_in_its_first_half) {
  const TemporaryFolder folder;
  const auto spool = SqliteSpool::open(folder.file("a"), SpoolSync::Process, seeded(1), 77);
  ASSERT_TRUE(spool && (*spool)->load());
  EXPECT_EQ((*spool)->id().high(), 77u);
  EXPECT_EQ(MemorySpool(seeded(1), 77).id().high(), 77u);
}

TEST(SqliteSpool, of_another_identity_is_taken_over_when_nothing_waits_in_it) {
  const TemporaryFolder folder;
  std::uint64_t before = 0;
  {
    auto spool = SqliteSpool::open(folder.file("a"), SpoolSync::Process, seeded(1), 77);
    ASSERT_TRUE(spool && (*spool)->load());
    before = (*spool)->id().low();
    ASSERT_TRUE((*spool)->reserve(100));
    ASSERT_TRUE((*spool)->close_clean());
  }
  auto spool = SqliteSpool::open(folder.file("a"), SpoolSync::Process, seeded(2), 78);
  ASSERT_TRUE(spool) << spool.fault().sentence;
  const auto content = (*spool)->load();
  ASSERT_TRUE(content);
  EXPECT_EQ((*spool)->id().high(), 78u);
  EXPECT_NE((*spool)->id().low(), before);
  EXPECT_EQ(content->next_number, 1u);
}

TEST(SqliteSpool, of_another_identity_is_refused_while_something_waits_in_it) {
  const TemporaryFolder folder;
  {
    auto spool = SqliteSpool::open(folder.file("a"), SpoolSync::Process, seeded(1), 77);
    ASSERT_TRUE(spool && (*spool)->load());
    const Row waits = row(1);
    ASSERT_TRUE((*spool)->reserve(2));
    ASSERT_TRUE((*spool)->write({.rows = {&waits, 1}}));
  }
  const auto other = SqliteSpool::open(folder.file("a"), SpoolSync::Process, seeded(2), 78);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.fault().code, FaultCode::Invalid);
  EXPECT_NE(other.fault().sentence.find("another identity"), std::string::npos);
  auto own = SqliteSpool::open(folder.file("a"), SpoolSync::Process, seeded(2), 77);
  EXPECT_TRUE(own && (*own)->load());
}

TEST(SqliteSpool, one_at_a_time_may_use_it) {
  const TemporaryFolder folder;
  auto first = SqliteSpool::open(folder.file("a.spool"), SpoolSync::Process, seeded(1));
  ASSERT_TRUE(first);
  ASSERT_TRUE((*first)->load());
  const auto second = SqliteSpool::open(folder.file("a.spool"), SpoolSync::Process, seeded(2));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.fault().code, FaultCode::Unavailable) << second.fault().sentence;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto third = SqliteSpool::open(folder.file("a.spool"), SpoolSync::Process, seeded(3));
    ::_exit(!third && third.fault().code == FaultCode::Unavailable ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  first->reset();
  EXPECT_TRUE(SqliteSpool::open(folder.file("a.spool"), SpoolSync::Process, seeded(4)));
}

TEST(SqliteSpool, a_file_of_another_kind_is_refused) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("text")) << std::string(5000, 'x');
  const auto text = SqliteSpool::open(folder.file("text"), SpoolSync::Process, seeded(1));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.fault().code, FaultCode::Damaged) << text.fault().sentence;
  const auto nowhere = SqliteSpool::open(folder.file("no/where"), SpoolSync::Process, seeded(1));
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.fault().code, FaultCode::Io) << nowhere.fault().sentence;
}

/// Writes rows as fast as it can, and tells through the pipe the last number of each transaction
/// that was committed.
[[noreturn]] void write_until_killed(const std::string& path, int out) {
  auto opened = SqliteSpool::open(path, SpoolSync::Process, seeded(9));
  if (!opened) ::_exit(2);
  auto content = (*opened)->load();
  if (!content) ::_exit(3);
  std::uint64_t next = content->next_number;
  std::mt19937 random(static_cast<unsigned>(next));
  std::uint64_t reserved = next;
  while (true) {
    const std::uint64_t count = 1 + random() % 20;
    if (next + count > reserved) {
      reserved = next + 500;
      if (!(*opened)->reserve(reserved)) ::_exit(4);
    }
    std::vector<Row> rows;
    for (std::uint64_t i = 0; i < count; ++i) rows.push_back(row(next++));
    if (!(*opened)->write({.rows = rows})) ::_exit(5);
    const std::uint64_t last = next - 1;
    if (::write(out, &last, sizeof last) != sizeof last) ::_exit(6);
  }
}

TEST(SqliteSpool, what_was_committed_survives_kill_9_and_no_number_comes_twice) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.spool");
  std::uint64_t told = 0;
  std::uint64_t next_before = 0;
  std::mt19937 random(20261123);
  for (int round = 0; round < 8; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(path, ends[1]);
    }
    ::close(ends[1]);
    const std::uint64_t commits = 5 + random() % 200;
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < commits; ++i) {
      if (::read(ends[0], &last, sizeof last) != sizeof last) break;
      told = last;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(ends[0], &last, sizeof last) == sizeof last) told = last;
    ::close(ends[0]);

    auto spool = SqliteSpool::open(path, SpoolSync::Process, seeded(9));
    ASSERT_TRUE(spool) << spool.fault().sentence;
    const auto content = (*spool)->load();
    ASSERT_TRUE(content);
    IntervalSet known = content->rows[0];
    for (const auto& gap : content->given_up.intervals()) {
      EXPECT_FALSE(known.overlaps(gap.first, gap.last));
      known.add(gap.first, gap.last);
    }
    EXPECT_TRUE(content->rows[0].contains(told)) << "round " << round;
    EXPECT_TRUE(known.contains(1, content->next_number - 1)) << "no number is unaccounted for";
    EXPECT_GT(content->next_number, told);
    EXPECT_GE(content->next_number, next_before);
    next_before = content->next_number;
  }
}

}  // namespace
}  // namespace vigie::client
