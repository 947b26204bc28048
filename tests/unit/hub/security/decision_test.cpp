// The one decision, from who somebody is and what was granted to what may be seen: each role,
// class, owner, state of a grant and moment in a table. Blue grants, green looks.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/support/access_book.h"

namespace vigie::security {
namespace {

using test::Book;
using test::key;
using test::kHour;
using wire::Role;
using enum MessageClass;

constexpr std::int64_t kMinute = kHour / 60;

/// What somebody of green is, or the hub's own administrator.
enum class Who { Tracker, Console, Gateway, Partner, Administrator, HubAdministrator };
enum class Given { Nothing, ToOwner, ToIdentity, ToSomebodyElse, Ended, PastWindow, WithTerms };
/// When the entry became known: before the grant was made, in its window, after that.
enum class Moment { Before, During, After };

constexpr auto kEverybody = {Who::Tracker, Who::Console,       Who::Gateway,
                             Who::Partner, Who::Administrator, Who::HubAdministrator};
constexpr auto kGiven = {Given::Nothing,        Given::ToOwner, Given::ToIdentity,
                         Given::ToSomebodyElse, Given::Ended,   Given::PastWindow,
                         Given::WithTerms};
constexpr auto kMoments = {Moment::Before, Moment::During, Moment::After};

struct Asked {
  MessageClass message_class;
  std::string group;
  const char* unit;  // without the owner
};
const std::vector<Asked> kAsked{{Track, "", "v1"},
                                {Event, "", "v1"},
                                {State, "", "v1"},
                                {Track, "north", "v1"},
                                {State, std::string(kAccessGroup), "chief"},
                                {Event, std::string(kAuditGroup), "audit"}};

/// What must be, in as few words as it can be said in. `present`: of the present picture, whenever
/// the entry became known.
bool expected(Who who, const Asked& asked, bool own, Given given, Moment moment, bool present) {
  const bool reserved = is_reserved_group(asked.group);
  if (who == Who::HubAdministrator) return reserved;
  if (own && who == Who::Administrator) return true;
  if (reserved) return false;
  if (own && who == Who::Console) return true;
  const bool publishes = who == Who::Tracker || who == Who::Gateway;
  if (publishes) return own && asked.message_class != Track;
  const bool since = !own && (present || moment != Moment::Before);
  if (given == Given::PastWindow) return since && moment != Moment::After;
  return since && (given == Given::ToOwner || given == Given::ToIdentity);
}

/// What a session of the grant itself shows.
bool expected_by_grant(Who who, const Asked& asked, bool own, Given given, Moment moment,
                       bool present) {
  const bool reads = who == Who::Console || who == Who::Partner || who == Who::Administrator;
  return reads && given == Given::WithTerms && !own && !is_reserved_group(asked.group) &&
         (present || moment != Moment::Before);
}

class Table {
 public:
  Table(Who who, Given given) {
    book_.enrol("blue/chief", '1', Role::Administrator);
    book_.enrol("green/other", '3', Role::Console);
    enrol(who);
    book_.now_us = made_us_ = test::kNoonUs + 10 * kMinute;
    give(given);
    book_.now_us = test::kNoonUs + kHour;
    const Identity& identity = *book_.registry.find(who_, book_.now_us).identity;
    plain_ = book_.registry.entitlement(identity, book_.now_us);
    by_grant_ = book_.registry.entitlement_by("blue/g", identity, book_.now_us);
  }

  bool permits(const Asked& asked, bool own, Moment moment, bool present) const {
    return permits(plain_, asked, own, moment, present);
  }
  bool permits_by_grant(const Asked& asked, bool own, Moment moment, bool present) const {
    return by_grant_ != nullptr && permits(by_grant_, asked, own, moment, present);
  }

 private:
  void enrol(Who who) {
    if (who == Who::HubAdministrator) {
      who_ = key('0');
      return;
    }
    const bool one = who == Who::Tracker;
    const bool publishes = one || who == Who::Gateway;
    const Role role = one                   ? Role::Tracker
                      : who == Who::Console ? Role::Console
                      : who == Who::Gateway ? Role::Gateway
                      : who == Who::Partner ? Role::Partner
                                            : Role::Administrator;
    using Units = std::vector<std::string>;
    book_.enrol("green/who", '2', role, publishes ? Units{one ? "green/v1" : "green/*"} : Units{});
    who_ = key('2');
  }

  void give(Given given) {
    if (given == Given::Nothing) return;
    const bool to_identity = given == Given::ToIdentity;
    const bool to_else = given == Given::ToSomebodyElse;
    auto grant = Book::grant("blue/g", to_identity ? "green/who" : to_else ? "red" : "green");
    if (given == Given::PastWindow) grant->grant->until_us = made_us_ + 10 * kMinute;
    if (given == Given::WithTerms) grant->grant->round_m = 1000;
    book_.must(key('1'), std::move(grant));
    if (given != Given::Ended) return;
    book_.now_us = made_us_ + 10 * kMinute;
    book_.must(key('1'), Book::ended(Book::grant("blue/g", "green"), made_us_));
  }

  bool permits(const std::shared_ptr<const Entitlement>& entitlement, const Asked& asked, bool own,
               Moment moment, bool present) const {
    const std::int64_t known_us = made_us_ + (moment == Moment::Before   ? -1
                                              : moment == Moment::During ? 0
                                                                         : 10 * kMinute);
    const std::string owner = own ? "green" : "blue";
    const std::string unit = owner + "/" + asked.unit;
    return entitlement->permits({.message_class = asked.message_class,
                                 .owner = owner,
                                 .group = asked.group,
                                 .unit = unit,
                                 .known_us = known_us,
                                 .position = {}},
                                present ? kPresentUs : known_us);
  }

  Book book_;
  std::string who_;
  std::int64_t made_us_ = 0;
  std::shared_ptr<const Entitlement> plain_, by_grant_;
};

TEST(Decision, of_each_role_class_owner_grant_and_moment_is_as_the_table_says) {
  int rows = 0;
  int permitted = 0;
  for (const Who who : kEverybody) {
    for (const Given given : kGiven) {
      const Table table(who, given);
      for (const Asked& asked : kAsked) {
        for (const Moment moment : kMoments) {
          for (const bool own : {true, false}) {
            for (const bool present : {true, false}) {
              const bool permits = table.permits(asked, own, moment, present);
              const std::string row = fmt::format(
                  "who {} given {} class {} group '{}' moment {} own {} present {}",
                  static_cast<int>(who), static_cast<int>(given), class_name(asked.message_class),
                  asked.group, static_cast<int>(moment), own, present);
              EXPECT_EQ(permits, expected(who, asked, own, given, moment, present)) << row;
              EXPECT_EQ(table.permits_by_grant(asked, own, moment, present),
                        expected_by_grant(who, asked, own, given, moment, present))
                  << row;
              ++rows;
              permitted += permits ? 1 : 0;
            }
          }
        }
      }
    }
  }
  EXPECT_EQ(rows, 6 * 7 * 6 * 3 * 2 * 2);
  EXPECT_GT(permitted, rows / 8) << "the table shows little";
}

}  // namespace
}  // namespace vigie::security
