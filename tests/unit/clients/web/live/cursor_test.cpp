// What a browser is sent, against a slow and obvious model: every event once and in order, the
// newest position of every unit in the interest, names before use, wherever it was cut off.

#include "clients/web/server/live/cursor.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "tests/unit/clients/web/live/page_model.h"

namespace vigie::web::test {
namespace {

constexpr std::uint32_t kUnits = 30;

std::string unit_name(std::uint32_t unit) {
  return (unit % 2 == 0 ? "north/u" : "south/u") + std::to_string(unit);
}

/// A hub of chance, and the picture that a watch makes of it.
class World {
 public:
  explicit World(std::uint64_t seed, SharedPictureOptions options = {})
      : picture(options), random_(seed) {
    for (std::uint32_t unit = 0; unit < kUnits; ++unit) {
      changes_.emplace_back(UnitNamed{unit, unit_name(unit), {}});
      move(unit);
    }
    changes_.emplace_back(PictureEnds{seq_, 0});
    flush();
  }
  std::uint64_t chance(std::uint64_t below) { return random_() % below; }

  void move(std::uint32_t unit, unsigned flags = 0) {
    const auto lat = static_cast<std::int32_t>(chance(20)) * 10'000'000;
    const auto lon = static_cast<std::int32_t>(chance(36)) * 100'000'000 - 1'800'000'000;
    changes_.emplace_back(wire::PageFix(++seq_, 0, unit, lat, lon, ++counts_[unit], 0, 0, 0, 0, 0,
                                        static_cast<std::uint8_t>(flags), 0));
    ++fixes;
  }
  void say(const std::string& unit) {
    wire::EventT event;
    event.seq = ++seq_;
    event.unit = unit;
    event.kind = "text";
    events.push_back({event.seq, std::make_shared<const wire::EventT>(event), nullptr, {}});
    changes_.emplace_back(EventSaid{events.back().event});
  }
  void tell_card(const std::string& unit, bool deleted) {
    wire::CardT card;
    card.seq = ++seq_;
    card.unit = unit;
    card.deleted = deleted;
    events.push_back({card.seq, nullptr, std::make_shared<const wire::CardT>(card), {}});
    changes_.emplace_back(CardTold{events.back().card});
  }
  void act() {
    const auto unit = static_cast<std::uint32_t>(chance(kUnits));
    const std::uint64_t what = chance(100);
    if (what < 70) {
      move(unit);
    } else if (what < 75) {
      move(unit, static_cast<unsigned>(wire::FixFlag::Late));
    } else if (what < 88) {
      say(unit_name(unit));
    } else if (what < 92) {
      tell_card(unit_name(unit), chance(4) == 0);
    } else if (what < 96) {
      changes_.emplace_back(UnitLeft{unit, ++seq_});
    } else {
      changes_.emplace_back(UnitNamed{unit, unit_name(unit), "g" + std::to_string(chance(3))});
      move(unit);
    }
  }
  void flush() {
    now_us += 10'000;
    picture.take(changes_, now_us, 0);
    changes_.clear();
  }

  SharedPicture picture;
  std::vector<Said> events;  // and cards, all that were ever said
  std::uint64_t fixes = 0;
  std::int64_t now_us = 1'000'000;

 private:
  std::mt19937_64 random_;
  std::vector<Change> changes_;
  std::uint64_t seq_ = 0;
  std::map<std::uint32_t, std::uint32_t> counts_;
};

/// A browser that takes when it likes.
class Browser {
 public:
  Browser(World& world, const Interest& interest, std::size_t frame_goal = 192 * 1024)
      : frame_goal_(frame_goal),
        world_(world),
        interest_(interest),
        cursor_(std::make_unique<Cursor>(false, interest, frame_goal)) {
    cursor_->begin(world.picture);
    events_since_ = world.picture.event_seq();
  }
  void connect_again() {
    const ResumeToken token{"", page.event_seq(), changed_ ? 0 : page.fix_seq()};
    changed_ = false;
    cursor_ = std::make_unique<Cursor>(false, interest_, frame_goal_);
    page.connect();
    if (token.event_seq == 0) {  // nothing came yet
      page = PageModel();
      cursor_->begin(world_.picture);
      events_since_ = world_.picture.event_seq();
    } else {
      cursor_->resume(world_.picture, token);
    }
  }
  void change(Interest interest) {
    interest_ = interest;
    changed_ = true;
    cursor_->set_interest(world_.picture, std::move(interest));
  }
  void on_frames() { cursor_->keep_up(world_.picture, world_.now_us, 50'000); }
  bool take_one() {
    // The hub is asked for what the picture's log has not.
    if (const auto from = cursor_->wants_early(world_.picture)) {
      const std::uint64_t until = world_.picture.events().floor_seq();
      for (const Said& said : world_.events) {
        if (said.seq > *from && said.seq <= until) cursor_->add_early(said);
      }
      cursor_->end_early(world_.picture, until);
    }
    const auto message = cursor_->next(world_.picture, world_.now_us);
    if (message) page.take(*message->bytes);
    return message.has_value();
  }
  void settle() {
    for (int i = 0; i < 4; ++i) {
      while (take_one()) {
      }
      world_.now_us += 100'000'000;
    }
  }
  void check() {
    InterestFilter filter(interest_);
    std::vector<std::uint64_t> events;
    for (const Said& said : world_.events) {
      if (said.event != nullptr && said.seq > events_since_ &&
          filter.takes_event(said.event->unit, said.event->group)) {
        events.push_back(said.seq);
      }
    }
    EXPECT_EQ(page.events(), events);
    std::map<std::string, std::uint64_t> shown;
    const auto& units = world_.picture.units();
    for (std::uint32_t i = 0; i < units.size(); ++i) {
      const LiveUnit& unit = units[i];
      const bool taken = unit.present && filter.takes_unit(i, unit.name, unit.group) &&
                         filter.in_area(unit.newest.lat_e7(), unit.newest.lon_e7());
      if (!taken) continue;
      shown[unit.name] = unit.newest.seq();
      const auto group = page.groups().find(unit.name);
      ASSERT_NE(group, page.groups().end());
      EXPECT_EQ(group->second, unit.group) << unit.name;
    }
    EXPECT_EQ(page.shown(), shown);
    std::set<std::string> cards;
    for (const auto& [name, card] : world_.picture.cards()) {
      if (filter.takes_card(name, card->group)) cards.insert(name);
    }
    EXPECT_EQ(page.cards(), cards);
  }

  PageModel page;
  const Cursor& cursor() const { return *cursor_; }

 private:
  const std::size_t frame_goal_;
  World& world_;
  Interest interest_;
  std::unique_ptr<Cursor> cursor_;
  std::uint64_t events_since_ = 0;
  bool changed_ = false;  // the interest, on this connection
};

Interest area(std::int32_t west, std::int32_t east) {
  Interest interest;
  interest.area = AreaBox{west * 10'000'000, -900'000'000, east * 10'000'000, 900'000'000};
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
    for (std::uint64_t which = 0; which < 9; ++which) {
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

TEST(CursorTest, LeavesABrowserThatComesBackWhatItHad) {
  World world(3);
  Browser browser(world, {});
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
