// What a browser is sent, against a slow and obvious model: every event once and in order, the
// newest position of every unit in the interest, names before use, wherever it was cut off.

#include "clients/web/server/live/cursor.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/unit/clients/web/live/cursor_world.h"

namespace vigie::web::test {
namespace {

Interest area(std::int32_t west, std::int32_t east) {
  Interest interest;
  interest.area = AreaBox{west * 10'000'000, -900'000'000, east * 10'000'000, 900'000'000};
  return interest;
}

/// With what is outside at a slower pace.
Interest around(std::int32_t west, std::int32_t east) {
  Interest interest = area(west, east);
  interest.outside_ms = 500;
  return interest;
}

Interest some_interest(std::uint64_t which) {
  Interest interest;
  if (which == 1) interest.pace_ms = 100;
  if (which == 2) interest = area(-60, 60);
  if (which == 3) interest = area(120, -120);  // across the antimeridian
  if (which == 4) interest.units = {unit_name(1), unit_name(2), unit_name(3)};
  if (which == 5) interest.channels = {"*/north"};
  if (which == 6) interest.channels = {"track/south/g1", "event/south", "state"};
  if (which == 7) interest.classes = 3;
  if (which == 8) {
    interest = area(0, 100);
    interest.pace_ms = 250;
  }
  if (which == 9) interest = around(-100, 0);
  if (which == 10) {
    interest = around(20, 30);
    interest.pace_ms = 40;
    interest.always = {unit_name(5), unit_name(6)};
  }
  if (which == 11) {
    interest = around(170, -100);
    interest.channels = {"track/north", "track/south/g2", "event", "state"};
  }
  return interest;
}

/// A view as a person moves it about: elsewhere, the whole world, or another unit chosen.
Interest moved_view(World& world) {
  const auto west = static_cast<std::int32_t>(world.chance(300)) - 180;
  Interest interest;
  const std::uint64_t what = world.chance(8);
  if (what == 0) return interest;
  interest = what == 1 ? area(west, west + 60) : around(west, west + 60);
  if (what > 5) interest.always = {unit_name(static_cast<std::uint32_t>(world.chance(kUnits)))};
  return interest;
}

TEST(CursorTest, SendsEveryEventOnceAndTheNewestPositionsWhateverTheBrowserDoes) {
  for (std::uint64_t seed = 1; seed <= 150 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    SharedPictureOptions options;
    options.ring_bytes_max = seed % 3 == 0 ? 8'000 : 1'000'000;
    options.events_max = seed % 4 == 0 ? 12 : 10'000;
    options.frame_bytes_goal = seed % 5 == 0 ? 600 : 100'000;
    World world(seed, options);
    std::vector<std::unique_ptr<Browser>> browsers;
    for (std::uint64_t which = 0; which < 13; ++which) {
      const std::size_t frame_goal = seed % 2 == 0 ? 700 : 192 * 1024;
      browsers.push_back(std::make_unique<Browser>(world, some_interest(which), frame_goal));
    }
    for (int step = 0; step < 150; ++step) {
      const std::uint64_t acts = world.chance(12);
      for (std::uint64_t i = 0; i < acts; ++i) world.act();
      world.flush();
      for (const auto& browser : browsers) {
        browser->on_frames();
        const bool stalls = (step / 20) % 2 == 1 && world.chance(2) == 0;
        if (!stalls && world.chance(3) != 0) browser->take_one();
        if (world.chance(60) == 0) browser->connect_again();
      }
      if (world.chance(20) == 0) {
        const auto west = static_cast<std::int32_t>(world.chance(300)) - 180;
        browsers[2]->change(area(west, west + 60));
      }
      if (world.chance(15) == 0) browsers[9]->change(moved_view(world));
      if (world.chance(4) == 0) browsers[12]->change(moved_view(world));
    }
    for (const auto& browser : browsers) {
      browser->settle();
      browser->check();
    }
  }
}

TEST(CursorTest, GivesABrowserThatKeepsUpEveryFixInTheRingsOwnFrames) {
  World world(7);
  Browser browser(world, {});
  browser.settle();
  const std::uint64_t before = world.fixes;
  for (int step = 0; step < 50; ++step) {
    for (std::uint32_t unit = 0; unit < 10; ++unit) world.move(unit);
    world.flush();
    browser.on_frames();
    while (browser.take_one()) {
    }
    EXPECT_TRUE(browser.cursor().riding());
  }
  EXPECT_EQ(browser.page.fixes(), world.fixes - before);
  EXPECT_EQ(browser.page.conflated(), 0u);
}

TEST(CursorTest, SharesTheRingsFramesWithoutACopy) {
  World world(7);
  Cursor cursor(false, {});
  cursor.begin(world.picture);
  while (cursor.next(world.picture, 0)) {
  }
  world.move(1);
  world.flush();
  const auto message = cursor.next(world.picture, 0);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->shared);
  EXPECT_EQ(message->bytes, world.picture.ring().at(world.picture.ring().end() - 1).bytes);
}

TEST(CursorTest, CountsExactlyWhatItLeftOutOfABrowserThatFellBehind) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world(seed);
    Browser browser(world, {});
    browser.settle();
    const std::uint64_t before = world.fixes;
    for (int step = 0; step < 200; ++step) {
      for (std::uint64_t i = world.chance(30); i > 0; --i) {
        world.move(static_cast<std::uint32_t>(world.chance(kUnits)));
      }
      world.flush();
      browser.on_frames();
      if ((step / 25) % 2 == 0) browser.take_one();
    }
    browser.settle();
    browser.check();
    EXPECT_GT(browser.page.conflated(), 0u);
    EXPECT_EQ(browser.page.fixes() + browser.page.conflated(), world.fixes - before);
  }
}

TEST(CursorTest, ListsAgainForABrowserThatHadNothingSinceThePictureWasListed) {
  World world(3);
  Browser browser(world, {});
  browser.settle();
  const std::uint64_t snapshots = browser.page.snapshots();
  browser.connect_again();
  browser.settle();
  EXPECT_EQ(browser.page.snapshots(), snapshots + 1) << "it may be of a list that was other";
  browser.check();
}

TEST(CursorTest, LeavesABrowserThatComesBackWhatItHad) {
  World world(3);
  Browser browser(world, {});
  browser.settle();
  world.move(5);
  world.flush();
  browser.settle();
  const std::uint64_t snapshots = browser.page.snapshots();
  world.move(4);
  world.say(unit_name(4));
  world.flush();
  browser.connect_again();
  const std::uint64_t events = browser.page.events().size();
  browser.settle();
  EXPECT_EQ(browser.page.snapshots(), snapshots);
  EXPECT_EQ(browser.page.events().size(), events + 1);
  browser.check();
}

TEST(CursorTest, LosesNoEventToABrowserThatIsCutAmidThoseThatOnlyTheHubHas) {
  SharedPictureOptions options;
  options.events_max = 2;
  World world(9, options);
  Browser browser(world, {}, 300);
  browser.settle();
  for (int i = 0; i < 30; ++i) world.say(unit_name(1));
  world.flush();
  browser.on_frames();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(browser.take_one());
    browser.connect_again();
  }
  browser.settle();
  browser.check();
}

TEST(CursorTest, AsksTheHubAgainForEventsThatThePictureForgot) {
  World world(9);
  Browser browser(world, {});
  browser.settle();
  for (int i = 0; i < 3; ++i) world.say(unit_name(1));
  world.flush();
  EXPECT_FALSE(world.picture.events().after(world.picture.event_seq() - 1) == std::nullopt);
  world.picture.forget_events();
  EXPECT_EQ(world.picture.events().after(world.picture.event_seq() - 1), std::nullopt);
  EXPECT_NE(world.picture.events().after(world.picture.event_seq()), std::nullopt);
  browser.connect_again();
  browser.settle();
  browser.check();
}

/// Unit 1 stands in the area of around(0, 1), all others outside.
void stand_apart(World& world) {
  for (std::uint32_t unit = 0; unit < kUnits; ++unit) world.move_to(unit, unit == 1 ? 0 : 90);
  world.flush();
}

TEST(CursorTest, SendsUnitsOutsideTheAreaAtTheirOwnPace) {
  World world(5);
  stand_apart(world);
  Browser browser(world, around(0, 1));
  browser.settle();
  ASSERT_TRUE(browser.cursor().riding());
  EXPECT_EQ(browser.page.shown().size(), kUnits);
  const std::uint64_t before = browser.page.fixes();
  std::uint64_t outside = browser.page.all_fixes() - before;
  for (int step = 0; step < 100; ++step) {  // two seconds, all move each 20 ms
    world.now_us += 10'000;
    stand_apart(world);
    browser.on_frames();
    while (browser.take_one()) {
    }
  }
  EXPECT_EQ(browser.page.fixes() - before, 100u);
  outside = browser.page.all_fixes() - browser.page.fixes() - outside;
  EXPECT_GE(outside, 3 * (kUnits - 1));
  EXPECT_LE(outside, 5 * (kUnits - 1));
  EXPECT_EQ(browser.page.conflated(), 0u);
  EXPECT_TRUE(browser.cursor().riding());
  EXPECT_NE(browser.cursor().wakeup_us(world.picture), Cursor::kNever);
  browser.settle();
  browser.check();
  EXPECT_EQ(browser.cursor().wakeup_us(world.picture), Cursor::kNever);
}

TEST(CursorTest, BringsWhatComesIntoTheAreaAtOnce) {
  World world(5);
  stand_apart(world);
  Interest interest = around(0, 1);
  interest.outside_ms = 60'000;
  Browser browser(world, interest);
  browser.settle();
  EXPECT_FALSE(browser.take_one());  // all had their turn now
  stand_apart(world);
  browser.on_frames();
  while (browser.take_one()) {
  }
  const auto now = [&](std::uint32_t unit) {
    return browser.page.shown().at(unit_name(unit)) == world.picture.units()[unit].newest.seq();
  };
  EXPECT_FALSE(now(2));
  interest.always = {unit_name(2)};
  browser.change(interest);
  while (browser.take_one()) {
  }
  EXPECT_TRUE(now(2));
  EXPECT_FALSE(now(3));
  EXPECT_NE(browser.page.fix_seq(), 0u);
  Interest there = around(89, 91);
  there.outside_ms = 60'000;
  browser.change(there);
  while (browser.take_one()) {
  }
  EXPECT_TRUE(now(3));
  EXPECT_EQ(browser.page.snapshots(), 1u);
}

TEST(CursorTest, NeverCutsAnEventByTheArea) {
  World world(5);
  stand_apart(world);
  Browser browser(world, around(0, 1));
  browser.settle();
  world.say(unit_name(7));
  world.flush();
  browser.on_frames();
  ASSERT_TRUE(browser.take_one());
  EXPECT_EQ(browser.page.events().size(), 1u);
}

TEST(CursorTest, LetsFixesOutAtThePaceAndEventsAtOnce) {
  World world(5);
  Interest paced;
  paced.pace_ms = 1000;
  Browser browser(world, paced);
  browser.settle();
  world.move(1);
  world.flush();
  ASSERT_TRUE(browser.take_one());
  world.move(1);
  world.move(1);
  world.say(unit_name(1));
  world.flush();
  ASSERT_TRUE(browser.take_one());
  EXPECT_EQ(browser.page.events().size(), 1u);
  EXPECT_EQ(browser.page.fixes(), 1u);
  EXPECT_FALSE(browser.take_one());
  EXPECT_NE(browser.cursor().wakeup_us(world.picture), Cursor::kNever);
  world.now_us += 1'000'000;
  ASSERT_TRUE(browser.take_one());
  EXPECT_EQ(browser.page.fixes(), 2u);
  EXPECT_EQ(browser.page.conflated(), 1u);
}

}  // namespace
}  // namespace vigie::web::test
