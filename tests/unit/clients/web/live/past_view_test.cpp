// The past as one browser sees it: one replay at a time, within what the server may play at once.

#include "clients/web/server/live/past_view.h"

#include <gmock/gmock.h>

#include "tests/unit/clients/web/live/live_room.h"

namespace vigie::web::test {
namespace {

/// "CODE: sentence"; empty: nothing is wrong.
std::string said(const Reason& why) {
  return why ? why.code + ": " + why.sentence : "";
}

/// A view, and what a page makes of what it is sent.
class Page {
 public:
  Page(PastView::Surroundings around, const std::string& account) : view(around, account, [] {}) {}
  void take() {
    while (auto message = view.next()) {
      if (message->frame != nullptr) {
        frames.push_back(*message->frame);
        model.take(frames.back());
        requests.push_back(last_frame().request());
      } else {
        texts.push_back(Json::parse(message->text));
        requests.push_back(texts.back()["request"]);
      }
    }
  }
  const wire::Frame& last_frame() const { return *wire::GetFrame(frames.back().data()); }
  bool heard(const std::string& phase) const {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const Json& text) { return text["phase"] == phase; });
  }

  PastView view;
  PageModel model;
  std::vector<std::string> frames;
  std::vector<Json> texts;
  std::vector<std::uint32_t> requests;  // of each message
};

class PastViewTest : public ::testing::Test {
 protected:
  std::unique_ptr<Page> new_page(const std::string& account = "ann") {
    return std::make_unique<Page>(
        PastView::Surroundings{net, yard, clock, options, tally, counters}, account);
  }
  PastMessage from(std::uint64_t seq, std::uint32_t request = 1) const {
    PastMessage asked;
    asked.request = request;
    asked.known_clock = true;
    asked.time_us = hub.known_us(seq);
    return asked;
  }
  /// Why not; empty: it is played.
  std::string ask(Page& page, const PastMessage& asked, const std::string& grant = {}) {
    client::LinkOptions link;
    link.hub = hub.address();
    return said(page.view.ask(asked, link, grant));
  }
  bool take_until(Page& page, const std::string& phase) {
    return net.run_until([&] {
      page.take();
      return page.heard(phase);
    });
  }
  bool until_free() {
    return net.run_until([&] { return tally.replays == 0; });
  }

  ListenHub hub;
  TurningNet net;
  ForwardClock clock;
  LiveOptions options;
  LiveTally tally;
  LiveCounters counters;
  Yard yard{net};
};

TEST_F(PastViewTest, ShowsTheRoomAsPagesThenTellsThatItPlaysThenPlays) {
  hub.move("a/one");
  const std::uint64_t moment = hub.say("a/one");
  hub.move("a/two");
  const auto page = new_page();
  ASSERT_EQ(ask(*page, from(moment)), "");
  ASSERT_TRUE(take_until(*page, "ended"));
  ASSERT_GE(page->frames.size(), 2u);
  const wire::Frame& room = *wire::GetFrame(page->frames[0].data());
  EXPECT_EQ(room.kind(), wire::FrameKind::Past);
  EXPECT_TRUE(room.first_page() && room.last_page());
  EXPECT_EQ(room.request(), 1u);
  EXPECT_EQ(page->texts[0]["phase"], "playing");
  EXPECT_EQ(page->texts[0]["time_us"], hub.known_us(moment));
  EXPECT_EQ(page->model.shown().size(), 2u);
  EXPECT_EQ(page->model.events().size(), 1u);
}

TEST_F(PastViewTest, NamesUnitsBesideThoseOfThePresentAndOnceForAllReplays) {
  hub.move("a/one");
  const auto page = new_page();
  ASSERT_EQ(ask(*page, from(1, 1)), "");
  ASSERT_TRUE(take_until(*page, "ended"));
  const auto* names = wire::GetFrame(page->frames[0].data())->names();
  ASSERT_NE(names, nullptr);
  EXPECT_EQ(names->Get(0)->index(), kPastUnits);
  page->texts.clear();
  page->frames.clear();
  hub.move("a/two");
  ASSERT_EQ(ask(*page, from(2, 2)), "");
  ASSERT_TRUE(take_until(*page, "ended"));
  names = wire::GetFrame(page->frames[0].data())->names();
  ASSERT_NE(names, nullptr);
  ASSERT_EQ(names->size(), 1u) << "a/one has its name";
  EXPECT_EQ(names->Get(0)->name()->str(), "a/two");
  EXPECT_EQ(names->Get(0)->index(), kPastUnits + 1);
  EXPECT_EQ(page->model.shown().size(), 2u);
}

TEST_F(PastViewTest, ShowsALargeRoomInFramesThatAConnectionTakes) {
  for (int i = 0; i < 6'000; ++i) hub.move("a/a-unit-of-a-long-name-" + std::to_string(i));
  const auto page = new_page();
  ASSERT_EQ(ask(*page, from(6'000)), "");
  ASSERT_TRUE(take_until(*page, "ended"));
  EXPECT_EQ(page->model.shown().size(), 6'000u);
  EXPECT_EQ(page->model.snapshots(), 1u) << "one first page";
  std::size_t last_pages = 0;
  for (const std::string& frame : page->frames) {
    EXPECT_LE(frame.size(), 256u * 1024);
    last_pages += wire::GetFrame(frame.data())->last_page() ? 1 : 0;
  }
  EXPECT_GE(page->frames.size(), 3u);
  EXPECT_EQ(last_pages, 1u);
}

TEST_F(PastViewTest, PlaysTheNewestRequestAloneOfManyThatComeWhileOneEnds) {
  for (int i = 0; i < 20; ++i) hub.move("a/one");
  const auto page = new_page();
  for (std::uint32_t request = 1; request <= 15; ++request) {
    ASSERT_EQ(ask(*page, from(request, request)), "");
  }
  EXPECT_EQ(tally.replays, 1u) << "one thread, however it is dragged";
  ASSERT_TRUE(take_until(*page, "ended"));
  EXPECT_EQ(counters.replays_opened, 2u);
  for (const std::uint32_t request : page->requests) EXPECT_EQ(request, 15u);
}

TEST_F(PastViewTest, SendsNothingOfAReplayThatAnotherReplaced) {
  for (int i = 0; i < 20; ++i) hub.move("a/one");
  const auto page = new_page();
  ASSERT_EQ(ask(*page, from(1, 1)), "");
  // It has something to say by now, which nobody took.
  ASSERT_TRUE(net.run_until([&] { return hub.bytes_sent(hub_wire::Mode::Replay) != 0; }));
  net.run_posted();
  ASSERT_EQ(ask(*page, from(5, 2)), "");
  ASSERT_TRUE(take_until(*page, "ended"));
  EXPECT_EQ(page->model.snapshots(), 1u);
  EXPECT_EQ(page->texts[0]["time_us"], hub.known_us(5));
  for (const std::uint32_t request : page->requests) EXPECT_EQ(request, 2u);
}

TEST_F(PastViewTest, WantsRequestsToRise) {
  const auto page = new_page();
  EXPECT_EQ(ask(*page, from(1, 7)), "");
  EXPECT_EQ(ask(*page, from(1, 7)), "bad_field: request is 7, must be more than 7");
  EXPECT_EQ(ask(*page, from(1, 3)), "bad_field: request is 3, must be more than 7");
}

TEST_F(PastViewTest, ControlsTheReplayThatIsOpenAndNoOther) {
  hub.move("a/one");
  const auto page = new_page();
  EXPECT_EQ(said(page->view.control({1, PastControl::Pause, 1})),
            "no_such_replay: request is 1, which is no replay that is open");
  PastMessage asked = from(1, 4);
  asked.paused = true;
  ASSERT_EQ(ask(*page, asked), "");
  ASSERT_TRUE(take_until(*page, "paused"));
  EXPECT_EQ(said(page->view.control({3, PastControl::Resume, 1})),
            "no_such_replay: request is 3, which is no replay that is open");
  EXPECT_EQ(said(page->view.control({4, PastControl::Resume, 1})), "");
  ASSERT_TRUE(take_until(*page, "ended"));
  EXPECT_EQ(said(page->view.control({4, PastControl::Stop, 1})), "");
  EXPECT_EQ(said(page->view.control({4, PastControl::Resume, 1})),
            "no_such_replay: request is 4, which is no replay that is open");
}

TEST_F(PastViewTest, GivesControlsToAReplayThatWaitsToBegin) {
  hub.move("a/one");
  const auto page = new_page();
  ASSERT_EQ(ask(*page, from(1, 1)), "");
  ASSERT_EQ(ask(*page, from(1, 2)), "");  // waits for the thread of the first
  ASSERT_EQ(said(page->view.control({2, PastControl::Pause, 1})), "");
  ASSERT_EQ(said(page->view.control({2, PastControl::Speed, 250})), "");
  ASSERT_TRUE(take_until(*page, "paused"));
  const ListenHub::Asked* replay = nullptr;
  const auto asked = hub.asked();
  for (const ListenHub::Asked& one : asked) {
    if (one.mode == hub_wire::Mode::Replay) replay = &one;
  }
  ASSERT_NE(replay, nullptr);
  EXPECT_TRUE(replay->paused);
  EXPECT_EQ(replay->speed, 250);
}

TEST_F(PastViewTest, SaysClearlyThatTheServerPlaysAsManyAsItMay) {
  options.replays_max = 1;
  const auto first = new_page();
  const auto second = new_page("bob");
  ASSERT_EQ(ask(*first, from(1)), "");
  EXPECT_EQ(ask(*second, from(1)), "replays_full: the server plays 1 replays already");
  EXPECT_EQ(counters.replays_refused, 1u);
  EXPECT_EQ(tally.replays_of.count("bob"), 0u);
  EXPECT_EQ(ask(*first, from(1, 2)), "") << "its own thread is there for its next";
}

TEST_F(PastViewTest, SaysClearlyThatAnAccountPlaysAsManyAsItMay) {
  options.replays_per_account = 2;
  const auto first = new_page();
  const auto second = new_page();
  const auto third = new_page();
  ASSERT_EQ(ask(*first, from(1)), "");
  ASSERT_EQ(ask(*second, from(1)), "");
  EXPECT_EQ(ask(*third, from(1)), "replays_account: this account has 2 replays open already");
  EXPECT_EQ(ask(*new_page("bob"), from(1)), "") << "others have their own";
}

TEST_F(PastViewTest, GivesItsPlaceBackWhenItIsStopped) {
  options.replays_max = 1;
  hub.move("a/one");
  const auto first = new_page();
  ASSERT_EQ(ask(*first, from(1)), "");
  ASSERT_TRUE(take_until(*first, "ended"));
  EXPECT_EQ(tally.replays, 1u) << "it may be played again until it is stopped";
  ASSERT_EQ(said(first->view.control({1, PastControl::Stop, 1})), "");
  ASSERT_TRUE(until_free());
  EXPECT_TRUE(tally.replays_of.empty());
  const auto second = new_page("bob");
  ASSERT_EQ(ask(*second, from(1)), "");
  ASSERT_TRUE(take_until(*second, "ended"));
}

TEST_F(PastViewTest, GivesItsPlaceBackWhenItsBrowserGoesAway) {
  hub.move("a/one");
  auto page = new_page();
  ASSERT_EQ(ask(*page, from(1)), "");
  page.reset();
  EXPECT_EQ(tally.replays, 1u) << "its thread has not ended";
  ASSERT_TRUE(until_free());
  ASSERT_TRUE(net.run_until([&] { return hub.sessions(hub_wire::Mode::Replay) == 0; }));
}

TEST_F(PastViewTest, TellsThatAReplayFailedAndGivesItsPlaceBack) {
  hub.move("a/one");
  hub.deny(hub_wire::Refusal::BadRange, "nothing is kept from then");
  const auto page = new_page();
  ASSERT_EQ(ask(*page, from(1)), "");
  ASSERT_TRUE(take_until(*page, "failed"));
  EXPECT_EQ(page->texts.back()["code"], "bad_range");
  EXPECT_EQ(page->texts.back()["reason"], "nothing is kept from then");
  EXPECT_EQ(page->texts.back()["request"], 1);
  ASSERT_TRUE(until_free());
  EXPECT_EQ(said(page->view.control({1, PastControl::Resume, 1})),
            "no_such_replay: request is 1, which is no replay that is open");
  hub.deny(hub_wire::Refusal::None);
  page->texts.clear();
  ASSERT_EQ(ask(*page, from(1, 2)), "") << "another may follow";
  ASSERT_TRUE(take_until(*page, "ended"));
}

TEST_F(PastViewTest, HoldsABoundedAmountWhileItsBrowserTakesNothing) {
  for (int i = 0; i < 10'000; ++i) {
    hub.move("a/u" + std::to_string(i % 10));
    if (i % 4 == 0) hub.say("a/u0", std::string(1'000, 't'));
  }
  const auto page = new_page();
  ASSERT_EQ(ask(*page, from(1)), "");
  ASSERT_TRUE(net.run_until([&] { return page->view.next().has_value(); }));
  ASSERT_TRUE(net.run_until([&] { return hub.bytes_sent(hub_wire::Mode::Replay) > 1'000'000; }));
  std::size_t largest = 0;
  ASSERT_TRUE(net.run_until([&] {
    largest = std::max(largest, page->view.bytes());
    const auto message = page->view.next();
    if (message && !message->text.empty()) page->texts.push_back(Json::parse(message->text));
    return page->heard("ended");
  }));
  EXPECT_LE(largest, 3'000'000u);
}

TEST_F(PastViewTest, SaysThatTheServerHasNoThreadLeft) {
  hub.move("a/one");
  const auto page = new_page();
  {
    const NoThreadsLeft none;
    EXPECT_EQ(ask(*page, from(1, 1)), "replays_full: the server has no thread left to play it");
  }
  EXPECT_EQ(tally.replays, 0u);
  ASSERT_EQ(ask(*page, from(1, 2)), "");
  ASSERT_TRUE(take_until(*page, "ended"));
}

TEST_F(PastViewTest, SaysThatTheServerHasNoThreadLeftForARequestThatWaited) {
  hub.move("a/one");
  const auto page = new_page();
  ASSERT_EQ(ask(*page, from(1, 1)), "");
  ASSERT_TRUE(take_until(*page, "ended"));
  ASSERT_EQ(ask(*page, from(1, 2)), "");
  {
    const NoThreadsLeft none;
    ASSERT_TRUE(take_until(*page, "failed"));
  }
  EXPECT_EQ(page->texts.back()["request"], 2);
  EXPECT_EQ(page->texts.back()["code"], "replays_full");
  EXPECT_EQ(page->texts.back()["reason"], "the server has no thread left to play it");
  ASSERT_TRUE(until_free());
  page->texts.clear();
  ASSERT_EQ(ask(*page, from(1, 3)), "");
  ASSERT_TRUE(take_until(*page, "ended"));
}

}  // namespace
}  // namespace vigie::web::test
