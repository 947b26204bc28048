#include "clients/cpp/core/tracker_core.h"

#include <gtest/gtest.h>

#include <random>

#include "clients/cpp/spool/memory_spool.h"
#include "tests/unit/clients/cpp/fake_hub.h"
#include "tests/unit/clients/cpp/manual_clock.h"

namespace vigie::client {
namespace {

class TrackerCoreTest : public testing::Test {
 protected:
  void SetUp() override { start({}); }
  void start(TrackerCoreOptions options) {
    core_.reset();
    auto opened = TrackerCore::open(options, spool_, clock_, random_);
    ASSERT_TRUE(opened);
    core_ = std::move(*opened);
  }
  std::uint64_t publish_fix(std::string unit = "red/alpha") {
    Fix fix;
    fix.unit = std::move(unit);
    fix.true_time_us = clock_.utc_us();
    const auto number = core_->publish(MessageKind::Fix, *encode(fix));
    EXPECT_TRUE(number);
    return number ? *number : 0;
  }
  std::uint64_t publish_event() {
    Event event;
    event.unit = "red/alpha";
    event.kind = "sos";
    event.true_time_us = clock_.utc_us();
    return *core_->publish(MessageKind::Event, *encode(event));
  }
  /// Messages that the core has to send now.
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
  void welcome(std::vector<wire::NumberRange> settled = {}, std::uint64_t granted = 1 << 20) {
    wire::WelcomeT message;
    message.settled = std::move(settled);
    message.granted_bytes = granted;
    message.batch_bytes_max = 8192;
    core_->on_message(packed<wire::Welcome>(message));
  }
  void ack(std::vector<wire::NumberRange> settled, std::uint64_t granted = 1 << 20) {
    wire::AckT message;
    message.settled = std::move(settled);
    message.granted_bytes = granted;
    core_->on_message(packed<wire::Ack>(message));
  }
  void greet() {
    core_->link_up();
    ASSERT_EQ(sent().size(), 1u);
    welcome();
  }

  ManualClock clock_;
  Random random_ = [engine = std::mt19937_64(4)]() mutable { return engine(); };
  MemorySpool spool_{random_};
  std::unique_ptr<TrackerCore> core_;
};

TEST_F(TrackerCoreTest, hello_comes_first_and_batches_only_after_the_welcome) {
  publish_fix();
  EXPECT_TRUE(sent().empty()) << "there is no link";
  core_->link_up();
  const auto messages = sent();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(as<wire::Hello>(messages[0]).spool->high(), spool_.id().high());
  welcome();
  const auto batches = sent();
  ASSERT_EQ(batches.size(), 1u);
  const auto batch = as<wire::Batch>(batches[0]);
  EXPECT_EQ(batch.fixes.at(0)->first_number, 1u);
  EXPECT_EQ(batch.sent_time_us, clock_.utc_us());
}

TEST_F(TrackerCoreTest, events_go_before_fixes) {
  for (int i = 0; i < 400; ++i) publish_fix();
  const std::uint64_t event = publish_event();
  greet();
  const auto batches = sent();
  ASSERT_GT(batches.size(), 1u);
  const auto first = as<wire::Batch>(batches[0]);
  ASSERT_EQ(first.events.size(), 1u);
  EXPECT_EQ(first.events[0]->number, event);
  EXPECT_EQ(first.fixes.at(0)->first_number, 1u) << "published just now: in order";
}

TEST_F(TrackerCoreTest, after_an_outage_the_newest_fixes_go_first_and_then_the_past_backwards) {
  for (int i = 0; i < 1000; ++i) publish_fix();
  clock_.advance_us(6'000'000);
  greet();
  publish_fix();
  const auto batches = sent();
  ASSERT_GT(batches.size(), 3u);
  const auto first = as<wire::Batch>(batches[0]);
  EXPECT_EQ(first.fixes.back()->first_number + first.fixes.back()->fixes.size() - 1, 1001u);
  std::uint64_t last = 1002;
  for (const Message& message : batches) {
    const auto batch = as<wire::Batch>(message);
    EXPECT_LT(batch.fixes.front()->first_number, last);
    last = batch.fixes.front()->first_number;
  }
  EXPECT_EQ(last, 1u);
}

TEST_F(TrackerCoreTest, what_is_recorded_may_keep_its_order) {
  start({.order = SendOrder::InOrder});
  for (int i = 0; i < 1000; ++i) publish_fix();
  clock_.advance_us(60'000'000);
  greet();
  std::uint64_t next = 1;
  for (const Message& message : sent()) {
    const auto batch = as<wire::Batch>(message);
    EXPECT_EQ(batch.fixes.front()->first_number, next);
    next += batch.fixes.front()->fixes.size();
  }
  EXPECT_EQ(next, 1001u);
}

TEST_F(TrackerCoreTest, settled_messages_are_told_once_and_leave_the_spool) {
  publish_fix();
  publish_fix();
  greet();
  sent();
  ack({{1, 1}});
  ack({{1, 2}});
  const auto deliveries = core_->take_deliveries();
  ASSERT_EQ(deliveries.size(), 2u);
  EXPECT_EQ(deliveries[1].first, 2u);
  EXPECT_TRUE(core_->all_settled());
  ASSERT_TRUE(core_->tidy());
  EXPECT_EQ(spool_.usage().messages, 0u);
}

TEST_F(TrackerCoreTest, a_welcome_settles_what_it_lists_and_the_rest_is_sent_again) {
  for (int i = 0; i < 4; ++i) publish_fix();
  greet();
  EXPECT_EQ(sent().size(), 1u);
  EXPECT_TRUE(sent().empty()) << "nothing is sent twice in a conversation";
  core_->link_down();
  core_->link_up();
  EXPECT_EQ(sent().size(), 1u);
  welcome({{2, 3}});
  const auto again = as<wire::Batch>(sent().at(0));
  ASSERT_EQ(again.fixes.size(), 2u);
  EXPECT_EQ(again.fixes[0]->first_number, 1u);
  EXPECT_EQ(again.fixes[1]->first_number, 4u);
}

TEST_F(TrackerCoreTest, no_more_is_sent_than_was_granted) {
  for (int i = 0; i < 2000; ++i) publish_fix();
  core_->link_up();
  sent();
  welcome({}, 20'000);
  std::size_t bytes = 0;
  for (const Message& message : sent()) bytes += message.size();
  EXPECT_LE(bytes, 20'000u);
  EXPECT_GT(bytes, 18'000u);
  ack({{1, 10}}, 40'000);
  for (const Message& message : sent()) bytes += message.size();
  EXPECT_LE(bytes, 40'000u);
  EXPECT_GT(bytes, 36'000u);
}

TEST_F(TrackerCoreTest, refusals_are_told_with_code_and_reason) {
  publish_fix();
  greet();
  sent();
  wire::AckT message;
  auto& refused = message.refused.emplace_back(std::make_unique<wire::RefusedT>());
  refused->numbers = std::make_unique<wire::NumberRange>(1, 1);
  refused->code = wire::Refusal::BadTime;
  refused->reason = "too old";
  core_->on_message(packed<wire::Ack>(message));
  const auto deliveries = core_->take_deliveries();
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries[0].outcome, Outcome::Refused);
  EXPECT_EQ(deliveries[0].code, Refusal::BadTime);
  EXPECT_EQ(deliveries[0].reason, "too old");
  EXPECT_TRUE(core_->all_settled());
}

TEST_F(TrackerCoreTest, silence_while_an_answer_is_due_brings_a_hello_and_then_a_new_link) {
  publish_fix();
  greet();
  sent();
  const std::int64_t at = core_->next_wakeup_us();
  EXPECT_LE(at - clock_.monotonic_us(), 5'000'000);
  clock_.advance_us(5'000'000);
  core_->tick();
  EXPECT_EQ(as<wire::Hello>(sent().at(0)).protocol, kProtocolVersion);
  EXPECT_EQ(core_->stats().link, LinkState::Stale);
  bool reconnects = false;
  for (int i = 0; i < 5 && !reconnects; ++i) {
    clock_.advance_us(std::max<std::int64_t>(core_->next_wakeup_us() - clock_.monotonic_us(), 0));
    core_->tick();
    sent();
    reconnects = core_->take_reconnect();
  }
  EXPECT_TRUE(reconnects);
}

TEST_F(TrackerCoreTest, an_idle_tracker_says_nothing) {
  greet();
  clock_.advance_us(600'000'000);
  core_->tick();
  EXPECT_TRUE(sent().empty());
}

TEST_F(TrackerCoreTest, rejected_for_a_while_waits_as_long_as_it_is_told) {
  publish_fix();
  core_->link_up();
  sent();
  core_->on_message(make_rejected(wire::Refusal::NotReady, "starting", 3000));
  EXPECT_TRUE(sent().empty());
  clock_.advance_us(2'900'000);
  core_->tick();
  EXPECT_TRUE(sent().empty());
  clock_.advance_us(1'000'000);
  core_->tick();
  EXPECT_EQ(sent().size(), 1u);
  EXPECT_EQ(core_->stats().last_rejection, Refusal::NotReady);
}

TEST_F(TrackerCoreTest, when_the_hub_has_no_room_for_holes_the_lowest_numbers_go_first) {
  for (int i = 0; i < 100; ++i) {
    publish_event();
    publish_fix();
  }
  greet();
  EXPECT_EQ(as<wire::Batch>(sent()[0]).fixes.size(), 0u);  // events alone fit
  wire::RejectedT rejected;
  rejected.code = wire::Refusal::TooManyHoles;
  rejected.retry_after_ms = 1000;
  core_->on_message(packed<wire::Rejected>(rejected));
  clock_.advance_us(2'000'000);
  core_->tick();
  sent();
  welcome();
  std::uint64_t next = 1;
  for (const Message& message : sent()) {
    IntervalSet numbers;
    const auto batch = as<wire::Batch>(message);
    for (const auto& event : batch.events) numbers.add(event->number, event->number);
    for (const auto& section : batch.fixes) {
      numbers.add(section->first_number, section->first_number + section->fixes.size() - 1);
    }
    ASSERT_EQ(numbers.intervals().size(), 1u);
    EXPECT_EQ(numbers.intervals().front().first, next);
    next = numbers.intervals().front().last + 1;
  }
  EXPECT_EQ(next, 201u);
}

TEST_F(TrackerCoreTest, one_poisonous_message_is_found_and_given_up) {
  for (int i = 0; i < 3; ++i) publish_fix();
  greet();
  std::vector<Delivery> deliveries;
  for (int round = 0; round < 60 && !core_->all_settled(); ++round) {
    const std::vector<Message> messages = sent();
    for (const Message& message : messages) {
      if (has_identifier<wire::Hello>(message)) {
        welcome();
        continue;
      }
      const auto batch = as<wire::Batch>(message);
      std::vector<wire::NumberRange> taken;
      bool poison = false;
      for (const auto& fixes : batch.fixes) {
        const std::uint64_t last = fixes->first_number + fixes->fixes.size() - 1;
        poison |= fixes->first_number <= 2 && last >= 2;
        taken.emplace_back(fixes->first_number, last);
      }
      for (const auto& range : batch.given_up) taken.push_back(range);
      if (poison) {
        core_->on_message(make_rejected(wire::Refusal::BadValue, "poison", 0));
      } else {
        ack(taken);
      }
    }
    for (Delivery& delivery : core_->take_deliveries()) deliveries.push_back(delivery);
    if (messages.empty()) clock_.advance_us(500'000);
    core_->tick();
  }
  EXPECT_TRUE(core_->all_settled());
  std::uint64_t refused = 0;
  for (const Delivery& delivery : deliveries) {
    if (delivery.outcome == Outcome::Refused) refused = delivery.first;
  }
  EXPECT_EQ(refused, 2u);
}

TEST_F(TrackerCoreTest, a_closed_spool_ends_the_tracker_with_its_reason) {
  core_->link_up();
  sent();
  core_->on_message(make_rejected(wire::Refusal::SpoolClosed, "silent for 90 days", 0));
  ASSERT_TRUE(core_->fault());
  EXPECT_EQ(core_->fault()->code, FaultCode::Closed);
  EXPECT_FALSE(core_->publish(MessageKind::Fix, {}));
}

TEST_F(TrackerCoreTest, a_full_spool_gives_up_the_oldest_fixes_and_keeps_events) {
  start({.spool_messages_max = 100});
  const std::uint64_t event = publish_event();
  for (int i = 0; i < 500; ++i) publish_fix();
  EXPECT_LE(spool_.usage().messages, 100u);
  std::uint64_t given_up = 0;
  for (const Delivery& delivery : core_->take_deliveries()) {
    EXPECT_EQ(delivery.outcome, Outcome::GivenUp);
    given_up += delivery.last - delivery.first + 1;
  }
  EXPECT_EQ(given_up, 501 - spool_.usage().messages);
  greet();
  const auto batches = sent();
  const auto batch = as<wire::Batch>(batches.at(0));
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(batch.events[0]->number, event);
  ASSERT_EQ(batch.given_up.size(), 1u) << "the hub is told";
  EXPECT_EQ(batch.given_up[0].first(), 2u);
  EXPECT_EQ(batch.given_up[0].last(), given_up + 1);
}

TEST_F(TrackerCoreTest, events_are_given_up_only_when_nothing_else_is_left) {
  start({.spool_messages_max = 10});
  for (int i = 0; i < 5; ++i) publish_fix();
  for (int i = 0; i < 10; ++i) publish_event();
  EXPECT_EQ(spool_.usage().messages, 10u);
  std::uint64_t given_up = 0;
  for (const Delivery& delivery : core_->take_deliveries()) {
    given_up += delivery.last - delivery.first + 1;
    EXPECT_LE(delivery.last, 5u);
  }
  EXPECT_EQ(given_up, 5u);
  publish_event();
  EXPECT_LE(spool_.usage().messages, 10u);
}

TEST_F(TrackerCoreTest, a_spool_that_refuses_says_that_it_is_full) {
  start({.spool_messages_max = 3, .when_full = WhenFull::Refuse});
  for (int i = 0; i < 3; ++i) publish_fix();
  Fix fix;
  fix.unit = "red/alpha";
  fix.true_time_us = clock_.utc_us();
  EXPECT_EQ(core_->publish(MessageKind::Fix, *encode(fix)).fault().code, FaultCode::Unavailable);
  greet();
  sent();
  ack({{1, 3}});
  ASSERT_TRUE(core_->tidy());
  EXPECT_TRUE(core_->publish(MessageKind::Fix, *encode(fix)));
}

TEST_F(TrackerCoreTest, a_restart_sends_what_the_spool_kept) {
  for (int i = 0; i < 3; ++i) publish_fix();
  start({});
  EXPECT_FALSE(core_->all_settled());
  const std::uint64_t next = publish_fix();
  EXPECT_GT(next, 3u);
  greet();
  const auto batch = as<wire::Batch>(sent().at(0));
  EXPECT_EQ(batch.fixes.front()->first_number, 1u);
  EXPECT_EQ(batch.given_up.size(), 1u) << "numbers reserved before the restart";
}

TEST_F(TrackerCoreTest, one_that_is_turned_away_says_why_and_connects_anew_ever_more_seldom) {
  publish_fix();
  std::int64_t waited_us = 0;
  for (int attempt = 0; attempt < 8; ++attempt) {
    core_->turned_away(Refusal::Revoked, "the hub does not know this key");
    EXPECT_EQ(core_->stats().link, LinkState::Refused);
    EXPECT_EQ(core_->stats().last_rejection, Refusal::Revoked);
    EXPECT_TRUE(sent().empty());
    EXPECT_FALSE(core_->take_reconnect());
    const std::int64_t wait_us = core_->next_wakeup_us() - clock_.monotonic_us();
    EXPECT_GT(wait_us, 0);
    EXPECT_LE(wait_us, 60'000'000);
    waited_us += wait_us;
    clock_.advance_us(wait_us);
    core_->tick();
    EXPECT_TRUE(core_->take_reconnect());
    EXPECT_FALSE(core_->take_reconnect());
  }
  EXPECT_GT(waited_us, 60'000'000);
  greet();  // it has got a key that is known
  EXPECT_EQ(core_->stats().link, LinkState::Live);
  EXPECT_EQ(sent().size(), 1u);
  EXPECT_EQ(core_->stats().waiting, 1u) << "nothing was lost meanwhile";
}

TEST_F(TrackerCoreTest, a_key_that_is_revoked_in_the_middle_loses_nothing) {
  greet();
  publish_fix();
  ASSERT_EQ(sent().size(), 1u);
  wire::RejectedT revoked;
  revoked.code = wire::Refusal::Revoked;
  revoked.reason = "no more";
  core_->on_message(packed<wire::Rejected>(revoked));
  EXPECT_EQ(core_->stats().link, LinkState::Refused);
  clock_.advance_us(core_->next_wakeup_us() - clock_.monotonic_us());
  core_->tick();
  EXPECT_TRUE(core_->take_reconnect());
  greet();
  EXPECT_EQ(sent().size(), 1u) << "it is sent again";
}

TEST_F(TrackerCoreTest, tells_who_the_hub_takes_it_for) {
  core_->link_up();
  ASSERT_EQ(sent().size(), 1u);
  wire::WelcomeT message;
  message.granted_bytes = 1 << 20;
  message.name = "red/alpha";
  message.invite = std::make_unique<wire::InviteT>();
  message.invite->key = std::string(64, 'a');
  message.invite->role = wire::Role::Gateway;
  core_->on_message(packed<wire::Welcome>(message));
  const auto taken = core_->stats().taken_for;
  ASSERT_NE(taken, nullptr);
  EXPECT_EQ(taken->name, "red/alpha");
  EXPECT_FALSE(taken->identity);
  ASSERT_TRUE(taken->invite);
  EXPECT_EQ(taken->invite->role, Role::Gateway);
}

}  // namespace
}  // namespace vigie::client
