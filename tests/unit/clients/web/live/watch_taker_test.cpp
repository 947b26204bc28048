// The session's thread: what it takes from the hub, and hands over block by block.

#include "clients/web/server/live/watch_taker.h"

#include <gmock/gmock.h>

#include "tests/unit/clients/web/live/on_thread.h"

namespace vigie::web::test {
namespace {

using ::testing::HasSubstr;

/// A taker on its thread, whose blocks are taken when the test asks.
class Taking : public OnThread<WatchTaker> {
 public:
  Taking(const std::string& hub, const Clock& clock, std::shared_ptr<Translator> translator = {})
      : OnThread(options(hub), clock) {
    if (translator != nullptr) work.go_on_from(std::move(translator));
    start();
  }
  /// Takes what waits; true when there was something.
  bool take() {
    if (!to_take()) return false;
    WatchBlock block = work.take();
    largest = std::max(largest, block.changes.size());
    for (Change& change : block.changes) changes.push_back(std::move(change));
    if (block.complete) complete = block.complete;
    ended = ended || block.ended;
    return true;
  }
  template <typename T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Change& change : changes) {
      if (const T* one = std::get_if<T>(&change)) found.push_back(*one);
    }
    return found;
  }

  std::vector<Change> changes;
  std::optional<client::ConsoleStatus> complete;
  bool ended = false;
  std::size_t largest = 0;  // of the blocks

 private:
  static client::ConsoleOptions options(const std::string& hub) {
    client::ConsoleOptions options;
    options.link = link_to(hub);
    return options;
  }
};

class WatchTakerTest : public ::testing::Test {
 protected:
  /// Takes blocks until `done`.
  bool take_until(Taking& taking, const std::function<bool()>& done) {
    return net.run_until([&] {
      while (taking.take()) {
      }
      return done();
    });
  }
  ListenHub hub;
  ForwardClock clock;
  TurningNet net;
};

TEST_F(WatchTakerTest, HandsOverThePictureInItsOrderAndTellsWhenItIsComplete) {
  hub.tell_card("a/one", "ONE");
  const std::uint64_t last = hub.move("a/one");
  Taking taking(hub.address(), clock);
  ASSERT_TRUE(take_until(taking, [&] { return taking.complete.has_value(); }));
  EXPECT_TRUE(taking.complete->complete);
  EXPECT_FALSE(taking.complete->log.text().empty());
  EXPECT_EQ(taking.complete->overdue_after_ms, 30'000u);
  const auto place = [&](auto&& is) {
    return std::find_if(taking.changes.begin(), taking.changes.end(), is) - taking.changes.begin();
  };
  const auto begins =
      place([](const Change& c) { return c.index() == Change(PictureBegins{}).index(); });
  const auto named =
      place([](const Change& c) { return c.index() == Change(UnitNamed{}).index(); });
  const auto fix =
      place([](const Change& c) { return c.index() == Change(wire::PageFix{}).index(); });
  const auto ends =
      place([](const Change& c) { return c.index() == Change(PictureEnds{}).index(); });
  EXPECT_LT(begins, named);
  EXPECT_LT(named, fix);
  EXPECT_LT(fix, ends);
  EXPECT_EQ(taking.all<PictureEnds>().at(0).seq, last);
  EXPECT_EQ(taking.all<CardTold>().at(0).card->call_sign, "ONE");
}

TEST_F(WatchTakerTest, StopsTakingFromTheHubWhileItsBlockIsNotTaken) {
  constexpr std::uint64_t kMany = 40'000;
  Taking taking(hub.address(), clock);
  ASSERT_TRUE(take_until(taking, [&] { return taking.complete.has_value(); }));
  for (std::uint64_t i = 0; i < kMany; ++i) hub.move("a/one");
  // Nothing is taken until the hub has nothing more to give by its credit.
  const std::uint64_t sent = sent_until_held(net, hub, hub_wire::Mode::Live);
  ASSERT_TRUE(take_until(taking, [&] { return taking.all<wire::PageFix>().size() == kMany; }))
      << "and what was held back comes";
  EXPECT_LT(sent, hub.bytes_sent(hub_wire::Mode::Live) * 2 / 3);
  EXPECT_LE(taking.largest, WatchTaker::kChangesMax + 4'096);
}

TEST_F(WatchTakerTest, SaysWhyASessionCannotBeOpened) {
  Taking taking("nowhere", clock);
  ASSERT_TRUE(take_until(taking, [&] { return taking.ended; }));
  const auto links = taking.all<LinkTold>();
  ASSERT_EQ(links.size(), 1u);
  EXPECT_EQ(links[0].link.state, client::LinkState::Ended);
  EXPECT_THAT(links[0].link.reason, HasSubstr("'nowhere'"));
  EXPECT_EQ(taking.work.status().reason, links[0].link.reason);
}

TEST_F(WatchTakerTest, EndsWithTheHubsReasonWhenItIsRefusedForGood) {
  hub.deny(hub_wire::Refusal::NotEntitled, "nothing is shown to you");
  Taking taking(hub.address(), clock);
  ASSERT_TRUE(take_until(taking, [&] { return taking.ended; }));
  ASSERT_FALSE(taking.all<LinkTold>().empty());
  EXPECT_EQ(taking.all<LinkTold>().back().link.code, client::Refusal::NotEntitled);
  EXPECT_EQ(taking.work.status().reason, "nothing is shown to you");
}

TEST_F(WatchTakerTest, GoesOnWithTheIndicesOfTheSessionBefore) {
  hub.move("a/one");
  Taking first(hub.address(), clock);
  ASSERT_TRUE(take_until(first, [&] { return first.complete.has_value(); }));
  first.stop();
  hub.move("a/two");
  Taking second(hub.address(), clock, first.work.translator());
  ASSERT_TRUE(take_until(second, [&] { return second.complete.has_value(); }));
  ASSERT_EQ(second.all<UnitNamed>().size(), 1u) << "a/one has its index";
  EXPECT_EQ(second.all<UnitNamed>()[0].name, "a/two");
  EXPECT_EQ(second.all<UnitNamed>()[0].unit, 1u);
}

TEST_F(WatchTakerTest, TellsAStatusThatAgesWithTheClock) {
  hub.move("a/one");
  Taking taking(hub.address(), clock);
  ASSERT_TRUE(
      take_until(taking, [&] { return taking.complete && taking.work.status().hub_time_us != 0; }));
  taking.stop();
  const client::ConsoleStatus before = taking.work.status();
  clock.advance(std::chrono::seconds(40));
  const client::ConsoleStatus after = taking.work.status();
  EXPECT_GE(after.link_age_us - before.link_age_us, 40'000'000);
  EXPECT_GE(after.hub_time_us - before.hub_time_us, 40'000'000);
  EXPECT_LT(after.hub_time_us - before.hub_time_us, 50'000'000);
}

}  // namespace
}  // namespace vigie::web::test
