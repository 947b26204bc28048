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
//
// What one party is granted is one set of rules (rule_set.h), which all share whom it is for:
// however many they are, it is made once, and an entry is looked up in it by owner, unit and group.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/messages/names.h"
#include "schemas/model/rule_set.h"

namespace vigie {

class Entitlement {
 public:
  /// The rules for one identity, those that ended too, as they are at `now_us`. Equal `key`s mean
  /// equal rules: sessions with the same key share frames.
  /// REQUIRES: a rule that has terms is the only one.
  Entitlement(std::vector<AccessRule> rules, std::int64_t now_us);
  /// Of sets that others share, together. Null ones are left out. A rule of one set may stand today
  /// and one of another at the moment that is read.
  explicit Entitlement(std::vector<RuleSetPtr> sets);

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
  std::vector<RuleSetPtr> sets_;
  bool units_can_leave_ = false;
  std::int64_t valid_until_us_ = INT64_MAX;
  std::string key_;
  Terms terms_;
};

}  // namespace vigie
