// What all browsers of one identity share, change by change.

#include "clients/web/server/live/shared_picture.h"

#include <gmock/gmock.h>

namespace vigie::web {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

wire::PageFix fix(std::uint64_t seq, std::uint32_t unit, std::uint32_t count = 1,
                  wire::FixFlag flags = wire::FixFlag{}) {
  return wire::PageFix(seq, 0, unit, 0, 0, count, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(flags),
                       0);
}

Change event(std::uint64_t seq, std::size_t text_bytes = 0) {
  wire::EventT event;
  event.seq = seq;
  event.unit = "a/u0";
  event.kind = "text";
  event.text = std::string(text_bytes, 't');
  return EventSaid{std::make_shared<const wire::EventT>(event)};
}

Change card(std::uint64_t seq, bool deleted = false) {
  wire::CardT card;
  card.seq = seq;
  card.unit = "a/u0";
  card.deleted = deleted;
  return CardTold{std::make_shared<const wire::CardT>(card)};
}

class SharedPictureTest : public ::testing::Test {
 protected:
  SharedPictureTest() { make({}); }
  void make(SharedPictureOptions options) {
    picture = std::make_unique<SharedPicture>(options);
    for (std::uint32_t unit = 0; unit < 4; ++unit) {
      changes.emplace_back(UnitNamed{unit, "a/u" + std::to_string(unit), "g"});
    }
    changes.emplace_back(PictureEnds{10, 0});
    take();
  }
  void take() {
    picture->take(changes, 1, 2);
    changes.clear();
  }
  void take(Change change) {
    changes.push_back(std::move(change));
    take();
  }
  std::vector<std::uint32_t> newest_first() const {
    std::vector<std::uint32_t> order;
    std::uint32_t at = picture->last_moved();
    while (at != kNoUnit) {
      order.push_back(at);
      at = picture->units()[at].earlier;
    }
    return order;
  }
  const wire::Frame& last_frame() const {
    return picture->ring().at(picture->ring().end() - 1).frame();
  }
  std::size_t frames() const { return picture->ring().end(); }

  std::unique_ptr<SharedPicture> picture;
  std::vector<Change> changes;
};

TEST_F(SharedPictureTest, KeepsTheUnitsInTheOrderInWhichTheyLastMoved) {
  for (const std::uint32_t unit : {0u, 1u, 2u, 3u}) changes.emplace_back(fix(20 + unit, unit));
  take();
  EXPECT_THAT(newest_first(), ElementsAre(3, 2, 1, 0));
  take(fix(30, 1));
  EXPECT_THAT(newest_first(), ElementsAre(1, 3, 2, 0));
  take(fix(31, 0));
  EXPECT_THAT(newest_first(), ElementsAre(0, 1, 3, 2));
  EXPECT_EQ(picture->first_moved(), 2u);
  take(fix(32, 0, 2));
  EXPECT_THAT(newest_first(), ElementsAre(0, 1, 3, 2));
}

TEST_F(SharedPictureTest, MovesNoUnitByAFixThatIsLateOrStandsAside) {
  take(fix(20, 0, 1));
  const std::uint64_t version = picture->version();
  for (const auto flag : {wire::FixFlag::Late, wire::FixFlag::Aside}) {
    take(fix(21, 0, 2, flag));
    EXPECT_EQ(picture->units()[0].newest.seq(), 20u);
    EXPECT_EQ(picture->version(), version);
    EXPECT_EQ(last_frame().fixes()->size(), 1u) << "browsers are shown it all the same";
  }
  EXPECT_EQ(picture->units()[0].count, 2u) << "it is counted";
  EXPECT_EQ(picture->fix_seq(), 21u);
}

TEST_F(SharedPictureTest, CountsOnWhenTheHubsRunningCountWrapsRound) {
  take(fix(20, 0, UINT32_MAX));
  take(fix(21, 0, 1));
  EXPECT_EQ(picture->units()[0].count, 1u);
  take(fix(22, 0, UINT32_MAX - 1, wire::FixFlag::Late));
  EXPECT_EQ(picture->units()[0].count, 1u) << "an older count does not turn it back";
}

TEST_F(SharedPictureTest, LeavesAsideWhatASnapshotListsAgain) {
  take(fix(20, 0));
  const std::size_t before = frames();
  take(fix(20, 0));
  take(fix(15, 0));
  EXPECT_EQ(frames(), before);
  EXPECT_EQ(picture->units()[0].newest.seq(), 20u);
}

TEST_F(SharedPictureTest, ShowsAUnitThatLeftAndCameBackInTwoFrames) {
  changes.emplace_back(fix(20, 0));
  changes.emplace_back(UnitLeft{0, 21});
  changes.emplace_back(fix(22, 0));
  const std::size_t before = frames();
  take();
  // A frame's leaves hold behind its fixes: in one, the unit would be gone.
  ASSERT_EQ(frames(), before + 2);
  EXPECT_EQ(picture->ring().at(before).frame().leaves()->size(), 1u);
  EXPECT_EQ(last_frame().fixes()->Get(0)->seq(), 22u);
  EXPECT_EQ(last_frame().leaves(), nullptr);
  EXPECT_TRUE(picture->units()[0].present);
}

TEST_F(SharedPictureTest, RemembersWhereAUnitLeft) {
  take(fix(20, 0));
  take(UnitLeft{0, 25});
  EXPECT_FALSE(picture->units()[0].present);
  EXPECT_EQ(picture->units()[0].gone_seq, 25u);
  EXPECT_EQ(picture->units()[0].newest.seq(), 20u);
  const std::size_t before = frames();
  take(UnitLeft{0, 26});
  EXPECT_EQ(frames(), before) << "who is gone does not leave";
}

TEST_F(SharedPictureTest, EndsAFrameBeforeItGrowsTooLarge) {
  SharedPictureOptions options;
  options.frame_bytes_goal = 4'000;
  make(options);
  const std::size_t before = frames();
  for (std::uint64_t seq = 20; seq < 420; ++seq) {
    changes.emplace_back(fix(seq, static_cast<std::uint32_t>(seq % 4)));
  }
  take();
  EXPECT_GE(frames() - before, 4u);
  std::size_t fixes = 0;
  for (std::uint64_t i = before; i < frames(); ++i) {
    EXPECT_LE(picture->ring().at(i).bytes->size(), 5'000u);
    fixes += picture->ring().at(i).frame().fixes()->size();
  }
  EXPECT_EQ(fixes, 400u);
}

TEST_F(SharedPictureTest, LetsEventsAloneGoOnFromTheFramesOfASnapshotButTheLast) {
  SharedPictureOptions options;
  options.frame_bytes_goal = 1'000;
  make(options);
  const std::size_t before = frames();
  // The pages are in order of the names; a browser cut amid them must not go on behind one.
  for (const std::uint64_t seq : {90u, 40u, 70u, 80u}) {
    for (std::uint32_t unit = 0; unit < 4; ++unit) changes.emplace_back(fix(seq + unit, unit));
    changes.emplace_back(event(100 + seq, 1'000));
  }
  changes.emplace_back(PictureEnds{200, 0});
  changes.emplace_back(fix(201, 0));
  take();
  ASSERT_GT(frames(), before + 2);
  for (std::uint64_t i = before; i + 1 < frames(); ++i) {
    EXPECT_EQ(picture->ring().at(i).frame().fix_seq(), 0u);
    std::uint64_t said = 10;
    if (const auto* events = picture->ring().at(i).frame().events()) {
      for (const wire::Event* one : *events) said = std::max(said, one->seq());
    }
    EXPECT_GE(picture->ring().at(i).frame().event_seq(), said) << "none would come again";
  }
  EXPECT_EQ(last_frame().fix_seq(), 201u);
  EXPECT_EQ(last_frame().event_seq(), 200u);
}

TEST_F(SharedPictureTest, KnowsWhereItWasLastListedWhole) {
  EXPECT_EQ(picture->listed_seq(), picture->fix_seq());
  const std::uint64_t listed = picture->listed_seq();
  take(fix(20, 0));
  EXPECT_EQ(picture->listed_seq(), listed) << "a fix lists nothing";
  changes.emplace_back(PictureEnds{30, 0});
  take();
  EXPECT_EQ(picture->listed_seq(), 30u);
}

TEST_F(SharedPictureTest, HasEventsWholeFromTheFirstThatCameWithThePicture) {
  SharedPicture other({});
  changes.emplace_back(event(5));
  changes.emplace_back(event(7));
  changes.emplace_back(PictureEnds{9, 0});
  other.take(changes, 1, 2);
  EXPECT_EQ(other.events().floor_seq(), 4u);
  EXPECT_EQ(other.events().after(4), other.events().first());
  EXPECT_EQ(other.first_seq(), 9u);
  EXPECT_EQ(picture->events().floor_seq(), 10u) << "without an event, from its end on";
}

TEST_F(SharedPictureTest, KeepsTheNewestCardAndForgetsOneThatIsDeleted) {
  take(card(20));
  take(card(19));
  ASSERT_EQ(picture->cards().size(), 1u);
  EXPECT_EQ(picture->cards().at("a/u0")->seq, 20u);
  take(card(21, true));
  EXPECT_THAT(picture->cards(), IsEmpty());
  EXPECT_TRUE(last_frame().cards()->Get(0)->deleted());
}

TEST_F(SharedPictureTest, TellsOneRangeForAllThatWasLostBeforeAFrame) {
  changes.emplace_back(SeqsLost{30, 40});
  changes.emplace_back(SeqsLost{20, 25});
  changes.emplace_back(LeftOut{7});
  changes.emplace_back(LeftOut{5});
  take();
  EXPECT_EQ(last_frame().lost_first(), 20u);
  EXPECT_EQ(last_frame().lost_last(), 40u);
  EXPECT_EQ(last_frame().conflated(), 12u);
  take(fix(50, 0));
  EXPECT_EQ(last_frame().lost_last(), 0u) << "it is told once";
}

TEST_F(SharedPictureTest, TellsAUnitsOtherGroupAndWhenItChanged) {
  take(fix(20, 0));
  const std::uint64_t before = picture->regroupings();
  take(UnitNamed{0, "a/u0", "g"});
  EXPECT_EQ(picture->regroupings(), before) << "the same one is none";
  changes.emplace_back(UnitNamed{0, "a/u0", "h"});
  changes.emplace_back(fix(21, 0));
  take();
  EXPECT_EQ(picture->regroupings(), before + 1);
  EXPECT_EQ(picture->units()[0].group, "h");
  EXPECT_EQ(picture->units()[0].group_version, picture->units()[0].version);
}

TEST_F(SharedPictureTest, ShowsNothingOfAnotherLogAndKeepsIndicesAndNames) {
  changes.emplace_back(fix(20, 1));
  changes.emplace_back(event(21));
  changes.emplace_back(card(22));
  take();
  const std::uint64_t end = picture->ring().end();
  picture->clear();
  EXPECT_THAT(newest_first(), IsEmpty());
  EXPECT_THAT(picture->cards(), IsEmpty());
  EXPECT_EQ(picture->events().first(), picture->events().end());
  EXPECT_EQ(picture->ring().first(), end) << "numbers of frames go on";
  EXPECT_EQ(picture->event_seq(), 0u);
  ASSERT_NE(picture->find("a/u1"), nullptr);
  EXPECT_FALSE(picture->find("a/u1")->present);
  changes.emplace_back(PictureEnds{3, 0});
  changes.emplace_back(fix(4, 1));
  take();
  EXPECT_TRUE(picture->units()[1].present) << "a lower seq of another log is news";
  EXPECT_EQ(picture->fix_seq(), 4u);
}

TEST_F(SharedPictureTest, IsBoundedWhateverComes) {
  SharedPictureOptions options;
  options.ring_bytes_max = 50'000;
  options.events_max = 100;
  options.event_bytes_max = 40'000;
  make(options);
  for (std::uint64_t seq = 20; seq < 20'020; ++seq) {
    changes.emplace_back(seq % 10 == 0 ? event(seq, 300) : Change(fix(seq, seq % 4)));
    if (seq % 50 == 0) take();
  }
  take();
  EXPECT_LE(picture->ring().bytes(), 50'000u);
  EXPECT_LE(picture->events().bytes(), 40'000u);
  EXPECT_LE(picture->bytes(), 100'000u);
}

}  // namespace
}  // namespace vigie::web
