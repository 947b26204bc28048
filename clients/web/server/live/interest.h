#pragma once
// What one browser wants to see, and the quick answer to whether something is of it. The cutting is
// the hub's own (schemas/model/view.h); what is asked again and again of one unit is kept. Pure;
// one thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/messages/names.h"
#include "schemas/model/area.h"
#include "schemas/model/view.h"

namespace vigie::web {

/// Empty lists and no area: no limit. Area and units cut fixes alone.
struct Interest {
  std::optional<AreaBox> area = {};
  std::uint32_t outside_ms = 0;  // fixes outside the area, at most once in this time; 0: none
  std::vector<std::string> always = {};    // OWNER/NAME: as if in the area, wherever they are
  std::vector<std::string> units = {};     // OWNER/NAME
  std::vector<std::string> channels = {};  // prefixes of CLASS/OWNER/GROUP
  unsigned classes = 7;                    // bit 1 << MessageClass
  std::uint32_t pace_ms = 0;               // fixes at most once in this time

  /// Nothing is cut and nothing waits.
  bool everything() const {
    return !area && units.empty() && channels.empty() && classes == 7 && pace_ms == 0;
  }
  /// Units outside the area are shown too, at a pace of their own.
  bool paces_outside() const { return area && outside_ms != 0; }
  /// The area takes no unit away.
  bool whole() const { return !area || outside_ms != 0; }
};

class InterestFilter {
 public:
  explicit InterestFilter(Interest interest);

  const Interest& interest() const { return interest_; }
  bool takes_class(MessageClass message_class) const {
    return view_ && view_->takes_class(message_class);
  }
  bool takes_event(const std::string& unit, const std::string& group) const;
  bool takes_card(const std::string& unit, const std::string& group) const;
  /// Class, unit and channel of a unit's fixes; what was found out about an index is kept until
  /// forget().
  bool takes_unit(std::uint32_t index, const std::string& name, const std::string& group);
  /// Fixes of the unit are taken as they come: this place is in the area, or the unit is always
  /// as if it were.
  bool is_near(std::uint32_t index, const std::string& name, const std::string& group,
               std::int32_t lat_e7, std::int32_t lon_e7) {
    return in_area(lat_e7, lon_e7) ||
           (!interest_.always.empty() && (known(index, name, group) & kAlways) != 0);
  }
  bool in_area(std::int32_t lat_e7, std::int32_t lon_e7) const {
    return !view_ || view_->in_area(lat_e7, lon_e7);
  }
  /// Units are in other groups now.
  void forget() { known_.clear(); }
  std::size_t bytes() const;

 private:
  bool takes_channel(MessageClass message_class, const std::string& unit,
                     const std::string& group) const;
  std::uint8_t known(std::uint32_t index, const std::string& name, const std::string& group);

  static constexpr std::uint8_t kKnown = 1;
  static constexpr std::uint8_t kTaken = 2;
  static constexpr std::uint8_t kAlways = 4;

  Interest interest_;
  std::optional<View> view_;         // none: no class is asked for, and nothing taken
  std::vector<std::uint8_t> known_;  // by index
};

}  // namespace vigie::web
