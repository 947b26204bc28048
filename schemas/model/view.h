#pragma once
// A view: what a console asked for, cut down to what it may see, in a form that is quick to ask.
// Pure; immutable after parse() and cut_to().

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "schemas/messages/checks.h"
#include "schemas/messages/names.h"
#include "schemas/model/area.h"
#include "schemas/model/entitlement.h"

namespace vigie {

class View {
 public:
  /// Everything.
  View() { make_key(); }
  /// Null means everything. Fails with the refusal to send.
  static std::optional<View> parse(const wire::View* view, RefusedRequest& refused);

  bool takes_class(MessageClass message_class) const {
    return (classes_ & (1u << static_cast<unsigned>(message_class))) != 0;
  }
  /// Cuts the view down to what its console may see.
  void cut_to(std::shared_ptr<const Entitlement> entitlement);
  /// What is to be read before the terms of its grant are applied: no area, no pace, and what is
  /// permitted wherever and whenever it was. REQUIRES: cut_to().
  View at_large() const;
  /// All that its console may see, whatever it asked for.
  View permitted() const;
  /// What its console may see; null: everything.
  const Entitlement* entitlement() const { return entitlement_.get(); }
  /// Whether the console may see the entry when `read_us` is read (entitlement.h). What it asked
  /// for is not looked at.
  bool permits(const AccessEntry& entry, std::int64_t read_us) const {
    return entitlement_ == nullptr || entitlement_->permits(entry, read_us);
  }

  /// By classes, channel prefixes and what is permitted of the channel at all.
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
    return channels_.empty() && classes_ == 7 && units_.empty() && !area_ && pace_ms_ == 0 &&
           entitlement_ == nullptr;
  }
  const std::optional<AreaBox>& area() const { return area_; }
  bool in_area(std::int32_t lat_e7, std::int32_t lon_e7) const {
    return !area_ || area_->contains(lat_e7, lon_e7);
  }
  bool area_cuts_events() const { return area_cuts_events_; }
  std::uint32_t pace_ms() const { return pace_ms_; }
  /// Equal views have equal keys: sessions with the same key share frames.
  const std::string& key() const { return key_; }
  /// For people, as "everything" or "events, states; area 1.4,15.8,1.7,16; fixes every 5 s"; of
  /// long lists the first few.
  std::string text() const;
  /// True when an event of the log passes (class, channel, unit, what is permitted, and area where
  /// it cuts events).
  bool takes_event(const wire::Event& event) const;
  bool takes_state(const wire::State& state) const;
  /// True when the section's channel and unit pass; its fixes are then to be asked for one by one.
  bool takes_section(const wire::UnitFixes& section) const;
  /// True when a fix of such a section of the log passes: area, and what is permitted.
  bool takes_fix(const wire::UnitFixes& section, const wire::Fix& fix) const;

 private:
  void make_key();
  std::vector<std::string> channels_;
  unsigned classes_ = 7;
  std::unordered_set<std::string> units_;
  std::optional<AreaBox> area_;
  bool area_cuts_events_ = false;
  std::uint32_t pace_ms_ = 0;
  std::shared_ptr<const Entitlement> entitlement_;
  std::string key_;
};

/// Those of the grant that the view is cut by; none where it is not.
inline Terms terms_of(const View& view) {
  return view.entitlement() == nullptr ? Terms() : view.entitlement()->terms();
}

}  // namespace vigie
