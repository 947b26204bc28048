// One browser's conversation, as PROTOCOL.md has it: what it may say, what it is answered, and when
// it is sent away.

#include "clients/web/server/live/browser.h"

#include <gmock/gmock.h>

#include "tests/unit/clients/web/live/live_room.h"

namespace vigie::web::test {
namespace {

using ::testing::HasSubstr;

class BrowserTest : public LiveRoom {
 protected:
  /// Says it, and takes what is answered at once.
  void say(TestBrowser& page, const std::string& text) {
    page.say(text);
    net.run_posted();
  }
  bool until_closed(TestBrowser& page) {
    return net.run_until([&] { return page.closed.has_value(); });
  }
};

TEST_F(BrowserTest, IsGreetedFirstAndToldHowTheLinkStands) {
  const auto page = browser();
  ASSERT_TRUE(net.run_until([&] { return page->texts.size() >= 2; }));
  EXPECT_EQ(page->texts[0]["type"], "hello");
  EXPECT_EQ(page->texts[0]["viewer"]["account"], "ann");
  EXPECT_EQ(page->texts[0]["server"], "vigie-web test");
  EXPECT_EQ(page->texts[1]["type"], "link");
  EXPECT_TRUE(page->frames.empty()) << "nothing is shown before it is asked for";
}

TEST_F(BrowserTest, IsShownThePictureWhenItOpensAndEachFixAsItComes) {
  hub.move("a/one");
  hub.tell_card("a/one", "ONE");
  const auto page = opened();
  EXPECT_EQ(page->last("opened")["overdue_after_ms"], 30'000);
  EXPECT_EQ(page->last("opened")["resumed"], false);
  EXPECT_EQ(page->page.cards().size(), 1u);
  for (int i = 0; i < 20; ++i) until_had(hub.move("a/one"));
  EXPECT_TRUE(net.run_until([&] { return page->page.fixes() == 20u; }));
  EXPECT_EQ(watches().counters().browsers_riding, 1u);
}

TEST_F(BrowserTest, MayOpenBeforeThereIsAPicture) {
  hub.go_away();
  const auto page = browser();
  page->open();
  net.run_posted();
  EXPECT_EQ(page->texts_of("opened"), 0u);
  EXPECT_EQ(watches().counters().browsers_waiting, 1u);
  say(*page, R"({"type":"interest","units":["a/one"]})");
  hub.move("a/one");
  hub.move("a/two");
  hub.come_back();
  ASSERT_TRUE(net.run_until([&] { return page->page.snapshots() == 1; }));
  EXPECT_EQ(page->page.shown().count("a/two"), 0u) << "the interest is the newest one";
  EXPECT_EQ(page->page.shown().count("a/one"), 1u);
}

TEST_F(BrowserTest, MustOpenFirst) {
  const auto page = browser();
  say(*page, R"({"type":"probe","id":1})");
  EXPECT_EQ(page->closed, 4000);
  EXPECT_EQ(page->close_code, "protocol");
  EXPECT_EQ(page->close_reason, "type must be \"open\" in the first message");
}

TEST_F(BrowserTest, MustOpenInTime) {
  const auto page = browser();
  clock.advance(std::chrono::seconds(11));
  ASSERT_TRUE(until_closed(*page));
  EXPECT_EQ(page->closed, 4000);
  EXPECT_EQ(page->close_code, "protocol");
  EXPECT_EQ(page->close_reason, "no message of type \"open\" came");
}

TEST_F(BrowserTest, IsClosedWithTheFieldsNameWhereItBreaksTheProtocol) {
  const auto page = opened();
  say(*page, "{\"type\":");
  EXPECT_EQ(page->closed, 4000);
  EXPECT_EQ(page->close_code, "protocol");
  EXPECT_FALSE(page->close_reason.empty());
  EXPECT_EQ(watches().counters().closed_protocol, 1u);
}

TEST_F(BrowserTest, IsToldWhyARequestIsRefusedAndGoesOn) {
  const auto page = opened();
  say(*page, R"({"type":"interest","pace_ms":60001})");
  EXPECT_EQ(page->last("error")["about"], "interest");
  EXPECT_THAT(page->last("error")["reason"].get<std::string>(), HasSubstr("pace_ms"));
  say(*page, R"({"type":"dance"})");
  EXPECT_EQ(page->last("error")["code"], "unknown_type");
  page->open();
  net.run_posted();
  EXPECT_EQ(page->last("error")["code"], "already_open");
  EXPECT_FALSE(page->closed);
  EXPECT_EQ(watches().counters().messages_refused, 3u);
}

TEST_F(BrowserTest, IsToldHowOldTheHubsLastWordIs) {
  const auto page = opened();
  hub.hold(true);
  clock.advance(std::chrono::seconds(90));
  say(*page, R"({"type":"probe","id":7})");
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("probe") == 1; }));
  EXPECT_EQ(page->last("probe")["id"], 7);
  EXPECT_EQ(page->last("probe")["waited_ms"], -1) << "it was not heard in all the patience";
  EXPECT_GE(page->last("probe")["hub_age_ms"], 3'000);
}

TEST_F(BrowserTest, IsToldThatTheHubDoesNotHearThoughItSpeaks) {
  const auto page = opened();
  say(*page, R"({"type":"probe","id":1})");
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("probe") == 1; }));
  EXPECT_GE(page->last("probe")["waited_ms"], 0);
  hub.be_deaf(true);
  say(*page, R"({"type":"probe","id":2})");
  until_had(hub.say("a/one"));
  EXPECT_EQ(page->texts_of("probe"), 1u) << "its words alone do not answer";
  clock.advance(std::chrono::seconds(4));
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("probe") == 2; }));
  EXPECT_EQ(page->last("probe")["waited_ms"], -1);
}

TEST_F(BrowserTest, IsTurnedAwayWhenTheServerHasAsManyAsItMay) {
  options.browsers_max = 2;
  const auto first = opened();
  auto second = opened({}, "bob");
  const auto third = browser("eve");
  EXPECT_EQ(third->closed, 1013);
  EXPECT_EQ(third->close_code, "server_full");
  second->leave();
  EXPECT_FALSE(opened({}, "eve")->closed) << "a place that is free again is given";
}

TEST_F(BrowserTest, IsTurnedAwayWhenItsAccountHasAsManyAsItMay) {
  options.browsers_per_account = 1;
  auto first = opened();
  const auto second = browser();
  EXPECT_EQ(second->closed, 1008);
  EXPECT_EQ(second->close_code, "account_full");
  EXPECT_FALSE(browser("bob")->closed) << "others have their own";
  first->leave();
  EXPECT_FALSE(browser()->closed);
}

TEST_F(BrowserTest, EndsWithItsSessionAndLeavesOthersAlone) {
  const auto anns = opened();
  const auto bobs = opened({}, "bob");
  EXPECT_EQ(gate.watched(), 2u);
  gate.end("session of bob");
  EXPECT_EQ(bobs->closed, 1008);
  EXPECT_EQ(bobs->close_code, "signed_out");
  EXPECT_FALSE(anns->closed);
  net.run_posted();
  EXPECT_EQ(gate.watched(), 1u);
  EXPECT_EQ(watches().counters().browsers, 1u);
}

TEST_F(BrowserTest, IsClosedWhenItTakesNothingForTooLong) {
  hub.move("a/one");
  const auto page = opened();
  page->stall();
  until_had(hub.move("a/one"));
  clock.advance(std::chrono::seconds(55));
  pass_a_tick();
  EXPECT_FALSE(page->closed);
  clock.advance(std::chrono::seconds(10));
  ASSERT_TRUE(until_closed(*page));
  EXPECT_EQ(page->closed, 1013);
  EXPECT_EQ(page->close_code, "page_slow");
  EXPECT_EQ(watches().counters().closed_deaf, 1u);
}

TEST_F(BrowserTest, IsClosedWhenItSaysMoreThanAHundredThingsASecond) {
  const auto page = opened();
  pass_a_tick();
  for (int i = 0; i < 100; ++i) page->say(R"({"type":"interest"})");
  EXPECT_FALSE(page->closed);
  page->say(R"({"type":"interest"})");
  EXPECT_EQ(page->closed, 1008);
  EXPECT_EQ(page->close_code, "flooding");
}

TEST_F(BrowserTest, IsClosedWhenItAsksMoreThanItTakesAnswers) {
  const auto page = opened();
  page->stall();
  for (int i = 0; i < 90 && !page->closed; ++i) page->say(R"({"type":"probe","id":1})");
  EXPECT_EQ(page->closed, 1008);
  EXPECT_EQ(page->close_code, "flooding");
}

TEST_F(BrowserTest, HearsSomethingNowAndThenWhereThereIsNoTraffic) {
  const auto page = opened();
  const std::size_t links = page->texts_of("link");
  clock.advance(std::chrono::seconds(21));
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("link") > links; }));
}

TEST_F(BrowserTest, IsSentTheSameAsJsonWhenItAsksForThat) {
  hub.move("a/one");
  const auto page = browser();
  page->open({{"format", "json"}});
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("frame") == 1; }));
  EXPECT_EQ(page->last("frame")["fixes"].size(), 1u);
  until_had(hub.say("a/one", "heard"));
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("frame") == 2; }));
  EXPECT_EQ(page->last("frame")["events"][0]["text"], "heard");
  EXPECT_TRUE(page->frames.empty());
}

TEST_F(BrowserTest, ComesBackByItsTokenToWhatItDoesNotHave) {
  hub.move("a/one");
  hub.say("a/one", "before");
  auto first = opened();
  // Something since the picture was listed: what stands at that very place is listed again.
  const std::uint64_t moved = hub.move("a/one");
  until_had(moved);
  ASSERT_TRUE(net.run_until([&] { return first->page.fix_seq() >= moved; }));
  const Json token = {{"log", first->last("opened")["log"]},
                      {"event_seq", first->page.event_seq()},
                      {"fix_seq", first->page.fix_seq()}};
  first->leave();
  until_had(hub.say("a/one", "between"));
  const auto again = browser();
  again->open({{"resume", token}});
  ASSERT_TRUE(net.run_until([&] { return again->page.events().size() == 1; }));
  EXPECT_EQ(again->last("opened")["resumed"], true);
  EXPECT_EQ(again->page.snapshots(), 0u);
  EXPECT_EQ(watches().counters().resumed, 1u);
}

TEST_F(BrowserTest, GetsASnapshotForTheTokenOfAnotherLog) {
  hub.move("a/one");
  const auto page =
      opened({{"resume", {{"log", std::string(32, '0')}, {"event_seq", 1}, {"fix_seq", 1}}}});
  EXPECT_EQ(page->last("opened")["resumed"], false);
  EXPECT_EQ(page->page.shown().size(), 1u);
}

}  // namespace
}  // namespace vigie::web::test
