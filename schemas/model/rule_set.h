#pragma once
// Rules of who may see what (entitlement.h), many together, so that an entry is looked at by those
// few that may cover it. Pure; immutable once made, so that many entitlements, and threads, share
// it.
//
// Rules that name units are found by the unit, others that name groups by the group. What is left
// to be asked one by one are the rules of one owner that name neither, or the same ones, and differ
// by class, area or time.

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/keys/hash.h"
#include "schemas/messages/names.h"
#include "schemas/model/area.h"
#include "schemas/model/terms.h"

namespace vigie {

/// The moment that is read, where it is the present picture.
inline constexpr std::int64_t kPresentUs = INT64_MAX;
inline constexpr unsigned kAllClasses = (1u << kClassCount) - 1;

/// Some of one owner's data. Times are known times in microseconds.
struct AccessRule {
  std::string owner;
  unsigned classes = kAllClasses;     // bit 1 << MessageClass
  std::vector<std::string> groups{};  // as channels write them; empty: all but reserved ones
  std::vector<std::string> units{};   // OWNER/NAME; empty: all
  bool addressed = false;             // with `units`: events that are addressed to them, too
  /// Fixes and events with a position inside; events without a position are not covered, states
  /// are.
  std::optional<AreaBox> area{};
  /// Entries known in [from, until). A state that became known before is in force then, and
  /// covered.
  std::int64_t from_us = INT64_MIN;
  std::int64_t until_us = INT64_MAX;
  /// The rule stands in [made, ended).
  std::int64_t made_us = INT64_MIN;
  std::int64_t ended_us = INT64_MAX;
  Terms terms{};
};

struct AccessPoint {
  std::int32_t lat_e7, lon_e7;
};

/// An entry, as far as the decision looks at it.
struct AccessEntry {
  MessageClass message_class;
  std::string_view owner;
  std::string_view group;  // empty or "-": none
  std::string_view unit;
  std::int64_t known_us;
  std::optional<AccessPoint> position;
  std::string_view addressed_to = {};  // of an event, as schemas/messages/addressee.h
};

/// What is permitted of a channel before its entries are looked at.
struct ChannelAccess {
  bool some = false;  // false: nothing, whatever it holds
  /// Every entry known from here on is permitted, live and in the present picture, without a look
  /// at it; INT64_MAX: each is to be looked at.
  std::int64_t whole_from_us = INT64_MAX;

  /// What both permit is permitted.
  void add(const ChannelAccess& more) {
    some = some || more.some;
    whole_from_us = std::min(whole_from_us, more.whole_from_us);
  }
};

/// A rule as sets hold it: its lists are in order, and its key is known.
struct SetRule {
  explicit SetRule(AccessRule said);
  AccessRule rule;
  std::string key;  // equal ones mean equal rules
  Hash key_hash;
};
using SetRulePtr = std::shared_ptr<const SetRule>;

class RuleSet {
 public:
  /// The rules as they are at `now_us`, those that ended too. Equal `key`s mean equal rules, of
  /// which the same stand, in whatever order they came.
  RuleSet(std::vector<SetRulePtr> rules, std::int64_t now_us);
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  bool permits_today(const AccessEntry& entry) const;
  /// Whether a rule that stood at that moment covers the entry.
  bool permitted_at(const AccessEntry& entry, std::int64_t read_us) const;
  ChannelAccess channel(MessageClass message_class, std::string_view owner,
                        std::string_view group) const;
  bool units_can_leave() const { return units_can_leave_; }
  /// From this moment on another one is to be made: a rule begins or ends to stand.
  std::int64_t valid_until_us() const { return valid_until_us_; }
  const std::string& key() const { return key_; }
  const Terms& terms() const { return terms_; }
  /// Those that stand.
  std::vector<const AccessRule*> today() const;
  /// How many rules were asked whether they cover an entry like this one: what a decision costs.
  std::size_t asked_for(const AccessEntry& entry) const;

 private:
  using Places = std::vector<std::uint32_t>;
  using ByText = boost::unordered_flat_map<std::string_view, Places>;
  using Channels = boost::unordered_flat_map<std::string_view, ChannelAccess>;
  struct OfOwner {
    ByText by_unit;   // rules that name units
    ByText by_group;  // others that name groups
    Places others;    // and those that have to be asked each time
    // Of those that stand.
    std::array<ChannelAccess, kClassCount> any_group;
    std::array<Channels, kClassCount> of_group;
  };
  void put(std::uint32_t place);
  void put_today(const AccessRule& rule, OfOwner& of_owner);
  void make_key();
  template <typename Ask>
  bool any_of(const AccessEntry& entry, const Ask& ask) const;

  std::vector<SetRulePtr> rules_;  // what is named below lies in them
  std::vector<bool> today_;        // by place
  std::map<std::string_view, OfOwner> by_owner_;
  bool units_can_leave_ = false;
  std::int64_t valid_until_us_ = INT64_MAX;
  std::string key_;
  Terms terms_;
};
using RuleSetPtr = std::shared_ptr<const RuleSet>;

RuleSetPtr rule_set_of(std::vector<AccessRule> rules, std::int64_t now_us);

}  // namespace vigie
