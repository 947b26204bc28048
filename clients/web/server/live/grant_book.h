#pragma once
// Grants that have terms, as an identity's own session tells of them: the hub names those that the
// identity may open when the session begins, and the states of grants say what each is and when it
// ended. What is told here is what both say: one of which only the name has come waits for its
// content, without which nobody could know how old and how coarse its view is.
//
// take() by the session's thread, the rest by any: a mutex guards all of it, for a reader that
// comes now and then.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "vigie/items.h"

namespace vigie::web {

/// One that the identity may open.
struct GrantTold {
  std::string name = {};  // OWNER/NAME
  client::Grant content = {};
  bool operator==(const GrantTold&) const = default;
};

class GrantBook {
 public:
  static constexpr std::size_t kGrantsMax = 10'000;  // that stand

  void take(const client::Item& item);
  /// Of `named` (ConsoleStatus::grants) those that stand now, by the hub's clock, in their order.
  std::vector<GrantTold> standing(const std::vector<std::string>& named,
                                  std::int64_t hub_time_us) const;

 private:
  void make_room(std::int64_t hub_time_us);

  mutable std::mutex mutex_;
  std::map<std::string, client::Grant> grants_;
};

/// For how long the terms hold a position back, so that a unit that moves looks still: positions
/// are so much older without anything being wrong. 0: not at all, or not known.
std::int64_t held_back_us(const client::Grant& grant);

/// The log of a view by a grant, as browsers are told: another one for each grant and each log of
/// the hub, so that a place in one view is none in another. 32 hexadecimal digits.
std::string log_by_grant(const std::string& log, const std::string& grant);

}  // namespace vigie::web
