#pragma once
// A hub of chance, and a browser that takes from it when it likes, for the tests of the cursor.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "clients/web/server/live/cursor.h"
#include "tests/unit/clients/web/live/page_model.h"

namespace vigie::web::test {

inline constexpr std::uint32_t kUnits = 30;

inline std::string unit_name(std::uint32_t unit) {
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
    const auto lon = (static_cast<std::int32_t>(chance(36)) - 18) * 100'000'000;
    put(unit, lat, lon, flags);
  }
  void move_to(std::uint32_t unit, std::int32_t lon) { put(unit, 0, lon * 10'000'000, 0); }
  void put(std::uint32_t unit, std::int32_t lat, std::int32_t lon, unsigned flags) {
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
    changed_ = changed_ || !interest.whole() || !interest_.whole();
    interest_ = interest;
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
      const bool taken =
          unit.present && filter.takes_unit(i, unit.name, unit.group) &&
          (interest_.paces_outside() ||
           filter.is_near(i, unit.name, unit.group, unit.newest.lat_e7(), unit.newest.lon_e7()));
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
  bool changed_ = false;  // the interest, on this connection, in what it takes
};

}  // namespace vigie::web::test
