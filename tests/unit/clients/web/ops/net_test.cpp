// The net thread: posts in order, timers that are set anew, cancelled, destroyed.

#include "clients/web/server/ops/net.h"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

namespace vigie::web {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

TEST(NetTest, RunsPostsInTheirOrder) {
  Net net;
  std::vector<int> ran;
  std::thread other([&] {
    for (int i = 0; i < 3; ++i) net.post([&ran, i] { ran.push_back(i); });
    net.post([&] { net.stop(); });
  });
  net.run();
  other.join();
  EXPECT_THAT(ran, ElementsAre(0, 1, 2));
}

TEST(NetTest, AStopBeforeTheRunIsNotForgotten) {
  Net net;
  net.stop();
  net.run();
  net.post([&] { net.stop(); });
  net.run();
}

TEST(NetTest, ATimerCallsOnceAndMayBeSetAnewByItsOwnWork) {
  Net net;
  Net::Timer timer(net);
  int called = 0;
  timer.after(milliseconds(1), [&] {
    ++called;
    timer.after(milliseconds(1), [&] {
      ++called;
      net.stop();
    });
  });
  net.run();
  EXPECT_EQ(called, 2);
}

TEST(NetTest, ATimerThatIsCancelledDestroyedOrSetAnewDoesNotCall) {
  Net net;
  Net::Timer cancelled(net);
  Net::Timer replaced(net);
  auto destroyed = std::make_unique<Net::Timer>(net);
  bool called = false;
  cancelled.after(milliseconds(0), [&] { called = true; });
  replaced.after(milliseconds(0), [&] { called = true; });
  destroyed->after(milliseconds(0), [&] { called = true; });
  cancelled.cancel();
  destroyed.reset();
  replaced.after(milliseconds(2), [&] { net.stop(); });
  net.run();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace vigie::web
