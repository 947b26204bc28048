// What a session does where the hub does not know who it is.

#include "clients/cpp/core/session.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/clients/cpp/manual_clock.h"

namespace vigie::client {
namespace {

struct SessionTest : testing::Test {
  ManualClock clock;
  std::vector<Item> items;
  Session session{
      {}, clock, [engine = std::mt19937_64(4)]() mutable { return engine(); }, [](wire::OpenT&) {}};

  bool sends() { return session.next_message(0).has_value(); }
  /// Of the next message, a credit; 0: none is sent, or it asks nothing.
  std::uint64_t probe_sent() {
    const auto message = session.next_message(0);
    const auto* credit = message ? verified<wire::Credit>(*message) : nullptr;
    return credit == nullptr ? 0 : credit->probe();
  }
  void say_back(std::uint64_t probe) {
    wire::HeartbeatT beat;
    beat.probe = probe;
    session.on_message(packed<wire::Heartbeat>(beat), items);
  }
  void pass_time() {
    clock.advance_us(session.next_wakeup_us() - clock.monotonic_us());
    session.tick(items);
  }
  void open() {
    session.link_up();
    be_opened();
  }
  void be_opened() {
    ASSERT_TRUE(sends());
    wire::OpenedT opened;
    opened.position = std::make_unique<wire::Token>();
    session.on_message(packed<wire::Opened>(opened), items);
  }
  void deny(wire::Refusal code) {
    wire::DeniedT denied;
    denied.code = code;
    denied.reason = "no more";
    session.on_message(packed<wire::Denied>(denied), items);
  }
};

TEST_F(SessionTest, that_is_stale_lets_a_program_know_why) {
  const auto why = [this] {
    EXPECT_EQ(session.link().state, LinkState::Stale);
    return session.link().stale;
  };
  open();
  const std::int64_t heard_us = clock.utc_us();
  clock.advance_us(40'000);
  session.link_down(items);
  EXPECT_EQ(why(), Stale::Cut);
  EXPECT_EQ(session.link().since_us, heard_us);
  session.link_up();
  pass_time();
  be_opened();
  session.reopen("a hole was not filled", items);
  EXPECT_EQ(why(), Stale::Anew);
  pass_time();
  be_opened();
  for (int turn = 0; turn < 10 && session.link().state == LinkState::Live; ++turn) {
    pass_time();
    sends();
  }
  EXPECT_EQ(why(), Stale::Silent);
}

TEST_F(SessionTest, that_is_turned_away_says_why_and_connects_anew_ever_more_seldom) {
  std::int64_t last_us = 0;
  for (int attempt = 0; attempt < 8; ++attempt) {
    session.turned_away(Refusal::Revoked, "the hub does not know this key", items);
    EXPECT_EQ(session.link().state, LinkState::Refused);
    EXPECT_EQ(session.link().code, Refusal::Revoked);
    EXPECT_FALSE(sends());
    EXPECT_FALSE(session.take_reconnect());
    last_us = session.next_wakeup_us() - clock.monotonic_us();
    EXPECT_LE(last_us, 60'000'000);
    pass_time();
    EXPECT_TRUE(session.take_reconnect());
    EXPECT_FALSE(session.take_reconnect());
  }
  EXPECT_GE(last_us, 30'000'000);
  EXPECT_EQ(items.size(), 1u) << "it is said once";
  open();
  EXPECT_EQ(session.link().state, LinkState::Live);
}

TEST_F(SessionTest, that_is_denied_because_its_key_was_revoked_tries_another_connection) {
  session.link_up();
  ASSERT_TRUE(sends());
  deny(wire::Refusal::Revoked);
  EXPECT_EQ(session.link().state, LinkState::Refused);
  EXPECT_NE(session.state(), Session::State::Over) << "its key file may hold another key by then";
  pass_time();
  EXPECT_TRUE(session.take_reconnect());
}

TEST_F(SessionTest, that_is_denied_for_what_it_asks_is_over) {
  session.link_up();
  ASSERT_TRUE(sends());
  deny(wire::Refusal::NotEntitled);
  EXPECT_EQ(session.state(), Session::State::Over);
}

TEST_F(SessionTest, that_is_cut_while_it_waits_to_connect_anew_still_does) {
  open();
  session.turned_away(Refusal::Revoked, "no more", items);
  session.link_down(items);
  EXPECT_EQ(session.link().state, LinkState::Refused);
  pass_time();
  EXPECT_TRUE(session.take_reconnect());
}

TEST_F(SessionTest, that_was_denied_and_then_let_in_goes_on_counting_over_a_refill) {
  session.link_up();
  ASSERT_TRUE(sends());
  wire::DeniedT busy;
  busy.code = wire::Refusal::NotReady;
  busy.retry_after_ms = 100;
  session.on_message(packed<wire::Denied>(busy), items);
  pass_time();
  ASSERT_TRUE(sends());
  wire::OpenedT opened;
  opened.position = std::make_unique<wire::Token>();
  session.on_message(packed<wire::Opened>(opened), items);
  EXPECT_EQ(session.opens(), 1u);
  session.on_message(packed<wire::Opened>(opened), items);
  EXPECT_EQ(session.opens(), 1u) << "it answers a refill, and is no other session";
}

TEST_F(SessionTest, says_close_though_its_open_was_not_answered_yet) {
  session.link_up();
  session.end(Refusal::None, "closed", items);
  EXPECT_FALSE(sends()) << "nothing was asked";
  Session other{
      {}, clock, [engine = std::mt19937_64(4)]() mutable { return engine(); }, [](wire::OpenT&) {}};
  other.link_up();
  ASSERT_TRUE(other.next_message(0));
  other.end(Refusal::None, "closed", items);
  const auto message = other.next_message(0);
  ASSERT_TRUE(message);
  EXPECT_NE(verified<wire::Close>(*message), nullptr);
}

TEST_F(SessionTest, asks_the_hub_to_say_a_number_back_and_knows_how_long_that_took) {
  open();
  static_cast<void>(sends());
  session.probe(3);
  EXPECT_EQ(probe_sent(), 3u);
  EXPECT_FALSE(sends()) << "once";
  say_back(9);
  EXPECT_EQ(session.probed(), 0u) << "nobody asked for that";
  clock.advance_us(40'000);
  say_back(3);
  EXPECT_EQ(session.probed(), 3u);
  EXPECT_EQ(session.probe_took_us(), 40'000);
  say_back(0);
  EXPECT_EQ(session.probed(), 3u) << "a heartbeat of itself says nothing of it";
}

TEST_F(SessionTest, asks_again_on_the_next_session_what_the_last_one_did_not_answer) {
  open();
  static_cast<void>(sends());
  session.probe(3);
  EXPECT_EQ(probe_sent(), 3u);
  session.link_down(items);
  session.link_up();
  pass_time();
  ASSERT_TRUE(sends());
  wire::OpenedT opened;
  opened.position = std::make_unique<wire::Token>();
  session.on_message(packed<wire::Opened>(opened), items);
  EXPECT_EQ(probe_sent(), 3u);
  say_back(3);
  EXPECT_EQ(session.probed(), 3u);
}

}  // namespace
}  // namespace vigie::client
