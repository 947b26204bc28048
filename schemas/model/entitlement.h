#pragma once
// What one identity may see, in a form that is quick to ask. Every way out of the hub (live,
// snapshot, catching up, history, replay) is cut by this one decision. Pure; immutable once made,
// so that threads may share it.
//
// An entry is permitted when two rules cover it, which may be the same one:
//   a rule that stands today, and
//   a rule that stood at the moment that is read: for the log when the entry became known; for a
//   picture of the past that moment, or later when the entry became known later. The present
//   picture is judged by today alone.
// So what was withheld stays withheld, whatever is granted later, and what is withdrawn is
// withdrawn from the past too. A rule with made_us at the beginning of time is the explicit
// exception.
//
// A rule that has terms stands alone: what it shows is made of what was stored, by its terms, and
// is cut by it only then (hub/replay/coarse_source.cpp).

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
};

class Entitlement {
 public:
  /// The rules for one identity, those that ended too, as they are at `now_us`. Equal `key`s mean
  /// equal rules: sessions with the same key share frames.
  /// REQUIRES: a rule that has terms is the only one.
  Entitlement(std::vector<AccessRule> rules, std::int64_t now_us);

  /// REQUIRES: read_us is kPresentUs, or not below what the entry's own known time was.
  bool permits(const AccessEntry& entry, std::int64_t read_us) const;
  ChannelAccess channel(MessageClass message_class, std::string_view owner,
                        std::string_view group) const;
  /// True when a unit can leave what is permitted by moving, by changing its group or by time.
  bool units_can_leave() const { return units_can_leave_; }
  /// From this moment on another one is to be made: a rule begins or ends to stand.
  std::int64_t valid_until_us() const { return valid_until_us_; }
  const std::string& key() const { return key_; }
  const Terms& terms() const { return terms_; }
  /// What is to be read before terms are applied: the same owners, classes and units, wherever and
  /// whenever they were.
  std::shared_ptr<const Entitlement> at_large() const;

 private:
  /// Places in `all`.
  struct Places {
    std::vector<std::size_t> ever, today;
  };
  struct Rules {
    std::vector<AccessRule> all;  // their groups and units are sorted
    Places places;
    std::array<Places, kClassCount> of_class;
  };
  std::map<std::string, Rules, std::less<>> by_owner_;
  bool units_can_leave_ = false;
  std::int64_t valid_until_us_ = INT64_MAX;
  std::string key_;
  Terms terms_;
};

}  // namespace vigie
