// Threads and how they speak: loops, mailboxes, stop signals, roles.

#include "hub/ops/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <future>
#include <semaphore>

#include "hub/ops/mailbox.h"
#include "hub/ops/published.h"
#include "hub/ops/readiness.h"
#include "hub/ops/signals.h"
#include "hub/ops/thread_role.h"

namespace vigie::ops {
namespace {

constexpr std::int64_t kForEverUs = 3'600'000'000;

bool readable(int descriptor) {
  pollfd waiting{descriptor, POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

TEST(Loop, runs_step_under_its_name_until_stopped) {
  std::promise<std::string> name;
  std::atomic<int> steps{0};
  Loop loop({.name = "vigie-writer-with-a-long-name"}, [&](std::stop_token) -> std::size_t {
    if (steps.fetch_add(1) == 0) {
      std::array<char, 16> text{};
      pthread_getname_np(pthread_self(), text.data(), text.size());
      name.set_value(text.data());
    }
    return 1;
  });
  EXPECT_EQ(name.get_future().get(), "vigie-writer-wi");
  EXPECT_TRUE(loop.granted());
  loop.request_stop();
  loop.join();
  const int after = steps.load();
  EXPECT_GE(after, 1);
  EXPECT_EQ(steps.load(), after);
}

TEST(Loop, an_idle_loop_rests_until_it_is_woken) {
  std::counting_semaphore<> stepped(0);
  Loop loop({.name = "idle", .idle_us = kForEverUs}, [&](std::stop_token) -> std::size_t {
    stepped.release();
    return 0;
  });
  stepped.acquire();
  loop.wake();
  stepped.acquire();
}

TEST(Loop, destruction_ends_a_rest_at_once_and_joins) {
  std::counting_semaphore<> stepped(0);
  {
    Loop loop({.name = "idle", .idle_us = kForEverUs}, [&](std::stop_token) -> std::size_t {
      stepped.release();
      return 0;
    });
    stepped.acquire();
  }
  SUCCEED();
}

TEST(Loop, on_stop_ends_a_wait_inside_the_step) {
  Mailbox<int> mailbox(4);
  std::counting_semaphore<> waiting(0);
  Loop loop({.name = "reader", .on_stop = [&] { mailbox.wake(); }},
            [&](std::stop_token) -> std::size_t {
              waiting.release();
              pollfd item{mailbox.descriptor(), POLLIN, 0};
              ::poll(&item, 1, -1);
              return 1;
            });
  waiting.acquire();
}

TEST(Loop, an_exception_of_a_step_is_reported_as_a_fault) {
  std::promise<Fault> failed;
  Loop loop({.name = "thrower", .on_failure = [&](Fault fault) { failed.set_value(fault); }},
            [](std::stop_token) -> std::size_t { throw std::runtime_error("no such luck"); });
  const Fault fault = failed.get_future().get();
  EXPECT_EQ(fault.code, FaultCode::Internal);
  EXPECT_THAT(fault.sentence,
              testing::AllOf(testing::HasSubstr("thrower"), testing::HasSubstr("no such luck")));
}

TEST(Loop, a_low_priority_loop_says_whether_it_was_granted) {
  std::promise<int> policy;
  Loop loop({.name = "builder", .niceness = 5, .cpus = {0}, .idle_us = kForEverUs},
            [&](std::stop_token) -> std::size_t {
              policy.set_value(::sched_getscheduler(0));
              return 0;
            });
  EXPECT_EQ(policy.get_future().get(), SCHED_BATCH);
  EXPECT_TRUE(loop.granted());
}

TEST(Loop, a_processor_that_is_not_there_is_not_granted) {
  std::counting_semaphore<> stepped(0);
  Loop loop({.name = "far", .cpus = {100'000}, .idle_us = kForEverUs},
            [&](std::stop_token) -> std::size_t {
              stepped.release();
              return 0;
            });
  stepped.acquire();
  EXPECT_FALSE(loop.granted());
}

TEST(Mailbox, keeps_order_and_refuses_beyond_its_bound) {
  Mailbox<std::unique_ptr<int>> mailbox(2);
  EXPECT_FALSE(readable(mailbox.descriptor()));
  EXPECT_TRUE(mailbox.post(std::make_unique<int>(1)));
  EXPECT_TRUE(mailbox.post(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(mailbox.post(std::move(third)));
  ASSERT_NE(third, nullptr) << "a refused message stays with its owner";
  EXPECT_TRUE(readable(mailbox.descriptor()));
  const auto taken = mailbox.take_all();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(*taken[0], 1);
  EXPECT_FALSE(readable(mailbox.descriptor()));
}

TEST(Mailbox, everything_posted_by_several_threads_arrives_once_and_in_each_ones_order) {
  constexpr int kThreads = 3;
  constexpr int kEach = 5'000;
  Mailbox<std::pair<int, int>> mailbox(64);
  std::vector<std::jthread> posters;
  for (int thread = 0; thread < kThreads; ++thread) {
    posters.emplace_back([&mailbox, thread] {
      for (int i = 0; i < kEach; ++i) {
        while (!mailbox.post({thread, i})) std::this_thread::yield();
      }
    });
  }
  std::array<int, kThreads> next{};
  int count = 0;
  while (count < kThreads * kEach) {
    pollfd item{mailbox.descriptor(), POLLIN, 0};
    ASSERT_EQ(::poll(&item, 1, 60'000), 1) << "a post without a wake-up";
    for (const auto& [thread, i] : mailbox.take_all()) {
      EXPECT_EQ(i, next[static_cast<std::size_t>(thread)]++);
      ++count;
    }
  }
}

TEST(Published, readers_keep_the_value_they_got) {
  Published<std::string> published;
  EXPECT_EQ(published.get(), nullptr);
  published.set("one");
  const auto one = published.get();
  published.set("two");
  EXPECT_EQ(*one, "one");
  EXPECT_EQ(*published.get(), "two");
}

TEST(Readiness, is_ready_when_no_reason_stands_against_it) {
  Readiness readiness;
  EXPECT_EQ(readiness.against(), "starting: the hub is starting\n");
  readiness.clear("starting");
  EXPECT_EQ(readiness.against(), "");
  readiness.set("disk full", "no space on the disk");
  EXPECT_EQ(readiness.against(), "disk full: no space on the disk\n");
}

TEST(StopSignals, sigterm_becomes_readable_and_is_taken_once) {
  auto signals = StopSignals::open();
  ASSERT_TRUE(signals) << signals.fault().sentence;
  EXPECT_FALSE((*signals)->take());
  EXPECT_FALSE(readable((*signals)->descriptor()));
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ((*signals)->wait(60'000), SIGTERM);
  EXPECT_FALSE((*signals)->wait(0));
  ::raise(SIGPIPE);
}

#ifndef NDEBUG
TEST(ThreadRoleDeathTest, a_check_on_another_thread_aborts) {
  ThreadRole role;
  role.check();
  EXPECT_DEATH(std::thread([&] { role.check(); }).join(), "assertion failed");
}
#endif

TEST(ThreadRole, may_be_handed_over) {
  ThreadRole role;
  role.check();
  role.hand_over();
  std::thread([&] { role.check(); }).join();
}

}  // namespace
}  // namespace vigie::ops
