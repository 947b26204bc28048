#pragma once
// What the table shows: the newest fix of each unit, its counts, the last events. Folds the items
// of a console or of a replay. Pure; one thread.

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "vigie/items.h"

namespace vigie::cli {

struct BoardUnit {
  bool has_fix = false;
  client::Fix fix;
  std::uint64_t seq = 0;                      // of the fix shown
  std::int64_t position_time_us = INT64_MIN;  // of the fix shown: its order (picture.h)
  std::uint32_t count = 0;                    // fixes the hub has of it
  std::uint64_t shown = 0;                    // fixes that came here
  std::uint64_t late = 0;
  std::uint64_t aside = 0;  // of sources that did not move it
  std::uint64_t conflated = 0;
  bool implausible = false;  // the newest one heard has a time that can't be right
  client::UnitCard card;
};

class Board {
 public:
  static constexpr std::size_t kEventsMax = 64;
  static constexpr std::size_t kSevereMax = 16;

  void take(const client::Item& item);

  /// By OWNER/NAME.
  const std::map<std::string, BoardUnit>& units() const { return units_; }
  /// The newest, newest last. Severe ones stay, in up to half of the places, however much is said
  /// after them: a room must not miss an SOS.
  std::vector<const client::EventItem*> events(std::size_t most) const;
  std::uint64_t event_count() const { return event_count_; }
  std::uint64_t fixes() const { return fixes_; }
  std::uint64_t late() const { return late_; }
  std::uint64_t aside() const { return aside_; }
  std::uint64_t conflated() const { return conflated_; }
  std::uint64_t lost() const { return lost_; }
  /// The replay's clock, or the moment of the snapshot; 0 before there is one.
  std::int64_t time_us() const { return time_us_; }
  bool replay_ended() const { return replay_ended_; }

 private:
  void take_fix(const client::FixItem& item);
  void take_event(const client::EventItem& item);
  void take_replay(const client::ReplayItem& item);

  std::map<std::string, BoardUnit> units_;
  std::deque<client::EventItem> events_;
  std::deque<client::EventItem> severe_;  // these stand in events_ too, while they are new
  std::uint64_t event_count_ = 0;
  std::uint64_t fixes_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t aside_ = 0;
  std::uint64_t conflated_ = 0;
  std::uint64_t lost_ = 0;
  std::int64_t time_us_ = 0;
  bool replay_ended_ = false;
};

}  // namespace vigie::cli
