// Promise 1, for the store alone: the process is killed at random moments, and what it had said to
// be durable is there afterwards. The account is kept by the parent, outside the killed process.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "tests/unit/hub/store/pictures.h"
#include "tests/unit/hub/store/world.h"

namespace vigie::store::test {
namespace {

struct Report {
  enum Kind : std::uint64_t { Started, Given, Durable } kind;
  std::uint64_t seq;
};

StoreOptions options(const std::string& directory, const Clock& clock) {
  StoreOptions made;
  made.directory = directory;
  made.clock = &clock;
  made.memtable_bytes = 256 * 1024;  // so that flushes are among what is killed
  made.checkpoint_entries = 3000;
  return made;
}

/// The process that is killed: this program again, with this test alone.
TEST(KilledStore, child_publishes_until_killed) {
  const char* directory = std::getenv("VIGIE_KILL_DIRECTORY");
  if (directory == nullptr) return;  // not the process that is killed
  const int account = std::atoi(std::getenv("VIGIE_KILL_ACCOUNT"));
  const auto tell = [account](Report report) {
    if (::write(account, &report, sizeof report) != sizeof report) std::_Exit(3);
  };
  const SystemClock clock;
  auto store = Store::open(options(directory, clock), {.durable =
                                                           [&](Durable d) {
                                                             tell({Report::Durable, d.seq});
                                                           },
                                                       .disk_full = {},
                                                       .space_again = {},
                                                       .broken = [](Broken) { std::_Exit(4); }});
  if (!store.ok()) std::_Exit(5);
  std::uint64_t next = (*store)->recovery().next_seq;
  tell({Report::Started, next});
  std::thread writer([&] {
    while (true) (*store)->write_step(1'000'000);
  });
  std::thread builder([&] {
    while (true) {
      if ((*store)->build_step() == 0) std::this_thread::yield();
    }
  });
  Source source(next, next);
  while (true) {
    if ((*store)->queued_bytes() > 1'000'000) {
      std::this_thread::yield();
      continue;
    }
    const BodyPtr body =
        source.body(clock.utc_us(), 1 + source.below(60), 20, source.below(3) == 0 ? 1 : 0);
    if ((*store)->reserved_end(body->last_seq() + 1) <= body->last_seq()) std::_Exit(6);
    tell({Report::Given, body->last_seq()});
    (*store)->submit(body);
  }
}

struct Account {
  std::uint64_t started = 0;
  std::uint64_t given = 0;
  std::uint64_t durable = 0;
};

/// Starts the child and kills it after so many reports.
Account run_and_kill(const std::string& directory, std::size_t reports) {
  int pipe_ends[2];
  if (::pipe(pipe_ends) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe_ends[0]);
    ::setenv("VIGIE_KILL_DIRECTORY", directory.c_str(), 1);
    ::setenv("VIGIE_KILL_ACCOUNT", std::to_string(pipe_ends[1]).c_str(), 1);
    ::execl("/proc/self/exe", "killed_store",
            "--gtest_filter=KilledStore.child_publishes_until_killed", "--gtest_brief=1", nullptr);
    std::_Exit(7);
  }
  ::close(pipe_ends[1]);
  Account account;
  Report report;
  std::size_t read = 0;
  bool killed = false;
  // What the child had told before it died counts, also what is read after the kill.
  while (::read(pipe_ends[0], &report, sizeof report) == sizeof report) {
    if (report.kind == Report::Started) account.started = report.seq;
    if (report.kind == Report::Given) account.given = report.seq;
    if (report.kind == Report::Durable) account.durable = report.seq;
    if (++read >= reports && !killed) {
      ::kill(child, SIGKILL);
      killed = true;
    }
  }
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  return account;
}

TEST(KillTest, killed_store_loses_nothing_it_called_durable_and_reuses_no_seq) {
  const std::uint64_t seed = test_seed();
  const char* more = std::getenv("VIGIE_KILL_ROUNDS");
  const int rounds = more != nullptr ? std::atoi(more) : 8;
  std::mt19937_64 random(seed);
  const TemporaryFolder folder;
  const SystemClock clock;
  std::uint64_t highest_given = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> whole;  // what each life left
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << " round " << round);
    const Account account = run_and_kill(folder.path(), 1 + random() % 3000);
    EXPECT_TRUE(account.started == 0 || account.started > highest_given);
    highest_given = std::max(highest_given, account.given);
    Told told;
    const auto store = open_store(options(folder.path(), clock), told);
    ASSERT_NE(store, nullptr);
    EXPECT_GE(store->recovery().last_seq, account.durable);
    EXPECT_GT(store->recovery().next_seq, highest_given);
    if (account.started != 0 && store->recovery().last_seq >= account.started) {
      whole.emplace_back(account.started, store->recovery().last_seq);
    }
    const ReadLog read = read_log(*store);
    EXPECT_TRUE(read.faults.empty());
    std::size_t life = 0;
    std::uint64_t expected = whole.empty() ? 0 : whole[0].first;
    for (const auto& [first, last] : read.bodies) {
      ASSERT_EQ(first, expected);
      const bool end = last == whole[life].second;
      expected = end && life + 1 < whole.size() ? whole[++life].first : last + 1;
    }
    Picture recovered;
    Ledger ledger;
    ASSERT_TRUE(store->recover(recovered, ledger).ok());
    Picture plain;
    std::size_t fixes = 0;
    const auto reader = store->log_reader();
    reader->seek(1);
    for (auto body = reader->next(); body.ok() && !body->empty(); body = reader->next()) {
      plain.fold(*body);
      BlockWalk walk(*body);
      while (const auto block = walk.next()) {
        for (const auto* section : each(block->batch().fixes())) fixes += section->fixes()->size();
      }
    }
    expect_same(plain, recovered);
    std::size_t refs = 0;
    ASSERT_TRUE(
        store->read_track_refs("", {INT64_MIN, INT64_MAX}, [&](SeqTime) { return ++refs > 0; })
            .ok());
    EXPECT_EQ(refs, fixes);
  }
}

}  // namespace
}  // namespace vigie::store::test
