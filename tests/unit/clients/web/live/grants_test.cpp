// Browsers that look by a grant that has terms: a watch of their own, under whose name everything
// is asked for. What terms withhold is the hub's to judge: the hub of these tests only tells them.

#include <gmock/gmock.h>

#include "clients/web/server/live/browser.h"
#include "tests/unit/clients/web/live/live_room.h"

namespace vigie::web::test {
namespace {

using ::testing::HasSubstr;

class GrantsTest : public LiveRoom {
 protected:
  static hub_wire::GrantT content() {
    hub_wire::GrantT grant;
    grant.to = "bravo";
    grant.delay_s = 600;
    grant.round_m = 500;
    return grant;
  }
  /// The room knows of it.
  void granted(const std::string& name = "alpha/aid") {
    hub.grant(name, content());
    ASSERT_TRUE(net.run_until([&] { return knows(name); }));
  }
  bool knows(const std::string& name) {
    for (const GrantTold& one : watches().watch_of(viewer())->grants()) {
      if (one.name == name) return true;
    }
    return false;
  }
  std::unique_ptr<TestBrowser> opened_by(const std::string& grant, Json more = Json::object()) {
    more["grant"] = grant;
    return opened(std::move(more));
  }
  /// Grants that sessions of this mode were asked for by, in order.
  std::vector<std::string> asked_by(hub_wire::Mode mode) const {
    std::vector<std::string> by;
    for (const ListenHub::Asked& one : hub.asked()) {
      if (one.mode == mode) by.push_back(one.grant);
    }
    return by;
  }
  Watch& by_grant(const std::string& name) {
    return *watches().watch_of(viewer(), GrantTold{name, {}});
  }
};

TEST_F(GrantsTest, AreToldWithTheirTermsWhenAViewIsOpenedAndWhenTheyChange) {
  const auto page = opened();
  EXPECT_EQ(page->last("opened")["grants"], Json::array());
  EXPECT_TRUE(page->last("opened")["grant"].is_null());
  hub.grant("alpha/aid", content());
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("grants") == 1; }));
  const Json told = page->last("grants")["grants"][0];
  EXPECT_EQ(told["name"], "alpha/aid");
  EXPECT_EQ(told["terms"]["delay_s"], 600);
  EXPECT_EQ(told["terms"]["round_m"], 500);
  EXPECT_TRUE(told["terms"]["ends_us"].is_null());
  EXPECT_EQ(opened()->last("opened")["grants"][0], told);
  hub.end_grant("alpha/aid", content());
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("grants") == 2; }));
  EXPECT_EQ(page->last("grants")["grants"], Json::array());
}

TEST_F(GrantsTest, AreRefusedToWhoeverWaitsForTheirPictureAndAsksAgainAtOnce) {
  granted();
  hub.hold(true);
  const GrantTold told{"alpha/aid", {}};
  std::optional<bool> complete;
  watches().watch_of(viewer(), told)->when_complete(std::chrono::seconds(10), [&](bool is) {
    complete = is;
    // Ends the watch that was refused, and opens another.
    EXPECT_NE(watches().watch_of(viewer(), told), nullptr);
  });
  ASSERT_TRUE(net.run_until([&] { return asked_by(hub_wire::Mode::Live).back() == "alpha/aid"; }));
  hub.deny(hub_wire::Refusal::NotEntitled, "it has ended", 0, true);
  ASSERT_TRUE(net.run_until([&] { return complete.has_value(); }));
  EXPECT_FALSE(*complete);
}

TEST_F(GrantsTest, HaveAWatchOfTheirOwnThatAllBrowsersOfTheIdentityShare) {
  granted();
  const auto own = opened();
  const auto page = opened_by("alpha/aid");
  const auto other = opened_by("alpha/aid");
  EXPECT_EQ(page->last("opened")["grant"]["terms"]["round_m"], 500);
  EXPECT_EQ(asked_by(hub_wire::Mode::Live).back(), "alpha/aid");
  EXPECT_EQ(hub.sessions(hub_wire::Mode::Live), 2u) << "one without, one by the grant";
  EXPECT_EQ(watches().counters().watches, 2u);
  EXPECT_NE(own->last("opened")["log"], page->last("opened")["log"]);
  EXPECT_EQ(page->last("opened")["log"], other->last("opened")["log"]);
}

TEST_F(GrantsTest, CountWhatTheTermsHoldBackAsInTime) {
  granted();
  const auto page = opened_by("alpha/aid");
  EXPECT_EQ(page->last("opened")["overdue_after_ms"], 30'000 + 601'000);
  EXPECT_EQ(page->last("opened")["silent_after_ms"], 120'000 + 601'000);
}

TEST_F(GrantsTest, AreRefusedByNameWhereTheHubDidNotNameThemAndNothingIsAskedOfIt) {
  granted();
  const auto page = browser();
  page->open({{"grant", "alpha/other"}});
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("error") == 1; }));
  EXPECT_EQ(page->last("error")["code"], "no_such_grant");
  EXPECT_EQ(page->last("error")["about"], "open");
  EXPECT_THAT(page->last("error")["reason"].get<std::string>(), HasSubstr("'alpha/other'"));
  EXPECT_THAT(asked_by(hub_wire::Mode::Live), ::testing::Each(std::string()));
  EXPECT_EQ(watches().counters().watches, 1u);
  page->open();
  EXPECT_TRUE(net.run_until([&] { return page->page.snapshots() != 0; })) << "it may open still";
}

TEST_F(GrantsTest, ThatEndLeaveNothingOnTheScreenAndAreNotAskedForAgain) {
  granted();
  hub.move("alpha/v1");
  const auto page = opened_by("alpha/aid");
  ASSERT_TRUE(net.run_until([&] { return page->page.shown().size() == 1; }));
  hub.end_grant("alpha/aid", content());
  ASSERT_TRUE(net.run_until([&] { return page->last("link")["state"] == "refused"; }));
  ASSERT_TRUE(net.run_until([&] { return page->page.shown().empty(); }));
  EXPECT_EQ(page->last("link")["code"], "not_entitled");
  EXPECT_THAT(page->last("link")["reason"].get<std::string>(), HasSubstr("'alpha/aid'"));
  const std::size_t asked = hub.asked().size();
  clock.advance(std::chrono::seconds(30));
  pass_a_tick();
  EXPECT_EQ(hub.asked().size(), asked);
}

TEST_F(GrantsTest, EndByTheirTimeThoughTheHubIsAway) {
  hub_wire::GrantT grant = content();
  grant.ends_us = ListenHub::kBeginUs + 5'000'000;  // this hub's clock is where its log is
  hub.grant("alpha/aid", grant);
  ASSERT_TRUE(net.run_until([&] { return knows("alpha/aid"); }));
  hub.move("alpha/v1");
  const auto page = opened_by("alpha/aid");
  ASSERT_TRUE(net.run_until([&] { return page->page.shown().size() == 1; }));
  hub.go_away();
  ASSERT_TRUE(net.run_until([&] { return page->last("link")["code"] == "not_entitled"; }));
  EXPECT_TRUE(net.run_until([&] { return page->page.shown().empty(); }));
  hub.come_back();
}

TEST_F(GrantsTest, GiveNoPlaceInAnotherView) {
  granted();
  granted("alpha/other");
  const auto own = opened();
  const auto page = opened_by("alpha/aid");
  const auto resume = [](const TestBrowser& of) {
    return Json{{"log", of.last("opened")["log"]}, {"event_seq", 1}, {"fix_seq", 1}};
  };
  EXPECT_EQ(opened_by("alpha/aid", {{"resume", resume(*own)}})->last("opened")["resumed"], false);
  EXPECT_EQ(opened_by("alpha/other", {{"resume", resume(*page)}})->last("opened")["resumed"],
            false);
  EXPECT_EQ(opened({{"resume", resume(*page)}})->last("opened")["resumed"], false);
  const auto again = browser();
  again->open({{"grant", "alpha/aid"}, {"resume", resume(*page)}});
  ASSERT_TRUE(net.run_until([&] { return again->texts_of("opened") == 1; }));
  EXPECT_EQ(again->last("opened")["resumed"], true);
}

TEST_F(GrantsTest, AreNamedWhereMissedEventsAndThePastAreAskedFor) {
  hub.say("alpha/v1", "one");
  hub.say("alpha/v1", "two");
  granted();
  const auto before = opened_by("alpha/aid");
  const auto page = browser();
  page->open(
      {{"grant", "alpha/aid"},
       {"resume", {{"log", before->last("opened")["log"]}, {"event_seq", 1}, {"fix_seq", 0}}}});
  ASSERT_TRUE(net.run_until([&] { return page->page.events().size() == 1; }));
  EXPECT_EQ(asked_by(hub_wire::Mode::Live).back(), "alpha/aid");
  page->say_json({{"type", "past"},
                  {"request", 1},
                  {"clock", "known"},
                  {"time_us", ListenHub::kBeginUs + 1'000'000}});
  ASSERT_TRUE(net.run_until([&] { return page->last("past")["phase"] == "ended"; }));
  EXPECT_THAT(asked_by(hub_wire::Mode::Replay), ::testing::ElementsAre("alpha/aid"));
  EXPECT_THAT(asked_by(hub_wire::Mode::Snapshot), ::testing::ElementsAre("alpha/aid"));
}

TEST_F(GrantsTest, AreNotReadByTrueTime) {
  granted();
  const auto page = opened_by("alpha/aid");
  page->say_json({{"type", "past"}, {"request", 1}, {"time_us", ListenHub::kBeginUs}});
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("past") == 1; }));
  EXPECT_EQ(page->last("past")["phase"], "failed");
  EXPECT_EQ(page->last("past")["code"], "bad_field");
  EXPECT_THAT(page->last("past")["reason"].get<std::string>(), HasSubstr("clock is \"true\""));
  EXPECT_EQ(hub.opens(hub_wire::Mode::Replay), 0u);
}

TEST_F(GrantsTest, OfOneIdentityAreOpenInABoundedNumberAndThoseLeftLongAgoMakeRoom) {
  options.grants_per_identity = 1;
  granted();
  granted("alpha/other");
  auto page = opened_by("alpha/aid");
  auto second = browser();
  second->open({{"grant", "alpha/other"}});
  ASSERT_TRUE(net.run_until([&] { return second->closed.has_value(); }));
  EXPECT_EQ(second->closed, 1013);
  EXPECT_EQ(second->close_code, "grants_full");
  page->leave();
  clock.advance(std::chrono::seconds(20));
  EXPECT_EQ(opened_by("alpha/other")->texts_of("opened"), 1u);
}

TEST_F(GrantsTest, AreToldOfByAHubThatIsThereAlone) {
  hub.go_away();
  const auto page = browser();
  page->open({{"grant", "alpha/aid"}});
  clock.advance(std::chrono::seconds(6));
  ASSERT_TRUE(net.run_until([&] { return page->texts_of("error") == 1; }));
  EXPECT_EQ(page->last("error")["code"], "hub_away");
  hub.come_back();
}

}  // namespace
}  // namespace vigie::web::test
