#pragma once
// What one browser wants to see, and the quick answer to whether something is of it. Pure; one
// thread.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "clients/web/protocol/web_generated.h"
#include "schemas/messages/names.h"
#include "schemas/model/area.h"

namespace vigie::web {

/// Empty lists and no area: no limit. Area and units cut fixes alone.
struct Interest {
  std::optional<AreaBox> area = {};
  std::vector<std::string> units = {};     // OWNER/NAME
  std::vector<std::string> channels = {};  // prefixes of CLASS/OWNER/GROUP
  unsigned classes = 7;                    // bit 1 << MessageClass
  std::uint32_t pace_ms = 0;               // fixes at most once in this time

  /// Nothing is cut and nothing waits.
  bool everything() const {
    return !area && units.empty() && channels.empty() && classes == 7 && pace_ms == 0;
  }
};

class InterestFilter {
 public:
  explicit InterestFilter(Interest interest);

  const Interest& interest() const { return interest_; }
  bool takes_class(MessageClass message_class) const {
    return (interest_.classes & (1u << static_cast<unsigned>(message_class))) != 0;
  }
  bool takes_event(const std::string& unit, const std::string& group) const;
  bool takes_card(const std::string& unit, const std::string& group) const;
  /// Class, unit and channel of a unit's fixes; what was found out about an index is kept until
  /// forget().
  bool takes_unit(std::uint32_t index, const std::string& name, const std::string& group);
  bool in_area(std::int32_t lat_e7, std::int32_t lon_e7) const {
    return !interest_.area || interest_.area->contains(lat_e7, lon_e7);
  }
  /// Units are in other groups now.
  void forget() { known_.clear(); }
  std::size_t bytes() const;

 private:
  bool takes_channel(MessageClass message_class, const std::string& unit,
                     const std::string& group) const;

  Interest interest_;
  std::unordered_set<std::string> units_;
  std::vector<std::uint8_t> known_;  // by index: 0 not known, 1 taken, 2 not
};

}  // namespace vigie::web
