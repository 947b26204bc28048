// What a browser is sent next: when it keeps up, falls behind, asked for a pace, or lacks what only
// the hub has any more.

#include <gmock/gmock.h>

#include "tests/unit/clients/web/live/live_room.h"

namespace vigie::web::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class BrowserSendingTest : public LiveRoom {
 protected:
  static std::string unit(int number) { return "a/u" + std::to_string(number); }
  std::uint64_t move_all(int units, int times) {
    std::uint64_t last = 0;
    for (int i = 0; i < units * times; ++i) last = hub.move(unit(i % units));
    return last;
  }
  /// So long that a rider gets off: then one frame more, by which it is seen.
  void fall_behind() {
    clock.advance(std::chrono::seconds(2));
    until_had(hub.move(unit(0)));
  }
  std::string log() { return watches().watch_of(viewer())->log(); }
  /// A browser that was here when `seq` was the newest.
  std::unique_ptr<TestBrowser> returned(std::uint64_t seq, const std::string& account = "ann") {
    auto page = browser(account);
    page->open({{"resume", {{"log", log()}, {"event_seq", seq}, {"fix_seq", 0}}}});
    return page;
  }
  /// Of which the server keeps the last few.
  std::vector<std::uint64_t> sixty_events() {
    options.picture.events_max = 8;
    hub.move(unit(0));
    EXPECT_TRUE(net.run_until([&] { return watches().watch_of(viewer())->complete(); }));
    std::vector<std::uint64_t> events;
    for (int i = 0; i < 60; ++i) events.push_back(hub.say(unit(0)));
    until_had(events.back());
    return events;
  }
};

TEST_F(BrowserSendingTest, SharesOneFrameBetweenAllWhoKeepUp) {
  hub.move(unit(0));
  const auto first = opened();
  const auto second = opened({}, "bob");
  const LiveCounters before = watches().counters();
  for (int i = 0; i < 10; ++i) until_had(hub.move(unit(0)));
  net.run_posted();
  const LiveCounters after = watches().counters();
  EXPECT_EQ(after.frames_encoded - before.frames_encoded, 10u);
  EXPECT_EQ(after.frames_shared - before.frames_shared, 20u);
  EXPECT_EQ(after.frames_own, before.frames_own);
}

TEST_F(BrowserSendingTest, GivesOneThatFellBehindTheEventsFirstAndOfEachUnitTheNewestFix) {
  move_all(10, 1);
  const auto page = opened();
  page->stall();
  std::vector<std::uint64_t> events;
  for (int i = 0; i < 5; ++i) {
    move_all(10, 20);
    events.push_back(hub.say(unit(i)));
    until_had(events.back());
  }
  fall_behind();
  EXPECT_EQ(watches().counters().browsers_behind, 1u);
  const std::size_t had = page->frames.size() + 1;  // one is on its way
  page->go_on();
  ASSERT_TRUE(net.run_until([&] { return page->page.fixes() + page->page.conflated() == 1'001; }));
  EXPECT_EQ(page->page.events(), events);
  for (const LiveUnit& one : watches().watch_of(viewer())->picture().units()) {
    EXPECT_EQ(page->page.shown().at(one.name), one.newest.seq());
  }
  EXPECT_GT(page->page.conflated(), 500u);
  std::size_t last_event = 0;
  std::size_t first_fix = page->frames.size();
  for (std::size_t i = page->frames.size(); i > had; --i) {
    const wire::Frame& frame = *wire::GetFrame(page->frames[i - 1].data());
    if (frame.events() != nullptr) last_event = std::max(last_event, i);
    if (frame.fixes() != nullptr) first_fix = i;
  }
  EXPECT_LE(last_event, first_fix);
}

TEST_F(BrowserSendingTest, CostsTheSameHoweverLongItTakesNothing) {
  move_all(100, 1);
  const auto page = opened();
  page->stall();
  until_had(hub.say(unit(0)));
  fall_behind();
  fall_behind();
  const std::uint64_t before = watches().counters().browser_bytes;
  for (int i = 0; i < 20; ++i) {
    move_all(100, 5);
    std::uint64_t last = 0;
    for (int j = 0; j < 50; ++j) last = hub.say(unit(j), std::string(200, 't'));
    until_had(last);
  }
  EXPECT_LE(watches().counters().browser_bytes, before + 4'096);
  EXPECT_EQ(watches().counters().browsers_behind, 1u);
}

TEST_F(BrowserSendingTest, LetsAnotherBrowserRideOnWhileOneTakesNothing) {
  move_all(10, 1);
  const auto stalled = opened();
  const auto other = opened({}, "bob");
  stalled->stall();
  until_had(move_all(10, 20));
  fall_behind();
  EXPECT_TRUE(net.run_until([&] { return other->page.fixes() == 201u; }));
  EXPECT_EQ(other->page.conflated(), 0u);
}

TEST_F(BrowserSendingTest, LetsFixesOutAtThePaceThatWasAskedFor) {
  hub.move(unit(0));
  const auto page = opened({{"pace_ms", 60'000}});
  EXPECT_EQ(watches().counters().browsers_paced, 1u);
  until_had(hub.move(unit(0)));
  until_had(hub.move(unit(0)));
  until_had(hub.say(unit(0)));
  ASSERT_TRUE(net.run_until([&] { return page->page.events().size() == 1; }));
  EXPECT_LE(page->page.fixes(), 1u) << "an event waits for no pace, a fix does";
  clock.advance(std::chrono::seconds(60));
  const std::uint64_t last = hub.move(unit(0));
  ASSERT_TRUE(net.run_until([&] { return page->page.shown().at(unit(0)) == last; }));
}

TEST_F(BrowserSendingTest, WakesForThePaceByItself) {
  hub.move(unit(0));
  const auto page = opened({{"pace_ms", 100}});
  Told told;
  watches().watch_of(viewer())->add(told);
  // The second's tick wakes it too: once in some rounds it must not have been that.
  bool by_itself = false;
  for (int round = 0; round < 10 && !by_itself; ++round) {
    const int ticks = told.ticks;
    std::uint64_t last = 0;
    for (int i = 0; i < 5; ++i) until_had(last = hub.move(unit(0)));
    ASSERT_TRUE(net.run_until([&] { return page->page.shown().at(unit(0)) == last; }));
    by_itself = told.ticks == ticks;
  }
  watches().watch_of(viewer())->remove(told);
  EXPECT_TRUE(by_itself);
  EXPECT_GT(page->page.conflated(), 0u);
}

TEST_F(BrowserSendingTest, GetsLiveAndPastInTurns) {
  move_all(10, 5);
  const auto page = opened();
  page->say_json(Json{{"type", "past"},
                      {"request", 1},
                      {"clock", "known"},
                      {"time_us", hub.known_us(10)},
                      {"speed", 1}});
  ASSERT_TRUE(net.run_until([&] {
    // While the replay plays the present goes on.
    hub.move(unit(0));
    return page->last("past")["phase"] == "ended";
  }));
  EXPECT_EQ(page->past.shown().size(), 10u);
  EXPECT_GT(page->page.fixes(), 0u);
}

TEST_F(BrowserSendingTest, FetchesEventsThatOnlyTheHubHasAnyMore) {
  const std::vector<std::uint64_t> events = sixty_events();
  const auto page = returned(events[9]);
  const std::vector<std::uint64_t> missed(events.begin() + 10, events.end());
  ASSERT_TRUE(net.run_until([&] { return page->page.events().size() >= missed.size(); }));
  EXPECT_EQ(page->page.events(), missed);
  EXPECT_EQ(watches().counters().catch_ups_opened, 1u);
  ASSERT_TRUE(net.run_until([&] { return watches().counters().catch_ups == 0; }));
}

TEST_F(BrowserSendingTest, FetchesForAFewAtATimeAndForTheOthersAfterThem) {
  options.catch_ups_max = 1;
  const std::vector<std::uint64_t> events = sixty_events();
  hub.hold(true);
  const auto first = returned(events[0]);
  const auto second = returned(events[0], "bob");
  ASSERT_TRUE(net.run_until([&] { return hub.opens(hub_wire::Mode::Live) == 2; }));
  EXPECT_EQ(watches().counters().catch_ups, 1u);
  pass_a_tick();
  EXPECT_EQ(hub.opens(hub_wire::Mode::Live), 2u) << "the second waits";
  hub.hold(false);
  for (const auto& page : {first.get(), second.get()}) {
    ASSERT_TRUE(net.run_until([&] { return page->page.events().size() >= 59; }));
    EXPECT_EQ(page->page.events(), std::vector(events.begin() + 1, events.end()));
  }
}

TEST_F(BrowserSendingTest, GivesThePlaceBackOfOneThatLeftWhileItsEventsWereFetched) {
  options.catch_ups_max = 1;
  sixty_events();
  hub.hold(true);
  auto page = returned(2);
  ASSERT_TRUE(net.run_until([&] { return hub.opens(hub_wire::Mode::Live) == 2; }));
  page->leave();
  ASSERT_TRUE(net.run_until([&] { return watches().counters().catch_ups == 0; }));
  ASSERT_TRUE(net.run_until([&] { return hub.sessions(hub_wire::Mode::Live) == 1; }));
}

TEST_F(BrowserSendingTest, IsClosedToTryAgainWhenTheEventsItMissedCannotBeHad) {
  sixty_events();
  hub.hold(true);
  const auto page = returned(2);
  ASSERT_TRUE(net.run_until([&] { return hub.opens(hub_wire::Mode::Live) == 2; }));
  hub.deny(hub_wire::Refusal::TooManySessions, std::string(400, 'r'), 0, true);
  ASSERT_TRUE(net.run_until([&] { return page->closed.has_value(); }));
  EXPECT_EQ(page->closed, 1013);
  EXPECT_EQ(page->close_code, "events_missed");
  EXPECT_THAT(page->close_reason, StartsWith("rrr"));
  EXPECT_EQ(watches().counters().catch_ups_failed, 1u);
}

TEST_F(BrowserSendingTest, IsClosedToTryAgainWhenTheServerHasNoThreadLeftToFetchThem) {
  sixty_events();
  {
    const NoThreadsLeft none;
    const auto page = returned(2);
    ASSERT_TRUE(net.run_until([&] { return page->closed.has_value(); }));
    EXPECT_EQ(page->closed, 1013);
    EXPECT_EQ(page->close_code, "events_missed");
    EXPECT_THAT(page->close_reason, HasSubstr("no thread left"));
  }
  EXPECT_EQ(watches().counters().catch_ups, 0u) << "it holds no place";
  const auto page = returned(2);
  ASSERT_TRUE(net.run_until([&] { return page->page.events().size() >= 59; }));
}

}  // namespace
}  // namespace vigie::web::test
