#pragma once
// A view: what a console asked for, in a form that is quick to ask. Pure; immutable after parse().

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "schemas/messages/checks.h"
#include "schemas/messages/names.h"

namespace vigie {

/// An area on the WGS 84 ellipsoid, in 1e-7 degree; borders belong to it; west > east crosses the
/// antimeridian.
struct AreaBox {
  std::int32_t west_e7, south_e7, east_e7, north_e7;
  bool contains(std::int32_t lat_e7, std::int32_t lon_e7) const {
    const bool in_longitude = west_e7 <= east_e7 ? lon_e7 >= west_e7 && lon_e7 <= east_e7
                                                 : lon_e7 >= west_e7 || lon_e7 <= east_e7;
    return lat_e7 >= south_e7 && lat_e7 <= north_e7 && in_longitude;
  }
  bool operator==(const AreaBox&) const = default;
};

class View {
 public:
  /// Everything.
  View() { make_key(); }
  /// Null means everything. Fails with the refusal to send.
  static std::optional<View> parse(const wire::View* view, RefusedRequest& refused);

  bool takes_class(MessageClass message_class) const {
    return (classes_ & (1u << static_cast<unsigned>(message_class))) != 0;
  }
  /// By classes and channel prefixes.
  bool takes_channel(MessageClass message_class, std::string_view owner,
                     std::string_view group) const;
  /// By the units asked for; true when none were.
  bool takes_unit(std::string_view unit) const {
    return units_.empty() || units_.contains(std::string(unit));
  }
  const std::unordered_set<std::string>& units() const { return units_; }
  bool has_channels() const { return !channels_.empty(); }
  bool takes_all_units() const { return units_.empty(); }
  bool takes_everything() const {
    return channels_.empty() && classes_ == 7 && units_.empty() && !area_ && pace_ms_ == 0;
  }
  const std::optional<AreaBox>& area() const { return area_; }
  bool area_cuts_events() const { return area_cuts_events_; }
  std::uint32_t pace_ms() const { return pace_ms_; }
  /// Equal views have equal keys: sessions with the same key share frames.
  const std::string& key() const { return key_; }
  /// For people, as "everything" or "events, states; area 1.4,15.8,1.7,16; fixes every 5 s"; of
  /// long lists the first few.
  std::string text() const;
  /// True when an event passes (class, channel, unit, and area where it cuts events).
  bool takes_event(const wire::Event& event) const;
  bool takes_state(const wire::State& state) const;

 private:
  void make_key();
  std::vector<std::string> channels_;
  unsigned classes_ = 7;
  std::unordered_set<std::string> units_;
  std::optional<AreaBox> area_;
  bool area_cuts_events_ = false;
  std::uint32_t pace_ms_ = 0;
  std::string key_;
};

}  // namespace vigie
