#pragma once
// What all browsers of one identity share: the units with the newest fix of each, the cards, the
// recent events, and the ring of encoded frames. It changes by whole frames alone, so that whoever
// has a frame has exactly the picture behind it. Pure: no clock, no socket; one thread at a time
// (the net thread).
//
// Units stand in a vector, at an index that is theirs for ever, and in a list in the order in
// which they last moved: "all that moved since version V" is a walk from the end of the list.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clients/web/server/live/event_log.h"
#include "clients/web/server/live/frame_ring.h"
#include "clients/web/server/live/translate.h"

namespace vigie::web {

inline constexpr std::uint32_t kNoUnit = UINT32_MAX;

struct LiveUnit {
  std::string name = {};   // OWNER/NAME; empty: an index that was never named
  std::string group = {};  // of its newest fix; empty: none
  wire::PageFix newest = {};
  /// It has a position, and has not left this identity's view. Otherwise `newest` is the last one
  /// that was had.
  bool present = false;
  std::uint32_t count = 0;          // the hub's running count at its last fix, late ones too
  std::uint64_t version = 0;        // when it last moved or left; 0: never
  std::uint64_t gone_seq = 0;       // where it left
  std::uint64_t group_version = 0;  // of the move with which it changed its group; 0: never
  std::uint32_t earlier = kNoUnit;  // neighbours in the order of the last move
  std::uint32_t later = kNoUnit;
};

struct SharedPictureOptions {
  std::size_t ring_bytes_max = 16 * 1024 * 1024;   // of encoded frames
  std::size_t events_max = 20'000;                 // events and cards that are kept
  std::size_t event_bytes_max = 16 * 1024 * 1024;  // of these
  std::size_t frame_bytes_goal = 224 * 1024;       // a frame is closed before it grows beyond
};

class SharedPicture {
 public:
  using Cards = std::map<std::string, std::shared_ptr<const wire::CardT>, std::less<>>;

  explicit SharedPicture(const SharedPictureOptions& options);

  /// Takes what came, in its order, and puts one or more frames into the ring. `now_us` is any
  /// clock that never steps, `hub_time_us` the hub's.
  void take(const std::vector<Change>& changes, std::int64_t now_us, std::int64_t hub_time_us);
  /// Nothing of what was had stands any more: another log, or refused. Indices and names stay.
  void clear();
  /// The recent events are the hub's alone to give from here on: what may be seen has changed.
  void forget_events() { events_.begin(event_seq_); }

  const std::vector<LiveUnit>& units() const { return units_; }
  /// Null when there is none of that name.
  const LiveUnit* find(std::string_view name) const;
  /// The unit that moved last, kNoUnit: none. Go on by `earlier`.
  std::uint32_t last_moved() const { return last_moved_; }
  std::uint32_t first_moved() const { return first_moved_; }
  const Cards& cards() const { return cards_; }
  const EventLog& events() const { return events_; }
  const FrameRing& ring() const { return ring_; }

  /// Rises with each move and leave.
  std::uint64_t version() const { return version_; }
  /// Rises when a unit changes its group.
  std::uint64_t regroupings() const { return regroupings_; }
  /// Highest seqs that were had: of events and cards, and of fixes.
  std::uint64_t event_seq() const { return event_seq_; }
  std::uint64_t fix_seq() const { return fix_seq_; }
  /// The picture began with this seq: what left before is not known. 0: nothing yet.
  std::uint64_t first_seq() const { return first_seq_; }
  /// Where the picture was last listed whole: what was seen before may not be seen now, and the
  /// other way round, without a fix or a leave that tells it. 0: nothing yet.
  std::uint64_t listed_seq() const { return listed_seq_; }
  std::int64_t hub_time_us() const { return hub_time_us_; }
  std::size_t bytes() const;

 private:
  struct Pending;
  void take_one(const Change& change, Pending& frame);
  void take_name(const UnitNamed& named, Pending& frame);
  void take_fix(const wire::PageFix& fix, Pending& frame);
  void take_leave(const UnitLeft& left, Pending& frame);
  void take_event(const EventSaid& said, Pending& frame);
  void take_card(const CardTold& told, Pending& frame);
  void close(Pending& frame);
  void touch(std::uint32_t index);
  LiveUnit& unit_at(std::uint32_t index);

  const SharedPictureOptions options_;
  std::vector<LiveUnit> units_;
  std::map<std::string, std::uint32_t, std::less<>> by_name_;
  std::uint32_t last_moved_ = kNoUnit;
  std::uint32_t first_moved_ = kNoUnit;
  Cards cards_;
  EventLog events_;
  FrameRing ring_;
  std::uint64_t version_ = 0;
  std::uint64_t regroupings_ = 0;
  std::uint64_t event_seq_ = 0;
  std::uint64_t fix_seq_ = 0;
  std::uint64_t first_seq_ = 0;
  std::uint64_t listed_seq_ = 0;
  std::int64_t hub_time_us_ = 0;
  std::size_t name_bytes_ = 0;  // of units, counted as they come
};

}  // namespace vigie::web
