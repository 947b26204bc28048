// The threaded faces over real sockets, against a hub in miniature.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <set>

#include "clients/cpp/face/link.h"
#include "clients/cpp/face/listener.h"
#include "clients/cpp/face/tracker_loop.h"
#include "tests/unit/clients/cpp/zmq_fake_hub.h"
#include "tests/unit/support/temporary_folder.h"
#include "vigie/client.h"

namespace vigie::client {
namespace {

using namespace std::chrono_literals;

std::int64_t now_us() {
  return SystemClock().utc_us();
}

Fix fix_of(std::string unit) {
  Fix fix;
  fix.unit = std::move(unit);
  fix.true_time_us = now_us();
  fix.set_position(15.9, 1.5);
  return fix;
}

Event event_of(std::string text) {
  Event event;
  event.unit = "red/alpha";
  event.kind = "text";
  event.true_time_us = now_us();
  event.text = std::move(text);
  return event;
}

/// Items until `done` says so; fails after 20 s.
void take_until(Console& console, const std::function<bool(const Item&)>& done) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < end) {
    auto item = console.next(1s);
    ASSERT_TRUE(item) << item.fault().sentence;
    if (*item && done(**item)) return;
  }
  FAIL() << "it did not come";
}

LinkOptions quick(const ZmqFakeHub& hub) {
  return {.hub = hub.address(), .reconnect_ms = 20, .reconnect_ms_max = 100};
}

TEST(Faces, what_is_published_is_settled_and_shown) {
  ZmqFakeHub hub;
  auto console = Console::open({.link = quick(hub)});
  ASSERT_TRUE(console);
  take_until(**console, [](const Item& item) { return std::holds_alternative<SnapshotEnd>(item); });
  std::atomic<std::uint64_t> delivered{0};
  auto tracker = Tracker::open({.link = quick(hub), .on_delivery = [&](const Delivery& delivery) {
                                  delivered += delivery.last - delivery.first + 1;
                                }});
  ASSERT_TRUE(tracker);
  std::vector<Fix> fixes(500, fix_of("red/alpha"));
  ASSERT_TRUE((*tracker)->publish(fixes));
  EXPECT_EQ((*tracker)->publish(event_of("at the well")).value(), 501u);
  const Result<void> settled = (*tracker)->wait_settled(20s);
  ASSERT_TRUE(settled) << settled.fault().sentence;
  EXPECT_EQ(delivered, 501u);
  EXPECT_EQ((*tracker)->stats().settled, 501u);
  std::set<std::uint64_t> seen;
  take_until(**console, [&](const Item& item) {
    if (const auto* fix = std::get_if<FixItem>(&item)) seen.insert(fix->stamp.name.number);
    if (const auto* event = std::get_if<EventItem>(&item)) seen.insert(event->stamp.name.number);
    return seen.size() == 501;
  });
  EXPECT_EQ((*console)->status().link, LinkState::Live);
  EXPECT_GE((*console)->status().link_age_us, 0);
  EXPECT_FALSE((*console)->token().empty());
}

TEST(Faces, they_come_back_after_the_hub_was_killed) {
  ZmqFakeHub hub;
  auto console = Console::open({.link = quick(hub)});
  ASSERT_TRUE(console);
  take_until(**console, [](const Item& item) { return std::holds_alternative<SnapshotEnd>(item); });
  auto tracker = Tracker::open({.link = quick(hub)});
  ASSERT_TRUE(tracker);
  ASSERT_TRUE((*tracker)->publish(event_of("before")));
  std::map<std::string, int> shown;
  const auto shows = [&](const char* text) {
    return [&shown, text](const Item& item) {
      const auto* event = std::get_if<EventItem>(&item);
      if (event != nullptr) ++shown[event->event.text];
      return shown.contains(text);
    };
  };
  take_until(**console, shows("before"));
  ASSERT_TRUE((*tracker)->wait_settled(20s));
  // Shown, not durable, and taken by a crash: it comes again, and is not shown again.
  hub.set_durable(false);
  ASSERT_TRUE((*tracker)->publish(event_of("in between")));
  take_until(**console, shows("in between"));
  hub.restart();
  hub.set_durable(true);
  ASSERT_TRUE((*tracker)->publish(event_of("after")));
  take_until(**console, shows("after"));
  const Result<void> settled = (*tracker)->wait_settled(20s);
  EXPECT_TRUE(settled) << settled.fault().sentence;
  for (const auto& [text, times] : shown) EXPECT_EQ(times, 1) << text;
  EXPECT_EQ(shown.size(), 3u);
  EXPECT_GE((*console)->status().opens, 2u);
}

TEST(Faces, a_tracker_without_a_hub_keeps_what_it_is_given) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("a.spool");
  Id128 spool;
  {
    auto tracker = Tracker::open({.link = {.hub = "127.0.0.1:9"}, .spool_path = path});
    ASSERT_TRUE(tracker);
    spool = (*tracker)->spool();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE((*tracker)->publish(fix_of("red/alpha")));
    ASSERT_TRUE((*tracker)->flush(20s));
    EXPECT_EQ((*tracker)->wait_settled(50ms).fault().code, FaultCode::Unavailable);
    EXPECT_EQ(Tracker::open({.spool_path = path}).fault().code, FaultCode::Unavailable);
  }
  ZmqFakeHub hub;
  auto tracker = Tracker::open({.link = quick(hub), .spool_path = path});
  ASSERT_TRUE(tracker);
  EXPECT_EQ((*tracker)->spool(), spool);
  EXPECT_EQ((*tracker)->publish(fix_of("red/alpha")).value(), 101u) << "it ended cleanly: no hole";
  EXPECT_TRUE((*tracker)->wait_settled(20s));
  EXPECT_EQ((*tracker)->stats().settled, 101u);
  tracker->reset();
}

TEST(Faces, what_is_in_the_spool_never_looks_settled_before_the_hub_says_so) {
  ZmqFakeHub hub;
  hub.set_durable(false);  // it takes everything and acknowledges nothing
  const std::vector<Fix> fixes(500, fix_of("red/alpha"));
  for (int round = 0; round < 30; ++round) {
    auto tracker = Tracker::open({.link = quick(hub)});
    ASSERT_TRUE(tracker);
    const auto end = std::chrono::steady_clock::now() + 20s;
    while ((*tracker)->stats().link != LinkState::Live) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
    }
    ASSERT_TRUE((*tracker)->publish(fixes));
    // The moment at which the background thread has just written the rows.
    while (!(*tracker)->flush(0ms)) {
    }
    ASSERT_EQ((*tracker)->stats().waiting, fixes.size()) << "round " << round;
    ASSERT_FALSE((*tracker)->wait_settled(0ms)) << "round " << round;
  }
}

TEST(Faces, a_full_spool_is_an_ordinary_answer) {
  auto tracker = Tracker::open(
      {.link = {.hub = "127.0.0.1:9"}, .spool_messages_max = 10, .when_full = WhenFull::Refuse});
  ASSERT_TRUE(tracker);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE((*tracker)->publish(fix_of("red/alpha")));
  EXPECT_EQ((*tracker)->publish(fix_of("red/alpha")).fault().code, FaultCode::Unavailable);
  EXPECT_EQ((*tracker)->wait_room(20ms).fault().code, FaultCode::Unavailable);
}

TEST(Faces, bad_options_are_named) {
  EXPECT_EQ(Tracker::open({.link = {.hub = "nowhere"}}).fault().code, FaultCode::Invalid);
  EXPECT_EQ(Console::open({.link = {.hub = "nowhere"}}).fault().code, FaultCode::Invalid);
  EXPECT_EQ(Replay::open({.link = {.hub = "nowhere"}}).fault().code, FaultCode::Invalid);
  EXPECT_EQ(Replay::open({.from_us = 5, .until_us = 5}).fault().code, FaultCode::Invalid);
}

TEST(Faces, threads_may_publish_together) {
  ZmqFakeHub hub;
  auto tracker = Tracker::open({.link = quick(hub)});
  ASSERT_TRUE(tracker);
  std::mutex mutex;
  std::set<std::uint64_t> numbers;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        const auto number = (*tracker)->publish(fix_of("red/u" + std::to_string(t)));
        ASSERT_TRUE(number);
        const std::lock_guard lock(mutex);
        EXPECT_TRUE(numbers.insert(*number).second);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE((*tracker)->wait_settled(20s));
  EXPECT_EQ(*numbers.rbegin(), 900u);
}

TEST(Faces, items_may_come_by_callback) {
  ZmqFakeHub hub;
  auto tracker = Tracker::open({.link = quick(hub)});
  ASSERT_TRUE(tracker);
  ASSERT_TRUE((*tracker)->publish(fix_of("red/alpha")));
  ASSERT_TRUE((*tracker)->wait_settled(20s));
  std::mutex mutex;
  std::condition_variable came;
  bool complete = false;
  auto console = Console::open({.link = quick(hub), .on_item = [&](Item&& item) {
                                  const std::lock_guard lock(mutex);
                                  complete |= std::holds_alternative<SnapshotEnd>(item);
                                  came.notify_all();
                                }});
  ASSERT_TRUE(console);
  std::unique_lock lock(mutex);
  EXPECT_TRUE(came.wait_for(lock, 20s, [&] { return complete; }));
}

}  // namespace
}  // namespace vigie::client
