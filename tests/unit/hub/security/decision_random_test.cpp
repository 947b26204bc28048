// The one decision, from random identities and grants as they were said, against a slow and obvious
// model that folds nothing.

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <sstream>

#include "tests/unit/schemas/seed.h"
#include "tests/unit/support/access_book.h"

namespace vigie::security {
namespace {

using test::Book;
using test::key;
using wire::Role;
using enum MessageClass;

/// An identity as it was said last.
struct Said {
  std::string name;
  Role role;
  std::vector<std::string> units;
  bool revoked = false;
};
/// A grant as it was said, and when.
struct Granted {
  std::string name;
  wire::GrantT grant;
  std::int64_t made_us;
  std::int64_t ended_us = INT64_MAX;  // by its administrator
};

const std::vector<std::string> kOwners{"alpha", "bravo", "charlie"};

/// Who was enrolled and what was granted and ended, at random; said to a registry, and kept as it
/// was said.
class Story {
 public:
  explicit Story(std::mt19937_64& random) : random_(random) {
    for (std::size_t i = 0; i < kOwners.size(); ++i) {
      book.must(key('0'), Book::identity(kOwners[i] + "/boss", boss_digit(i), Role::Administrator));
      people[boss_digit(i)] = {kOwners[i] + "/boss", Role::Administrator, {}};
    }
    for (int step = 0; step < 25; ++step) {
      book.now_us += pick(3) == 0 ? 0 : 1 + pick(100);
      if (pick(3) == 0) {
        enrol();
      } else if (pick(3) == 0) {
        end_one();
      } else {
        grant_one();
      }
    }
    book.now_us += pick(100);
  }

  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool chance(int percent) { return pick(100) < percent; }
  std::string any(const std::vector<std::string>& of) {
    return of[static_cast<std::size_t>(pick(static_cast<int>(of.size())))];
  }

  Book book;
  std::map<char, Said> people;  // by the digit of their keys
  std::vector<Granted> grants;

 private:
  static char boss_digit(std::size_t owner) { return static_cast<char>('1' + owner); }

  /// A new one, another role for one of before, or its end.
  void enrol() {
    const char digit = any({"4", "5", "6", "7", "8", "9"}).front();
    const auto found = people.find(digit);
    if (found != people.end() && found->second.revoked) return;  // that key stays nobody's
    const std::string name =
        found != people.end() ? found->second.name : any(kOwners) + "/who" + std::string(1, digit);
    if (found != people.end() && chance(20)) {
      book.must(key('0'), Book::revoked(name));
      found->second.revoked = true;
      return;
    }
    const std::string owner(owner_of(name));
    constexpr std::array kRoles{Role::Tracker, Role::Console, Role::Gateway, Role::Partner,
                                Role::Administrator};
    Said said{name, kRoles[static_cast<std::size_t>(pick(5))], {}};
    if (said.role == Role::Tracker) said.units = {owner + "/v" + std::to_string(pick(2))};
    if (said.role == Role::Gateway) said.units = {owner + "/*"};
    book.must(key('0'), Book::identity(name, digit, said.role, said.units));
    people[digit] = said;
  }

  void grant_one() {
    const auto from = static_cast<std::size_t>(pick(static_cast<int>(kOwners.size())));
    const std::string& owner = kOwners[from];
    std::string to = any(kOwners);
    if (chance(40) && !people.empty()) {
      to = std::next(people.begin(), pick(static_cast<int>(people.size())))->second.name;
    }
    if (owner_of(to) == owner) return;  // that is its own already
    auto state = Book::grant(owner + "/g" + std::to_string(grants.size()), to);
    wire::GrantT& grant = *state->grant;
    grant.classes = static_cast<wire::Class>(pick(8));
    while (chance(30)) grant.groups.push_back(any({"north", "south", "-"}));
    while (chance(20)) grant.units.push_back(owner + "/v" + std::to_string(pick(2)));
    if (chance(30)) {
      grant.area = std::make_unique<wire::Area>(pick(10), pick(10), 10 + pick(10), 10 + pick(10));
    }
    if (chance(30)) grant.from_us = book.now_us + pick(600) - 300;
    if (chance(30)) grant.until_us = std::max(book.now_us, grant.from_us) + 1 + pick(300);
    if (chance(30)) grant.ends_us = book.now_us + 1 + pick(1000);
    grant.past = chance(20);
    if (chance(15)) grant.delay_s = 1;
    grants.push_back({state->name, grant, book.now_us});
    book.must(key(boss_digit(from)), std::move(state));
  }

  void end_one() {
    if (grants.empty()) return;
    Granted& one = grants[static_cast<std::size_t>(pick(static_cast<int>(grants.size())))];
    if (one.ended_us != INT64_MAX) return;
    auto state = Book::grant(one.name, one.grant.to);
    *state->grant = one.grant;
    const auto from = std::find(kOwners.begin(), kOwners.end(), owner_of(one.name));
    book.must(key(boss_digit(static_cast<std::size_t>(from - kOwners.begin()))),
              Book::ended(std::move(state), one.made_us));
    one.ended_us = book.now_us;
  }

  std::mt19937_64& random_;
};

bool has(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_data_of(const AccessEntry& asked, std::string_view owner) {
  return asked.owner == owner && asked.group != kAccessGroup && asked.group != kAuditGroup;
}

/// By who it is alone, whatever is granted.
bool is_its_own(const Said& who, const AccessEntry& asked) {
  const std::string_view owner = owner_of(who.name);
  const bool is_administrator = who.role == Role::Administrator;
  const bool is_itself = asked.group == kAccessGroup && asked.unit == who.name;
  if (is_itself && asked.message_class == State) return true;
  if (is_administrator && (asked.group == kAccessGroup || asked.group == kAuditGroup)) {
    return asked.message_class != Track && (asked.owner == owner || owner == kHubOwner);
  }
  if (!is_data_of(asked, owner) || owner == kHubOwner) return false;
  if (is_administrator || who.role == Role::Console) return true;
  const bool publishes = who.role == Role::Tracker || who.role == Role::Gateway;
  bool of_its_units = has(who.units, asked.unit) || who.role == Role::Gateway;
  std::istringstream to{std::string(asked.addressed_to)};
  for (std::string one; to >> one;) of_its_units = of_its_units || has(who.units, one);
  return publishes && of_its_units && asked.message_class != Track;
}

/// By what a grant says, whenever it stands.
bool says(const Granted& one, const AccessEntry& asked) {
  const wire::GrantT& grant = one.grant;
  const auto bit = 1u << static_cast<unsigned>(asked.message_class);
  const auto classes = static_cast<unsigned>(grant.classes);
  if (!is_data_of(asked, owner_of(one.name))) return false;
  if (classes != 0 && (classes & bit) == 0) return false;
  if (!grant.groups.empty() && !has(grant.groups, asked.group.empty() ? "-" : asked.group)) {
    return false;
  }
  if (!grant.units.empty() && !has(grant.units, asked.unit)) return false;
  if (grant.until_us != 0 && asked.known_us >= grant.until_us) return false;
  if (asked.message_class == State) return true;
  if (asked.known_us < grant.from_us) return false;
  return grant.area == nullptr ||
         (asked.position && asked.position->lat_e7 >= grant.area->south_e7() &&
          asked.position->lat_e7 <= grant.area->north_e7() &&
          asked.position->lon_e7 >= grant.area->west_e7() &&
          asked.position->lon_e7 <= grant.area->east_e7());
}

bool stands(const Granted& one, std::int64_t us) {
  return (one.grant.past || us >= one.made_us) && us < one.ended_us &&
         (one.grant.ends_us == 0 || us < one.grant.ends_us);
}

bool permits_slowly(const Story& story, const Said& who, const AccessEntry& asked,
                    std::int64_t read_us) {
  if (is_its_own(who, asked)) return true;
  const std::string_view owner = owner_of(who.name);
  const bool reads =
      who.role == Role::Console || who.role == Role::Partner || who.role == Role::Administrator;
  if (!reads || owner == kHubOwner) return false;
  bool today = false;
  bool then = read_us == kPresentUs;
  for (const Granted& one : story.grants) {
    if (one.grant.to != owner && one.grant.to != who.name) continue;
    // What was granted to it is told to it, and so is its end.
    const bool is_told = asked.message_class == State && asked.group == kAccessGroup;
    if (is_told && asked.unit == one.name) return true;
    if (one.grant.delay_s != 0 || !says(one, asked)) continue;
    today = today || stands(one, story.book.now_us);
    then = then || stands(one, read_us);
  }
  return today && then;
}

AccessEntry random_entry(Story& story, std::string& unit, std::string& group) {
  const std::string owner = story.any(kOwners);
  group = story.any({"north", "south", "-", "", "_access", "_audit"});
  unit = owner + "/" + story.any({"v0", "v1", "boss", "who4", "who5", "g0", "g1", "g2", "audit"});
  AccessEntry asked{.message_class = static_cast<MessageClass>(story.pick(3)),
                    .owner = owner_of(unit),
                    .group = group,
                    .unit = unit,
                    .known_us = test::kNoonUs + story.pick(2500) - 200,
                    .position = {}};
  constexpr std::array<std::string_view, 4> kAddressed{"", "alpha/v0", "alpha/v1 bravo/v0",
                                                       "bravo/v1 charlie/v0"};
  if (asked.message_class == Event) {
    asked.addressed_to = kAddressed[static_cast<std::size_t>(story.pick(4))];
  }
  if (story.chance(80)) asked.position = AccessPoint{story.pick(20), story.pick(20)};
  return asked;
}

TEST(DecisionAtRandom, of_identities_and_grants_as_they_were_said_is_that_of_the_obvious_model) {
  std::mt19937_64 random(test::seed());
  std::map<Role, int> by_grants;
  int hub_administrators = 0;
  for (int round = 0; round < 400; ++round) {
    Story story(random);
    std::map<char, Said> people = story.people;
    people['0'] = {"_hub/chief", Role::Administrator, {}};
    for (const auto& [digit, who] : people) {
      const Holder holder = story.book.registry.find(key(digit), story.book.now_us);
      ASSERT_EQ(holder.identity == nullptr, who.revoked) << who.name;
      if (who.revoked) continue;
      const auto entitlement = story.book.registry.entitlement(*holder.identity, story.book.now_us);
      for (int i = 0; i < 60; ++i) {
        std::string unit;
        std::string group;
        const AccessEntry asked = random_entry(story, unit, group);
        const std::int64_t read_us = story.chance(30)   ? kPresentUs
                                     : story.chance(50) ? asked.known_us
                                                        : asked.known_us + story.pick(500);
        const bool permits = entitlement->permits(asked, read_us);
        ASSERT_EQ(permits, permits_slowly(story, who, asked, read_us))
            << who.name << " " << unit << " " << group;
        if (permits && !is_its_own(who, asked)) ++by_grants[who.role];
        if (permits && digit == '0') ++hub_administrators;
      }
    }
  }
  for (const Role role : {Role::Console, Role::Partner, Role::Administrator}) {
    EXPECT_GT(by_grants[role], 200) << "the test shows little of " << wire::EnumNameRole(role);
  }
  EXPECT_EQ(by_grants[Role::Tracker] + by_grants[Role::Gateway], 0);
  EXPECT_GT(hub_administrators, 200);
}

}  // namespace
}  // namespace vigie::security
