// A replay's thread: the room as of a moment, then the play, handed over batch by batch.

#include "clients/web/server/live/past_player.h"

#include <gmock/gmock.h>

#include "tests/unit/clients/web/live/on_thread.h"

namespace vigie::web::test {
namespace {

using ::testing::ElementsAre;

/// A player on its thread, whose batches are taken when the test asks.
class Playing : public OnThread<PastPlayer> {
 public:
  Playing(const std::string& hub, const PastMessage& asked, const Clock& clock)
      : OnThread(link_to(hub), std::string(), asked, clock) {}
  void take() {
    while (to_take()) {
      std::optional<PastBatch> batch = work.take();
      ASSERT_TRUE(batch) << "one is told once";
      conflated += batch->conflated;
      if (!batch->snapshot) {
        for (const wire::PageFix& fix : batch->fixes) fixes.push_back(fix);
        for (const Said& said : batch->said) events.push_back(said.seq);
      }
      for (const PastText& text : batch->told) {
        told.emplace_back(text.phase);
        if (text.why) why = text.why;
      }
      batches.push_back(std::move(*batch));
    }
  }
  bool heard(std::string_view phase) const {
    return std::find(told.begin(), told.end(), phase) != told.end();
  }

  std::vector<PastBatch> batches;
  std::vector<wire::PageFix> fixes;  // but those of the picture
  std::vector<std::uint64_t> events;
  std::vector<std::string> told;
  Reason why;
  std::uint64_t conflated = 0;
};

class PastPlayerTest : public ::testing::Test {
 protected:
  PastMessage from(std::uint64_t seq) const {
    PastMessage asked;
    asked.request = 1;
    asked.known_clock = true;
    asked.time_us = hub.known_us(seq);
    return asked;
  }
  bool take_until(Playing& playing, std::string_view phase) {
    return net.run_until([&] {
      playing.take();
      return playing.heard(phase);
    });
  }
  ListenHub hub;
  TurningNet net;
  ForwardClock clock;
};

TEST_F(PastPlayerTest, ShowsTheRoomAsOfTheMomentThenWhatCameAndTellsTheEnd) {
  hub.move("a/one");
  hub.tell_card("a/one", "ONE");
  const std::uint64_t moment = hub.move("a/one");
  const std::uint64_t event = hub.say("a/one");
  const std::uint64_t last = hub.move("a/two");
  Playing playing(hub.address(), from(moment), clock);
  playing.start();
  ASSERT_TRUE(take_until(playing, "ended"));
  const PastBatch& room = playing.batches.at(0);
  EXPECT_TRUE(room.snapshot);
  ASSERT_EQ(room.fixes.size(), 1u);
  EXPECT_EQ(room.fixes[0].seq(), moment);
  EXPECT_EQ(room.said.size(), 1u) << "its card";
  EXPECT_THAT(playing.told, ElementsAre("playing", "ended"));
  EXPECT_THAT(playing.events, ElementsAre(event));
  ASSERT_EQ(playing.fixes.size(), 2u);
  EXPECT_EQ(playing.fixes.back().seq(), last);
  for (const PastBatch& batch : playing.batches) EXPECT_FALSE(&batch != &room && batch.snapshot);
}

TEST_F(PastPlayerTest, PutsALateFixWhereItBelongsByTrueTimeAndWhenItCameByKnownTime) {
  std::vector<std::uint64_t> seqs;
  for (int i = 0; i < 4; ++i) seqs.push_back(hub.move("a/one"));
  const std::uint64_t late = hub.move("a/one", 0, hub.known_us(seqs[1]) + 1);
  const unsigned late_flag = static_cast<unsigned>(wire::FixFlag::Late);
  for (const bool known : {true, false}) {
    PastMessage asked = from(seqs[0]);
    asked.known_clock = known;
    Playing playing(hub.address(), asked, clock);
    playing.start();
    ASSERT_TRUE(take_until(playing, "ended"));
    std::vector<std::uint64_t> order;
    for (const wire::PageFix& fix : playing.fixes) {
      order.push_back(fix.seq());
      const bool marked = (fix.flags() & late_flag) != 0;
      EXPECT_EQ(marked, known && fix.seq() == late);
    }
    EXPECT_EQ(order, known ? std::vector({seqs[0], seqs[1], seqs[2], seqs[3], late})
                           : std::vector({seqs[0], seqs[1], late, seqs[2], seqs[3]}));
    EXPECT_EQ(hub.asked().back().start,
              known ? hub_wire::StartKind::KnownTime : hub_wire::StartKind::TrueTime);
  }
}

TEST_F(PastPlayerTest, AsksTheHubForTheSpeedAndForPause) {
  hub.move("a/one");
  PastMessage asked = from(1);
  asked.speed = 60;
  asked.paused = true;
  Playing playing(hub.address(), asked, clock);
  playing.start();
  ASSERT_TRUE(take_until(playing, "paused"));
  ASSERT_TRUE(net.run_until([&] { return hub.opens(hub_wire::Mode::Replay) == 1; }));
  bool found = false;
  for (const ListenHub::Asked& one : hub.asked()) {
    if (one.mode != hub_wire::Mode::Replay) continue;
    found = true;
    EXPECT_EQ(one.speed, 60);
    EXPECT_TRUE(one.paused);
    EXPECT_EQ(one.time_us, asked.time_us);
  }
  EXPECT_TRUE(found);
  EXPECT_TRUE(playing.fixes.empty()) << "it stands";
}

TEST_F(PastPlayerTest, PassesControlsOnAndTellsWhatTheyBrought) {
  hub.move("a/one");
  PastMessage asked = from(1);
  asked.paused = true;
  Playing playing(hub.address(), asked, clock);
  playing.start();
  ASSERT_TRUE(take_until(playing, "paused"));
  // What is asked for before the replay is opened is in what opens it.
  ASSERT_TRUE(net.run_until([&] { return hub.opens(hub_wire::Mode::Replay) == 1; }));
  playing.work.control({1, PastControl::Speed, 300});
  playing.work.control({1, PastControl::Resume, 1});
  ASSERT_TRUE(take_until(playing, "ended"));
  const auto controls = hub.controls();
  ASSERT_EQ(controls.size(), 2u);
  EXPECT_EQ(controls[0].kind, hub_wire::ControlKind::Speed);
  EXPECT_EQ(controls[0].speed, 300);
  EXPECT_EQ(controls[1].kind, hub_wire::ControlKind::Resume);
  EXPECT_TRUE(playing.heard("playing"));
  EXPECT_EQ(playing.fixes.size(), 1u);
}

TEST_F(PastPlayerTest, KeepsTheLastOfMoreControlsThanItHolds) {
  hub.move("a/one");
  PastMessage asked = from(1);
  asked.paused = true;
  Playing playing(hub.address(), asked, clock);
  for (int i = 1; i <= 200; ++i) {
    playing.work.control({1, PastControl::Speed, static_cast<double>(i)});
  }
  playing.start();
  // Where the replay is not opened yet, it is in what opens it.
  const auto opened_so = [&] {
    const auto all = hub.asked();
    return std::any_of(all.begin(), all.end(), [](const ListenHub::Asked& one) {
      return one.mode == hub_wire::Mode::Replay && one.speed == 200;
    });
  };
  ASSERT_TRUE(net.run_until([&] {
    playing.take();
    return opened_so() || (!hub.controls().empty() && hub.controls().back().speed == 200);
  }));
  EXPECT_LE(hub.controls().size(), 64u);
}

TEST_F(PastPlayerTest, LeavesFixesOutWhileNothingIsTakenAndCountsThem) {
  constexpr std::size_t kMany = 20'000;
  for (std::size_t i = 0; i < kMany; ++i) hub.move("a/u" + std::to_string(i % 5));
  Playing playing(hub.address(), from(1), clock);
  playing.start();
  ASSERT_TRUE(net.run_until([&] { return playing.waits(); }));
  // The first batch lies there until the hub has sent it all.
  ASSERT_TRUE(net.run_until([&] { return hub.bytes_sent(hub_wire::Mode::Replay) > kMany * 200; }));
  ASSERT_TRUE(take_until(playing, "ended"));
  EXPECT_EQ(playing.fixes.size() + playing.conflated, kMany);
  EXPECT_GT(playing.conflated, kMany / 5);
  EXPECT_EQ(playing.fixes.back().seq(), kMany);
}

TEST_F(PastPlayerTest, HoldsTheHubRatherThanLeaveAnEventOut) {
  constexpr std::size_t kMany = 6'000;
  for (std::size_t i = 0; i < kMany; ++i) hub.say("a/one", std::string(1'000, 't'));
  Playing playing(hub.address(), from(1), clock);
  playing.start();
  const std::uint64_t sent = sent_until_held(net, hub, hub_wire::Mode::Replay);
  ASSERT_TRUE(take_until(playing, "ended"));
  EXPECT_LT(sent, hub.bytes_sent(hub_wire::Mode::Replay) * 2 / 3);
  ASSERT_EQ(playing.events.size(), kMany);
  EXPECT_TRUE(std::is_sorted(playing.events.begin(), playing.events.end()));
  for (const PastBatch& batch : playing.batches) {
    EXPECT_LE(batch.said.size(), PastGather::kSaidMax + 512);
  }
}

TEST_F(PastPlayerTest, EndsSoonWhenItIsStoppedThoughNothingIsTaken) {
  for (int i = 0; i < 3'000; ++i) hub.say("a/one", std::string(1'000, 't'));
  Playing playing(hub.address(), from(1), clock);
  playing.start();
  ASSERT_TRUE(net.run_until([&] { return playing.waits(); }));
  playing.stop();
  EXPECT_FALSE(playing.heard("ended"));
  ASSERT_TRUE(net.run_until([&] { return hub.sessions(hub_wire::Mode::Replay) == 0; }));
}

TEST_F(PastPlayerTest, SaysWhyTheHubDoesNotPlay) {
  hub.move("a/one");
  hub.deny(hub_wire::Refusal::BadRange, "nothing is kept from then");
  Playing playing(hub.address(), from(1), clock);
  playing.start();
  ASSERT_TRUE(take_until(playing, "failed"));
  EXPECT_EQ(playing.why.code, "bad_range");
  EXPECT_EQ(playing.why.sentence, "nothing is kept from then");
}

TEST_F(PastPlayerTest, SaysWhyItsSessionCannotBeOpened) {
  Playing playing("nowhere", from(1), clock);
  playing.start();
  ASSERT_TRUE(take_until(playing, "failed"));
  EXPECT_EQ(playing.why.code, "hub_unopened");
  EXPECT_THAT(playing.why.sentence, ::testing::HasSubstr("'nowhere'"));
}

TEST_F(PastPlayerTest, SaysThatTheHubEndedAReplayAmidIt) {
  hub.move("a/one");
  PastMessage asked = from(1);
  asked.paused = true;
  Playing playing(hub.address(), asked, clock);
  playing.start();
  ASSERT_TRUE(take_until(playing, "paused"));
  hub.deny(hub_wire::Refusal::NotEntitled, "no longer");
  ASSERT_TRUE(take_until(playing, "failed"));
  EXPECT_EQ(playing.why.code, "not_entitled");
  EXPECT_EQ(playing.why.sentence, "no longer");
}

}  // namespace
}  // namespace vigie::web::test
