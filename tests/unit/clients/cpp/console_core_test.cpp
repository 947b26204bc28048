#include "clients/cpp/core/console_core.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/clients/cpp/manual_clock.h"

namespace vigie::client {
namespace {

using Message = std::vector<std::byte>;

class ConsoleCoreTest : public testing::Test {
 protected:
  ConsoleCoreTest() { start({}); }
  void start(ConsoleOptions options) {
    auto opened = ConsoleCore::open(std::move(options), clock_, random_);
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
    const auto* root = verified<Root>(aligned.bytes());
    EXPECT_NE(root, nullptr);
    typename Root::NativeTableType native;
    if (root != nullptr) root->UnPackTo(&native);
    return native;
  }
  wire::OpenT open_request() {
    const auto messages = sent();
    EXPECT_EQ(messages.size(), 1u);
    return messages.empty() ? wire::OpenT() : as<wire::Open>(messages[0]);
  }
  void opened(std::uint64_t fix, std::uint64_t event, bool replaces, wire::SeqRange lost = {}) {
    wire::OpenedT message;
    message.log = std::make_unique<wire::LogId>(log_);
    message.position = std::make_unique<wire::Token>(log_, event, fix);
    message.replaces = replaces;
    message.known_time_us = clock_.utc_us();
    message.heartbeat_ms = 2000;
    message.overdue_after_ms = 30'000;
    message.silent_after_ms = 120'000;
    if (lost.last() != 0) message.lost = std::make_unique<wire::SeqRange>(lost);
    core_->on_message(packed<wire::Opened>(message));
  }
  void add_fix(const char* unit, std::uint64_t seq, std::uint32_t count) {
    const wire::Fix fix(clock_.utc_us(), 1, 2, 0, 0, 0, 0, 0, wire::Clock::Satellite,
                        wire::FixType::ThreeD, 0, 0, wire::FixSource::Satellite, 0, 0);
    writer_.add_fixes({.unit = unit,
                       .group = {},
                       .stamp = wire::Stamp(seq, clock_.utc_us(), 0, count, 0),
                       .spool = wire::Spool(1, 1),
                       .first_number = seq,
                       .fixes = {&fix, 1},
                       .readings = {},
                       .readings_bytes = 0});
  }
  void add_event(std::uint64_t seq, std::uint64_t number) {
    wire::EventT native;
    native.stamp = std::make_unique<wire::Stamp>(seq, clock_.utc_us(), 0, 0, 0);
    native.number = number;
    native.unit = "red/a";
    native.kind = "sos";
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(wire::Event::Pack(builder, &native));
    writer_.add_event(*flatbuffers::GetRoot<wire::Event>(builder.GetBufferPointer()),
                      wire::Spool(1, 1));
  }
  /// A frame of what was added.
  void frame(wire::FrameKind kind, std::uint64_t prev, std::uint64_t last, unsigned flags = 0,
             std::uint64_t durable = 0, std::optional<std::uint64_t> prev_event = {}) {
    BodyPtr body;
    if (!writer_.empty()) body = writer_.finish(clock_.utc_us(), last);
    Message bytes(sizeof(wire::FrameHeader));
    if (body) bytes.insert(bytes.end(), body->bytes().begin(), body->bytes().end());
    const wire::FrameHeader header(static_cast<std::uint32_t>(bytes.size()), kFrameMagic, kind,
                                   static_cast<std::uint8_t>(flags), 0, body ? 1 : 0, prev, 0, last,
                                   prev_event.value_or(prev), last, durable, clock_.utc_us(), log_);
    std::memcpy(bytes.data(), &header, sizeof header);
    core_->on_message(bytes);
  }
  void heartbeat(std::uint64_t fix, std::uint64_t event, std::optional<std::uint64_t> sent = {}) {
    wire::HeartbeatT beat;
    beat.position = std::make_unique<wire::Token>(log_, event, fix);
    beat.sent = std::make_unique<wire::Token>(log_, sent.value_or(event), fix);
    beat.known_time_us = clock_.utc_us();
    core_->on_message(packed<wire::Heartbeat>(beat));
  }
  std::vector<Item> items() {
    std::vector<Item> all;
    for (Step& step : core_->take_steps()) {
      for (Item& item : step.items) {
        keeper_.takes(item, step);
        all.push_back(std::move(item));
      }
      keeper_.finished(step);
      core_->consumed(step.bytes);
    }
    return all;
  }
  template <typename Kind>
  std::vector<Kind> only(const std::vector<Item>& all) {
    std::vector<Kind> found;
    for (const Item& item : all) {
      if (const auto* it = std::get_if<Kind>(&item)) found.push_back(*it);
    }
    return found;
  }
  /// Up to a complete first snapshot of unit red/a at seq 5.
  void go_live() {
    core_->link_up();
    open_request();
    opened(10, 10, false);
    add_fix("red/a", 5, 1);
    frame(wire::FrameKind::Snapshot, 10, 10, kFirst | kLast | kReplace);
    items();
  }

  static constexpr unsigned kFirst = static_cast<unsigned>(wire::FrameFlag::FirstPage);
  static constexpr unsigned kLast = static_cast<unsigned>(wire::FrameFlag::LastPage);
  static constexpr unsigned kReplace = static_cast<unsigned>(wire::FrameFlag::Replace);
  ManualClock clock_;
  const Random random_ = [engine = std::mt19937_64(4)]() mutable { return engine(); };
  wire::LogId log_{7, 7};
  EntryWriter writer_;
  TokenKeeper keeper_;
  std::unique_ptr<ConsoleCore> core_;
};

TEST_F(ConsoleCoreTest, options_are_checked_before_there_is_a_hub) {
  ConsoleOptions options;
  options.window_bytes = 1000;
  EXPECT_NE(ConsoleCore::open(options, clock_, random_).fault().sentence.find("window_bytes 1000"),
            std::string::npos);
  options = {};
  options.view.channels = {"nonsense/red"};
  EXPECT_FALSE(ConsoleCore::open(options, clock_, random_));
  options = {};
  options.start = StartKind::Token;
  EXPECT_FALSE(ConsoleCore::open(options, clock_, random_));
}

TEST_F(ConsoleCoreTest, a_snapshot_comes_as_items_and_then_the_feed) {
  core_->link_up();
  const auto open = open_request();
  EXPECT_EQ(open.start, wire::StartKind::Now);
  EXPECT_EQ(open.granted_bytes, 1024u * 1024u);
  opened(10, 10, false);
  add_fix("red/a", 5, 1);
  frame(wire::FrameKind::Snapshot, 10, 10, kFirst);
  EXPECT_TRUE(keeper_.bytes().empty());
  add_fix("red/b", 12, 1);
  frame(wire::FrameKind::Snapshot, 10, 10, kLast);
  const auto all = items();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(std::get<LinkItem>(all[0]).state, LinkState::Live);
  EXPECT_TRUE(std::holds_alternative<SnapshotBegin>(all[1]));
  EXPECT_TRUE(std::get<FixItem>(all[2]).snapshot);
  EXPECT_EQ(std::get<SnapshotEnd>(all[4]).units, 2u);
  EXPECT_FALSE(keeper_.bytes().empty());

  add_fix("red/b", 12, 1);  // the page was newer than the snapshot's seq
  add_fix("red/a", 13, 2);
  frame(wire::FrameKind::Live, 10, 13);
  const auto fixes = only<FixItem>(items());
  ASSERT_EQ(fixes.size(), 1u) << "what the snapshot had is left aside";
  EXPECT_EQ(fixes[0].stamp.seq, 13u);
  EXPECT_EQ(fixes[0].conflated, 0u);
}

TEST_F(ConsoleCoreTest, a_conflated_frame_tells_how_many_were_left_out) {
  go_live();
  add_fix("red/a", 20, 8);
  frame(wire::FrameKind::Conflated, 10, 20);
  const auto all = items();
  EXPECT_EQ(only<FixItem>(all).at(0).conflated, 6u);
  EXPECT_EQ(only<ConflatedItem>(all).at(0).fixes, 6u);
  EXPECT_EQ(core_->status().conflated, 6u);
}

TEST_F(ConsoleCoreTest, a_hole_is_seen_asked_for_and_filled) {
  go_live();
  add_fix("red/a", 15, 3);
  frame(wire::FrameKind::Live, 12, 15);
  EXPECT_TRUE(only<FixItem>(items()).empty());
  const auto requests = sent();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(as<wire::Refill>(requests[0]).token.size(), sizeof(wire::Token));
  add_fix("red/a", 16, 4);
  frame(wire::FrameKind::Live, 15, 16);
  EXPECT_TRUE(only<FixItem>(items()).empty());
  EXPECT_TRUE(sent().empty()) << "it is asked for once";
  add_fix("red/a", 12, 2);
  add_fix("red/a", 15, 3);
  frame(wire::FrameKind::Live, 10, 15);
  EXPECT_EQ(only<FixItem>(items()).size(), 2u);
  EXPECT_EQ(core_->status().holes, 1u);
}

TEST_F(ConsoleCoreTest, an_event_between_the_pages_of_a_snapshot_is_shown_once) {
  core_->link_up();
  open_request();
  opened(10, 10, true);
  add_fix("red/a", 5, 1);
  frame(wire::FrameKind::Snapshot, 0, 0, kFirst | kReplace);
  add_event(12, 1);
  frame(wire::FrameKind::Conflated, 10, 12);
  add_fix("red/b", 6, 1);
  frame(wire::FrameKind::Snapshot, 0, 0);
  frame(wire::FrameKind::Snapshot, 0, 10, kLast);
  add_fix("red/a", 11, 2);
  add_event(12, 1);
  frame(wire::FrameKind::Live, 10, 12);
  const auto all = items();
  EXPECT_EQ(only<EventItem>(all).size(), 1u);
  EXPECT_EQ(only<FixItem>(all).size(), 3u);
  EXPECT_EQ(core_->status().holes, 0u);
}

TEST_F(ConsoleCoreTest, a_heartbeat_within_a_snapshot_moves_the_event_position) {
  core_->link_up();
  open_request();
  opened(0, 10, true);
  add_fix("red/a", 5, 1);
  frame(wire::FrameKind::Snapshot, 0, 0, kFirst | kReplace);
  heartbeat(0, 15, 10);
  add_event(16, 1);
  frame(wire::FrameKind::Conflated, 0, 0, 0, 0, 15);
  frame(wire::FrameKind::Snapshot, 0, 10, kLast);
  EXPECT_EQ(only<EventItem>(items()).size(), 1u);
  EXPECT_EQ(core_->status().holes, 0u);
}

TEST_F(ConsoleCoreTest, a_refill_answered_by_a_snapshot_keeps_the_count_of_credit) {
  ConsoleOptions options;
  options.window_bytes = 16 * 1024;
  options.frame_bytes_max = 8 * 1024;
  start(options);
  go_live();
  std::uint64_t seq = 10;
  std::uint64_t granted = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 40; ++i) add_fix("red/a", ++seq, 2);
    frame(wire::FrameKind::Live, seq - 40, seq);
    items();
    for (const Message& message : sent()) granted = as<wire::Credit>(message).granted_bytes;
  }
  EXPECT_GT(granted, 64u * 1024u);
  opened(seq, seq, true);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 40; ++i) add_fix("red/a", ++seq, 2);
    frame(wire::FrameKind::Snapshot, seq - 40, seq, kFirst | kLast | kReplace);
    items();
  }
  std::uint64_t after = 0;
  for (const Message& message : sent()) after = as<wire::Credit>(message).granted_bytes;
  EXPECT_GT(after, granted);
  EXPECT_EQ(core_->status().opens, 1u);
}

TEST_F(ConsoleCoreTest, a_heartbeat_shows_a_hole_at_the_end) {
  go_live();
  heartbeat(10, 10);
  EXPECT_TRUE(sent().empty());
  heartbeat(11, 11);
  EXPECT_EQ(sent().size(), 1u);
}

TEST_F(ConsoleCoreTest, coming_back_it_opens_with_its_token) {
  go_live();
  add_event(11, 1);
  frame(wire::FrameKind::Live, 10, 11);
  items();
  core_->link_down();
  EXPECT_EQ(only<LinkItem>(items()).at(0).state, LinkState::Stale);
  EXPECT_EQ(core_->status().stale, Stale::Cut);
  core_->link_up();
  clock_.advance_us(300'000);
  core_->tick();
  const auto open = open_request();
  EXPECT_EQ(open.start, wire::StartKind::Token);
  wire::Token token;
  ASSERT_EQ(open.token.size(), sizeof token);
  std::memcpy(&token, open.token.data(), sizeof token);
  EXPECT_EQ(token.fix(), 11u);
  opened(11, 11, false);
  EXPECT_EQ(only<LinkItem>(items()).at(0).state, LinkState::Live);
}

TEST_F(ConsoleCoreTest, an_event_lost_in_a_crash_is_not_shown_again_even_by_a_new_process) {
  go_live();
  add_event(11, 77);
  frame(wire::FrameKind::Live, 10, 11, 0, 10);
  EXPECT_EQ(only<EventItem>(items()).size(), 1u);
  const std::vector<std::byte> kept = keeper_.bytes();
  for (const bool new_process : {false, true}) {
    if (new_process) {
      ConsoleOptions options;
      options.start = StartKind::Token;
      options.token = kept;
      start(options);
      core_->link_up();
    } else {
      core_->link_down();
      core_->link_up();
      clock_.advance_us(300'000);
      core_->tick();
    }
    EXPECT_EQ(open_request().start, wire::StartKind::Token);
    opened(10, 10, true, wire::SeqRange(11, 1000));
    frame(wire::FrameKind::Snapshot, 1000, 1000, kFirst | kLast | kReplace);
    EXPECT_EQ(only<LostItem>(items()).size(), 1u);
    add_event(1001, 77);
    add_event(1002, 78);
    frame(wire::FrameKind::Live, 1000, 1002, 0, 0, 10);
    const auto events = only<EventItem>(items());
    ASSERT_EQ(events.size(), 1u) << "new process: " << new_process;
    EXPECT_EQ(events[0].stamp.name.number, 78u);
  }
}

TEST_F(ConsoleCoreTest, what_a_replacing_snapshot_does_not_list_is_gone) {
  go_live();
  add_fix("red/c", 11, 1);
  frame(wire::FrameKind::Live, 10, 11);
  items();
  add_fix("red/c", 11, 1);
  frame(wire::FrameKind::Snapshot, 11, 12, kFirst | kLast | kReplace);
  const auto leaves = only<LeaveItem>(items());
  ASSERT_EQ(leaves.size(), 1u);
  EXPECT_EQ(leaves[0].unit, "red/a");
  EXPECT_EQ(core_->picture().find_unit("red/a"), nullptr);
}

TEST_F(ConsoleCoreTest, a_leave_takes_a_unit_away_until_it_moves_again) {
  go_live();
  writer_.add_leave("red/a", 11);
  frame(wire::FrameKind::Live, 10, 11);
  EXPECT_EQ(only<LeaveItem>(items()).at(0).unit, "red/a");
  add_fix("red/a", 12, 9);
  frame(wire::FrameKind::Live, 11, 12);
  EXPECT_EQ(only<FixItem>(items()).size(), 1u);
}

TEST_F(ConsoleCoreTest, credit_is_granted_only_for_what_the_user_took) {
  ConsoleOptions options;
  options.window_bytes = 16 * 1024;
  options.frame_bytes_max = 8 * 1024;
  start(options);
  go_live();
  sent();
  std::uint64_t seq = 10;
  const auto push = [&] {
    for (int i = 0; i < 40; ++i) add_fix("red/a", seq + 1 + static_cast<unsigned>(i), 2);
    frame(wire::FrameKind::Live, seq, seq + 40);
    seq += 40;
  };
  push();
  EXPECT_TRUE(sent().empty()) << "the user has taken nothing yet";
  items();
  const auto credits = sent();
  ASSERT_EQ(credits.size(), 1u);
  EXPECT_EQ(as<wire::Credit>(credits[0]).received, 50u);
}

TEST_F(ConsoleCoreTest, silence_makes_it_stale_and_then_opens_again) {
  go_live();
  sent();
  clock_.advance_us(5'100'000);
  core_->tick();
  const auto links = only<LinkItem>(items());
  ASSERT_EQ(links.size(), 1u);
  EXPECT_EQ(links[0].state, LinkState::Stale);
  EXPECT_FALSE(sent().empty()) << "it shows that it lives, as the hub expects";
  clock_.advance_us(10'000'000);
  core_->tick();
  EXPECT_EQ(open_request().start, wire::StartKind::Token);
  EXPECT_GE(core_->status().link_age_us, 15'000'000);
}

TEST_F(ConsoleCoreTest, age_and_freshness_go_by_the_hubs_clock) {
  go_live();
  const std::int64_t known = clock_.utc_us();
  clock_.advance_us(40'000'000);
  const ConsoleStatus status = core_->status();
  EXPECT_EQ(status.age_us(known), 40'000'000);
  EXPECT_EQ(status.freshness(known), Freshness::Overdue);
  EXPECT_EQ(status.freshness(known - 100'000'000), Freshness::Silent);
  EXPECT_EQ(status.freshness(clock_.utc_us()), Freshness::Fresh);
}

TEST_F(ConsoleCoreTest, a_denial_for_good_ends_it_and_one_for_a_while_does_not) {
  core_->link_up();
  sent();
  wire::DeniedT denied;
  denied.code = wire::Refusal::TooManySessions;
  denied.reason = "4096 sessions";
  denied.retry_after_ms = 1000;
  core_->on_message(packed<wire::Denied>(denied));
  EXPECT_EQ(only<LinkItem>(items()).at(0).code, Refusal::TooManySessions);
  clock_.advance_us(1'300'000);
  core_->tick();
  open_request();
  denied.code = wire::Refusal::BadView;
  denied.retry_after_ms = 0;
  core_->on_message(packed<wire::Denied>(denied));
  EXPECT_EQ(only<LinkItem>(items()).at(0).state, LinkState::Ended);
  EXPECT_TRUE(core_->over());
}

TEST_F(ConsoleCoreTest, a_picture_once_ends_when_it_is_complete) {
  ConsoleOptions options;
  options.once = true;
  start(options);
  core_->link_up();
  EXPECT_EQ(open_request().mode, wire::Mode::Snapshot);
  opened(10, 10, false);
  add_fix("red/a", 5, 1);
  frame(wire::FrameKind::Snapshot, 10, 10, kFirst | kLast);
  core_->on_message(packed<wire::Reopen>({}));
  const auto all = items();
  EXPECT_EQ(only<SnapshotEnd>(all).size(), 1u);
  EXPECT_EQ(only<LinkItem>(all).back().state, LinkState::Ended);
}

TEST_F(ConsoleCoreTest, garbage_is_left_aside) {
  go_live();
  std::mt19937_64 engine(3);
  for (int i = 0; i < 2000; ++i) {
    Message bytes(engine() % 300);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(engine());
    if (bytes.size() > 8 && i % 2 == 0) std::memcpy(bytes.data() + 4, "VGFR", 4);
    core_->on_message(bytes);
    items();
    sent();
  }
  EXPECT_FALSE(core_->over());
}

}  // namespace
}  // namespace vigie::client
