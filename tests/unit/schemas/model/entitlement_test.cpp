#include "schemas/model/entitlement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "tests/unit/schemas/seed.h"

namespace vigie {
namespace {

using enum MessageClass;

constexpr std::int64_t kNow = 1000;

AccessEntry entry(MessageClass message_class, std::string_view group = "north",
                  std::int64_t known_us = kNow) {
  return {.message_class = message_class,
          .owner = "alpha",
          .group = group,
          .unit = "alpha/v1",
          .known_us = known_us,
          .position = AccessPoint{10, 10}};
}

bool sees(const AccessRule& rule, const AccessEntry& asked, std::int64_t read_us = kPresentUs) {
  return Entitlement({rule}, kNow).permits(asked, read_us);
}

TEST(Entitlement, of_no_rules_is_nothing) {
  const Entitlement none({}, kNow);
  EXPECT_FALSE(none.permits(entry(Track), kPresentUs));
  EXPECT_FALSE(none.channel(Track, "alpha", "north").some);
  EXPECT_FALSE(none.units_can_leave());
}

TEST(Entitlement, of_an_owner_is_all_of_the_owners_data_but_what_says_who_may_do_what) {
  const AccessRule all{.owner = "alpha"};
  for (const MessageClass message_class : {Track, Event, State}) {
    for (const std::string_view group : {"north", "-", ""}) {
      EXPECT_TRUE(sees(all, entry(message_class, group)));
      EXPECT_TRUE(sees(all, entry(message_class, group, 5), 5));
    }
    EXPECT_FALSE(sees(all, entry(message_class, kAccessGroup)));
  }
  EXPECT_FALSE(sees({.owner = "bravo"}, entry(Track)));
  EXPECT_TRUE(sees({.owner = "alpha", .groups = {"_access"}}, entry(State, kAccessGroup)));
}

TEST(Entitlement, is_cut_by_class_group_and_unit) {
  EXPECT_TRUE(sees({.owner = "alpha", .classes = 1}, entry(Track)));
  EXPECT_FALSE(sees({.owner = "alpha", .classes = 1}, entry(Event)));
  EXPECT_TRUE(sees({.owner = "alpha", .groups = {"north"}}, entry(Track)));
  EXPECT_FALSE(sees({.owner = "alpha", .groups = {"south"}}, entry(Track)));
  EXPECT_TRUE(sees({.owner = "alpha", .groups = {"-"}}, entry(Track, "")));
  EXPECT_TRUE(sees({.owner = "alpha", .units = {"alpha/v1"}}, entry(Track)));
  EXPECT_FALSE(sees({.owner = "alpha", .units = {"alpha/v2"}}, entry(Track)));
}

TEST(Entitlement, of_units_covers_events_that_are_addressed_to_them_where_it_says_so) {
  const AccessRule own{.owner = "alpha", .units = {"alpha/v2", "alpha/v3"}, .addressed = true};
  AccessEntry order = entry(Event);
  EXPECT_FALSE(sees(own, order));
  for (const std::string_view to : {"alpha/v2", "alpha/v9 alpha/v3", " alpha/v3  alpha/v9"}) {
    order.addressed_to = to;
    EXPECT_TRUE(sees(own, order)) << to;
    EXPECT_FALSE(sees({.owner = "alpha", .units = {"alpha/v2", "alpha/v3"}}, order))
        << "a grant of units shows what they say, not what is said to them";
    EXPECT_FALSE(sees({.owner = "bravo", .units = {"alpha/v3"}, .addressed = true}, order));
  }
  order.addressed_to = "alpha/v22 alpha/v";
  EXPECT_FALSE(sees(own, order));
}

TEST(Entitlement, by_area_covers_positions_inside_and_states_and_nothing_without_a_position) {
  const AccessRule here{.owner = "alpha", .area = AreaBox{0, 0, 20, 20}};
  const AccessRule elsewhere{.owner = "alpha", .area = AreaBox{50, 50, 70, 70}};
  for (const MessageClass message_class : {Track, Event}) {
    EXPECT_TRUE(sees(here, entry(message_class)));
    EXPECT_FALSE(sees(elsewhere, entry(message_class)));
    AccessEntry nowhere = entry(message_class);
    nowhere.position.reset();
    EXPECT_FALSE(sees(here, nowhere));
  }
  EXPECT_TRUE(sees(elsewhere, entry(State)));
}

TEST(Entitlement, by_a_window_covers_what_became_known_in_it_and_states_in_force_then) {
  const AccessRule window{.owner = "alpha", .from_us = 100, .until_us = 200};
  for (const auto& [known_us, in_window] :
       {std::pair{99, false}, {100, true}, {199, true}, {200, false}}) {
    EXPECT_EQ(sees(window, entry(Track, "north", known_us), known_us), in_window) << known_us;
    EXPECT_EQ(sees(window, entry(Event, "north", known_us), known_us), in_window) << known_us;
    EXPECT_EQ(sees(window, entry(State, "north", known_us), known_us), known_us < 200) << known_us;
  }
}

TEST(Entitlement, does_not_reach_back_before_the_rule_was_made) {
  const AccessRule made{.owner = "alpha", .made_us = 500};
  EXPECT_FALSE(sees(made, entry(Track, "north", 499), 499));
  EXPECT_TRUE(sees(made, entry(Track, "north", 500), 500));
  EXPECT_TRUE(sees(made, entry(Track, "north", 499), kPresentUs)) << "where it stands today";
  EXPECT_TRUE(sees(made, entry(Track, "north", 499), 500)) << "the picture as of then";
}

TEST(Entitlement, ends_for_the_past_too) {
  const AccessRule ended{.owner = "alpha", .made_us = 100, .ended_us = 900};
  EXPECT_FALSE(sees(ended, entry(Track, "north", 500), 500));
  EXPECT_FALSE(Entitlement({ended}, kNow).channel(Track, "alpha", "north").some);
}

TEST(Entitlement, joins_a_rule_of_then_with_one_of_today) {
  const AccessRule then{.owner = "alpha", .made_us = 100, .ended_us = 900};
  const AccessRule today{.owner = "alpha", .classes = 1, .made_us = 950};
  const Entitlement both({then, today}, kNow);
  EXPECT_TRUE(both.permits(entry(Track, "north", 500), 500));
  EXPECT_FALSE(both.permits(entry(Event, "north", 500), 500)) << "today's does not cover events";
  EXPECT_FALSE(both.permits(entry(Track, "north", 920), 920)) << "none stood then";
}

TEST(Entitlement, tells_when_it_is_to_be_made_anew) {
  const AccessRule ends{.owner = "alpha", .made_us = 100, .ended_us = 5000};
  const AccessRule begins{.owner = "alpha", .made_us = 3000};
  EXPECT_EQ(Entitlement({ends}, kNow).valid_until_us(), 5000);
  EXPECT_EQ(Entitlement({ends, begins}, kNow).valid_until_us(), 3000);
  EXPECT_EQ(Entitlement({AccessRule{.owner = "alpha"}}, kNow).valid_until_us(), INT64_MAX);
}

TEST(Entitlement, has_a_key_of_its_rules_in_any_order_and_of_what_stands) {
  const AccessRule a{.owner = "alpha", .ended_us = 1500};
  const AccessRule b{.owner = "bravo"};
  EXPECT_EQ(Entitlement({a, b}, kNow).key(), Entitlement({b, a}, kNow).key());
  EXPECT_NE(Entitlement({a, b}, kNow).key(), Entitlement({b, a}, 2000).key());
  EXPECT_NE(Entitlement({a}, kNow).key(), Entitlement({b}, kNow).key());
  const AccessRule listed{.owner = "alpha", .groups = {"north", "-"}, .units = {"b", "a"}};
  const AccessRule turned{.owner = "alpha", .groups = {"-", "north"}, .units = {"a", "b"}};
  EXPECT_EQ(Entitlement({listed}, kNow).key(), Entitlement({turned}, kNow).key());
}

TEST(Entitlement, finds_a_group_and_a_unit_anywhere_in_a_list_in_any_order) {
  const AccessRule many{.owner = "alpha",
                        .groups = {"west", "north", "east", "-"},
                        .units = {"alpha/v3", "alpha/v1", "alpha/v2"}};
  for (const std::string_view group : {"west", "north", "east", "-", ""}) {
    EXPECT_TRUE(sees(many, entry(Track, group))) << group;
  }
  EXPECT_FALSE(sees(many, entry(Track, "south")));
}

TEST(Entitlement, says_whether_units_can_leave_it) {
  const auto can_leave = [](const AccessRule& rule) {
    return Entitlement({rule}, kNow).units_can_leave();
  };
  EXPECT_FALSE(can_leave({.owner = "alpha"}));
  EXPECT_TRUE(can_leave({.owner = "alpha", .groups = {"north"}}));
  EXPECT_TRUE(can_leave({.owner = "alpha", .area = AreaBox{0, 0, 1, 1}}));
  EXPECT_TRUE(can_leave({.owner = "alpha", .until_us = 2000}));
  EXPECT_FALSE(can_leave({.owner = "alpha", .groups = {"north"}, .ended_us = 10}));
}

// --- against a slow and obvious model ---

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}
  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool chance(int percent) { return pick(100) < percent; }
  std::string any(std::vector<std::string> of) {
    return of[static_cast<std::size_t>(pick(static_cast<int>(of.size())))];
  }
  AccessRule rule() {
    AccessRule rule{.owner = any({"alpha", "bravo"})};
    rule.classes = static_cast<unsigned>(chance(40) ? 7 : pick(8));
    while (chance(30)) rule.groups.push_back(any({"north", "south", "-", "_access"}));
    while (chance(20)) rule.units.push_back(any({"alpha/v1", "alpha/v2", "bravo/v1"}));
    rule.addressed = chance(30);
    if (chance(30)) rule.area = AreaBox{pick(10), pick(10), 10 + pick(10), 10 + pick(10)};
    if (chance(30)) rule.from_us = pick(2000);
    if (chance(30)) rule.until_us = pick(2000);
    if (chance(50)) rule.made_us = pick(2000);
    if (chance(30)) rule.ended_us = pick(2000);
    return rule;
  }

 private:
  std::mt19937_64 random_;
};

/// Each condition by itself, as the header says it.
bool covers_slowly(const AccessRule& rule, const AccessEntry& asked) {
  const std::string group = asked.group.empty() ? "-" : std::string(asked.group);
  const auto has = [](const std::vector<std::string>& list, std::string_view text) {
    for (const std::string& one : list) {
      if (one == text) return true;
    }
    return false;
  };
  const int bit = asked.message_class == Track ? 1 : asked.message_class == Event ? 2 : 4;
  if (rule.owner != asked.owner) return false;
  if ((rule.classes & static_cast<unsigned>(bit)) == 0) return false;
  if (rule.groups.empty() && group == "_access") return false;
  if (!rule.groups.empty() && !has(rule.groups, group)) return false;
  bool of_unit = rule.units.empty() || has(rule.units, asked.unit);
  std::istringstream to{std::string(asked.addressed_to)};
  for (std::string one; to >> one;) of_unit = of_unit || (rule.addressed && has(rule.units, one));
  if (!of_unit) return false;
  if (asked.known_us >= rule.until_us) return false;
  if (asked.message_class == State) return true;
  if (asked.known_us < rule.from_us) return false;
  if (!rule.area) return true;
  return asked.position && asked.position->lat_e7 >= rule.area->south_e7 &&
         asked.position->lat_e7 <= rule.area->north_e7 &&
         asked.position->lon_e7 >= rule.area->west_e7 &&
         asked.position->lon_e7 <= rule.area->east_e7;
}

bool permits_slowly(const std::vector<AccessRule>& rules, const AccessEntry& asked,
                    std::int64_t now_us, std::int64_t read_us) {
  bool today = false;
  bool then = read_us == kPresentUs;
  for (const AccessRule& rule : rules) {
    if (!covers_slowly(rule, asked)) continue;
    if (rule.made_us <= now_us && now_us < rule.ended_us) today = true;
    if (rule.made_us <= read_us && read_us < rule.ended_us) then = true;
  }
  return today && then;
}

TEST(Entitlement, of_many_rules_asks_those_that_may_cover_the_entry) {
  constexpr int kMany = 2000;
  std::vector<AccessRule> rules;
  for (int i = 0; i < kMany; ++i) {
    rules.push_back({.owner = "alpha", .units = {"alpha/v" + std::to_string(i)}});
    rules.push_back({.owner = "alpha", .groups = {"g" + std::to_string(i)}});
    rules.push_back({.owner = "owner" + std::to_string(i)});
  }
  const RuleSetPtr set = rule_set_of(rules, kNow);
  for (const std::string_view group : {"g1", "north", ""}) {
    EXPECT_LE(set->asked_for(entry(Track, group)), 2u);
    EXPECT_TRUE(set->permits_today(entry(Track, group)));
  }
}

TEST(Entitlement, of_many_rules_has_a_short_key_that_tells_them_apart) {
  const auto key_of = [](int count, std::int64_t ended_us, bool turned) {
    std::vector<AccessRule> rules;
    for (int i = 0; i < count; ++i) {
      rules.push_back({.owner = "alpha", .units = {"alpha/v" + std::to_string(i)}});
    }
    rules.front().ended_us = ended_us;
    if (turned) std::reverse(rules.begin(), rules.end());
    return Entitlement(rules, kNow).key();
  };
  EXPECT_LT(key_of(500, kNow + 1, false).size(), 200u);
  EXPECT_EQ(key_of(500, kNow + 1, false), key_of(500, kNow + 1, true));
  EXPECT_NE(key_of(500, kNow + 1, false), key_of(501, kNow + 1, false));
  EXPECT_NE(key_of(500, kNow + 1, false), key_of(500, kNow + 2, false));
  EXPECT_NE(key_of(500, kNow + 1, false), key_of(500, kNow - 1, false));
}

TEST(Entitlement, permits_what_the_obvious_model_permits) {
  Chance chance(test::seed());
  int permitted = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<AccessRule> rules, all;
    for (int i = chance.pick(5); i > 0; --i) rules.push_back(chance.rule());
    const std::int64_t now_us = chance.pick(2000);
    // In one set, or in some that others share.
    std::vector<RuleSetPtr> sets(1 + static_cast<std::size_t>(chance.pick(3)));
    for (RuleSetPtr& set : sets) {
      std::vector<AccessRule> part;
      const std::size_t most = &set == &sets.back() ? rules.size() : std::size_t{2};
      while (!rules.empty() && part.size() < most) {
        part.push_back(rules.back());
        all.push_back(rules.back());
        rules.pop_back();
      }
      set = rule_set_of(part, now_us);
    }
    rules = all;
    const Entitlement entitlement(sets);
    for (int i = 0; i < 30; ++i) {
      const std::string unit = chance.any({"alpha/v1", "alpha/v2", "bravo/v1"});
      const std::string group = chance.any({"north", "south", "-", "", "_access"});
      AccessEntry asked{.message_class = static_cast<MessageClass>(chance.pick(3)),
                        .owner = owner_of(unit),
                        .group = group,
                        .unit = unit,
                        .known_us = chance.pick(2000),
                        .position = {}};
      const std::string to = chance.any({"", "alpha/v1", "alpha/v2 bravo/v1", "bravo/v1"});
      asked.addressed_to = to;
      if (chance.chance(80)) asked.position = AccessPoint{chance.pick(20), chance.pick(20)};
      const std::int64_t read_us = chance.chance(30)   ? kPresentUs
                                   : chance.chance(50) ? asked.known_us
                                                       : asked.known_us + chance.pick(1000);
      const bool permits = entitlement.permits(asked, read_us);
      ASSERT_EQ(permits, permits_slowly(rules, asked, now_us, read_us));
      permitted += permits ? 1 : 0;
      const ChannelAccess access =
          entitlement.channel(asked.message_class, asked.owner, asked.group);
      ASSERT_TRUE(access.some || !permits) << "a channel is not to be left out";
      if (asked.known_us >= access.whole_from_us) {
        ASSERT_TRUE(permits || (read_us != kPresentUs && read_us != asked.known_us))
            << "a whole channel holds nothing that is withheld";
      }
    }
  }
  EXPECT_GT(permitted, 1000) << "the test shows little";
}

}  // namespace
}  // namespace vigie
