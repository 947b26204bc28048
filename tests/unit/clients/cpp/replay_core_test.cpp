#include "clients/cpp/core/replay_core.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/clients/cpp/manual_clock.h"
#include "tests/unit/clients/cpp/replay_frame.h"

namespace vigie::client {
namespace {

using Message = std::vector<std::byte>;

constexpr std::int64_t kFrom = 1'772'000'000'000'000;

class ReplayCoreTest : public testing::Test {
 protected:
  ReplayCoreTest() {
    ReplayOptions options;
    options.from_us = kFrom;
    options.until_us = kFrom + 1'000'000'000;
    options.speed = 2;
    options.on_message = [this](Bytes message) {
      kept_.emplace_back(message.begin(), message.end());
    };
    auto opened = ReplayCore::open(options, clock_, random_);
    EXPECT_TRUE(opened);
    core_ = std::move(*opened);
  }
  std::vector<Message> sent() {
    std::vector<Message> all;
    while (auto message = core_->next_message()) all.push_back(std::move(*message));
    return all;
  }
  template <typename Root>
  typename Root::NativeTableType as(const Message& message) {
    const AlignedBytes aligned(message);
    typename Root::NativeTableType native;
    const auto* root = verified<Root>(aligned.bytes());
    EXPECT_NE(root, nullptr);
    if (root != nullptr) root->UnPackTo(&native);
    return native;
  }
  void opened() {
    wire::OpenedT message;
    message.mode = wire::Mode::Replay;
    message.heartbeat_ms = 2000;
    core_->on_message(packed<wire::Opened>(message));
  }
  /// A frame of fixes of one unit: seq and seconds after the start.
  void frame(const std::vector<std::pair<std::uint64_t, std::int64_t>>& fixes) {
    core_->on_message(replay_frame(kFrom, fixes));
  }
  void state(std::uint32_t request, wire::ReplayPhase phase) {
    wire::ReplayStateT message;
    message.request = request;
    message.phase = phase;
    message.damaged.emplace_back(3, 4);
    core_->on_message(packed<wire::ReplayState>(message));
  }
  std::vector<std::uint64_t> seqs() {
    std::vector<std::uint64_t> found;
    for (Step& step : core_->take_steps()) {
      for (const Item& item : step.items) {
        if (const auto* fix = std::get_if<FixItem>(&item)) found.push_back(fix->stamp.seq);
        if (const auto* said = std::get_if<ReplayItem>(&item)) said_.push_back(*said);
      }
      core_->consumed(step.bytes);
    }
    return found;
  }
  void come_back() {
    core_->link_down();
    core_->link_up();
    clock_.advance_us(300'000);
    core_->tick();
  }

  ManualClock clock_;
  const Random random_ = [engine = std::mt19937_64(4)]() mutable { return engine(); };
  std::unique_ptr<ReplayCore> core_;
  std::vector<ReplayItem> said_;
  std::vector<Message> kept_;
};

TEST_F(ReplayCoreTest, a_range_is_asked_for_and_given_in_the_order_of_its_clock) {
  core_->link_up();
  const auto open = as<wire::Open>(sent().at(0));
  EXPECT_EQ(open.mode, wire::Mode::Replay);
  EXPECT_EQ(open.start, wire::StartKind::TrueTime);
  EXPECT_EQ(open.time_us, kFrom);
  EXPECT_EQ(open.speed, 2);
  opened();
  frame({{5, 1}, {3, 2}, {9, 2}});
  EXPECT_EQ(seqs(), (std::vector<std::uint64_t>{5, 3, 9}));
  state(0, wire::ReplayPhase::Ended);
  seqs();
  ASSERT_EQ(said_.size(), 1u);
  EXPECT_EQ(said_[0].phase, ReplayPhase::Ended);
  EXPECT_EQ(said_[0].damaged.at(0).first, 3u);
  EXPECT_FALSE(core_->over()) << "it may be sought";
}

TEST_F(ReplayCoreTest, after_a_cut_it_goes_on_behind_what_it_had) {
  core_->link_up();
  sent();
  opened();
  frame({{5, 1}, {3, 2}});
  seqs();
  come_back();
  EXPECT_EQ(as<wire::Open>(sent().at(0)).time_us, kFrom + 2'000'000);
  opened();
  frame({{3, 2}, {9, 2}, {1, 4}});
  EXPECT_EQ(seqs(), (std::vector<std::uint64_t>{9, 1}));
}

TEST_F(ReplayCoreTest, a_seek_leaves_aside_what_was_on_the_way) {
  core_->link_up();
  sent();
  opened();
  frame({{5, 10}});
  core_->seek(1, kFrom);
  frame({{6, 11}});
  EXPECT_EQ(seqs(), (std::vector<std::uint64_t>{5}));
  const auto control = as<wire::Control>(sent().at(0));
  EXPECT_EQ(control.kind, wire::ControlKind::Seek);
  EXPECT_EQ(control.request, 1u);
  state(1, wire::ReplayPhase::Playing);
  frame({{2, 0}, {5, 10}});
  EXPECT_EQ(seqs(), (std::vector<std::uint64_t>{2, 5}));
  EXPECT_EQ(said_.at(0).request, 1u);
}

TEST_F(ReplayCoreTest, controls_that_a_cut_swallowed_hold_after_it) {
  core_->link_up();
  sent();
  opened();
  core_->pause(1);
  core_->set_speed(2, 10);
  sent();
  come_back();
  const auto open = as<wire::Open>(sent().at(0));
  EXPECT_TRUE(open.paused);
  EXPECT_EQ(open.speed, 10);
  opened();
  seqs();
  ASSERT_EQ(said_.size(), 2u);
  EXPECT_EQ(said_[1].phase, ReplayPhase::Paused);
}

TEST_F(ReplayCoreTest, controls_that_come_while_it_is_being_opened_follow_the_opening) {
  core_->link_up();
  sent();
  core_->pause(1);
  core_->seek(2, kFrom + 5'000'000);
  core_->set_speed(3, 10);
  EXPECT_TRUE(sent().empty()) << "there is no session yet";
  opened();
  frame({{5, 1}});
  EXPECT_TRUE(seqs().empty()) << "of before the seek";
  EXPECT_TRUE(said_.empty()) << "nobody has answered";
  const std::vector<Message> controls = sent();
  ASSERT_EQ(controls.size(), 3u);
  EXPECT_EQ(as<wire::Control>(controls[0]).kind, wire::ControlKind::Pause);
  EXPECT_EQ(as<wire::Control>(controls[1]).time_us, kFrom + 5'000'000);
  EXPECT_EQ(as<wire::Control>(controls[2]).speed, 10);
  state(3, wire::ReplayPhase::Paused);
  frame({{7, 5}});
  EXPECT_EQ(seqs(), (std::vector<std::uint64_t>{7}));
  come_back();
  EXPECT_EQ(sent().size(), 1u) << "the Open, and no control again";
}

TEST_F(ReplayCoreTest, what_a_recording_holds_is_given_as_it_went_over_the_wire) {
  core_->link_up();
  const Message open = sent().at(0);
  EXPECT_TRUE(as<wire::Open>(open).recording) << "the hub is told";
  EXPECT_TRUE(kept_.empty()) << "an Open that is not answered opened nothing";
  opened();
  const Message first = replay_frame(kFrom, {{5, 1}});
  core_->on_message(first);
  core_->on_message(packed<wire::Heartbeat>(wire::HeartbeatT()));
  come_back();
  sent();
  opened();
  frame({{5, 1}, {6, 2}});
  state(0, wire::ReplayPhase::Ended);
  ASSERT_EQ(kept_.size(), 7u);
  EXPECT_EQ(kept_[0], open);
  EXPECT_TRUE(has_identifier<wire::Opened>(kept_[1]));
  EXPECT_EQ(kept_[2], first);
  EXPECT_TRUE(has_identifier<wire::Open>(kept_[3]));
  EXPECT_TRUE(has_identifier<wire::Opened>(kept_[4]));
  EXPECT_TRUE(is_frame(kept_[5]));
  EXPECT_TRUE(has_identifier<wire::ReplayState>(kept_[6]));
}

TEST_F(ReplayCoreTest, the_hub_is_told_what_is_taken_away_and_nothing_of_what_is_looked_at) {
  for (const bool exported : {false, true}) {
    ReplayOptions options;
    options.from_us = kFrom;
    options.exported = exported;
    auto core = ReplayCore::open(options, clock_, random_);
    ASSERT_TRUE(core);
    (*core)->link_up();
    EXPECT_EQ(as<wire::Open>((*core)->next_message().value()).recording, exported);
  }
}

TEST_F(ReplayCoreTest, stop_ends_it) {
  core_->link_up();
  sent();
  opened();
  core_->stop(1);
  EXPECT_EQ(as<wire::Control>(sent().at(0)).kind, wire::ControlKind::Stop);
  state(1, wire::ReplayPhase::Ended);
  EXPECT_TRUE(core_->over());
  EXPECT_TRUE(has_identifier<wire::Close>(sent().at(0)));
}

}  // namespace
}  // namespace vigie::client
