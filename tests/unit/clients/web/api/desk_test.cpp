// Whose turn it is at the workers: each work here says that it began, and ends when it is told to.

#include "clients/web/server/api/desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace vigie::web::api {
namespace {

using testing::ElementsAre;

class OpenGate final : public Gate {
 public:
  Result<Viewer> viewer_of(const Request&) override { return Viewer{}; }
  std::uint64_t watch(const std::string&, std::function<void()>) override { return 0; }
  void unwatch(std::uint64_t) override {}
};

class DeskTest : public testing::Test {
 protected:
  void open(DeskOptions options) {
    desk_ = std::make_unique<Desk>(net_, gate_, std::move(options));
    thread_ = std::thread([this] { net_.run(); });
  }

  template <typename Work>
  auto on_net(Work work) {
    std::promise<decltype(work())> result;
    net_.post([&] { result.set_value(work()); });
    return result.get_future().get();
  }

  void TearDown() override {
    if (!desk_) return;
    end_all();
    net_.stop();
    thread_.join();
    desk_.reset();
  }

  /// The status that it was refused with; 0: it was taken.
  int take(const std::string& account, const std::string& name, bool open_server = false) {
    return on_net([&] {
      int refused = 0;
      Viewer viewer{.account = account, .open = open_server};
      desk_->take(
          viewer, [&refused](Response response) { refused = response.status; },
          [this, name](const DeskJob&) { begin(name); });
      return refused;
    });
  }

  void begin(const std::string& name) {
    std::unique_lock lock(mutex_);
    begun_.push_back(name);
    changed_.notify_all();
    changed_.wait(lock, [&] { return all_end_ || to_end_.contains(name); });
  }
  void end(const std::string& name) {
    const std::lock_guard lock(mutex_);
    to_end_.insert(name);
    changed_.notify_all();
  }
  void end_all() {
    const std::lock_guard lock(mutex_);
    all_end_ = true;
    changed_.notify_all();
  }
  /// What began, in its order, once so many did.
  std::vector<std::string> begun(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_.size() >= count; });
    return begun_;
  }

  std::mutex mutex_;  // workers write what began, the test reads it
  std::condition_variable changed_;
  std::vector<std::string> begun_;
  std::set<std::string> to_end_;
  bool all_end_ = false;

  Net net_;
  OpenGate gate_;
  std::unique_ptr<Desk> desk_;
  std::thread thread_;
};

TEST_F(DeskTest, OneAccountLeavesAThreadToOthers) {
  open({.threads = 3, .waiting_max = 20, .per_viewer = 8, .running_per_viewer = 2});
  for (const char* name : {"a1", "a2", "a3", "a4"}) EXPECT_EQ(take("anna", name), 0);
  EXPECT_THAT(begun(2), testing::UnorderedElementsAre("a1", "a2"));
  EXPECT_EQ(take("ben", "b1"), 0);
  // Anna's third waited before it, and none of hers has ended.
  EXPECT_EQ(begun(3).back(), "b1");
}

TEST_F(DeskTest, WhatWaitsForOnesOwnWorkBeginsWhenThatEnds) {
  open({.threads = 3, .waiting_max = 20, .per_viewer = 8, .running_per_viewer = 2});
  for (const char* name : {"a1", "a2", "a3"}) EXPECT_EQ(take("anna", name), 0);
  begun(2);
  end("a1");
  EXPECT_EQ(begun(3).back(), "a3");
}

TEST_F(DeskTest, WhoHasTheFewestRunningIsNext) {
  open({.threads = 2, .waiting_max = 20, .per_viewer = 8});
  take("anna", "a1");
  take("anna", "a2");
  begun(2);
  take("anna", "a3");
  take("ben", "b1");
  end("a1");
  EXPECT_EQ(begun(3).back(), "b1");
}

TEST_F(DeskTest, AccountsAreServedInTurnHoweverManyOfOneCameFirst) {
  open({.threads = 1, .waiting_max = 20, .per_viewer = 8});
  take("anna", "a1");
  begun(1);
  for (const char* name : {"a2", "a3"}) take("anna", name);
  for (const char* name : {"b1", "b2"}) take("ben", name);
  take("carl", "c1");
  end_all();
  EXPECT_THAT(begun(6), ElementsAre("a1", "b1", "c1", "a2", "b2", "a3"));
}

TEST_F(DeskTest, WhoComesAnewEachTimeDoesNotPassWhoWaits) {
  open({.threads = 1, .waiting_max = 20, .per_viewer = 8});
  take("yves", "y1");
  begun(1);
  take("yves", "y2");
  take("paul", "p1");
  end("y1");
  EXPECT_EQ(begun(2).back(), "p1");
  take("rosa", "r1");
  end("p1");
  EXPECT_EQ(begun(3).back(), "y2") << "rosa came after paul's turn had begun";
}

TEST_F(DeskTest, AnOpenServersOneViewerHasAllThreads) {
  open({.threads = 2, .waiting_max = 20, .per_viewer = 8, .running_per_viewer = 1});
  take("", "1", true);
  take("", "2", true);
  EXPECT_EQ(begun(2).size(), 2u);
}

TEST_F(DeskTest, MoreThanSoManyOfOneAreRefusedAndOthersAreNot) {
  open({.threads = 1, .waiting_max = 20, .per_viewer = 2, .running_per_viewer = 1});
  EXPECT_EQ(take("anna", "a1"), 0);
  EXPECT_EQ(take("anna", "a2"), 0);
  EXPECT_EQ(take("anna", "a3"), 429);
  EXPECT_EQ(take("ben", "b1"), 0);
}

}  // namespace
}  // namespace vigie::web::api
