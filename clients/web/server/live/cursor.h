#pragma once
// Where one browser stands in the shared picture, and what it is to be sent next. Pure: no socket,
// no clock; one thread (the net thread).
//
// It rides: caught up, it is the number of a frame in the ring. With an interest of everything it
// is sent the ring's own frames, without a copy; otherwise what of each is its own.
// Or it walks: behind, at a pace, in a snapshot, or with another interest, it is two places, one in
// the events and one in the order in which units last moved. It is sent the events it lacks, then
// the newest fix of each unit that moved since, and rides on when it has caught up. Walking it also
// keeps, for each unit, a running count (4 bytes), from which it tells how many fixes were left
// out: of units it shows, late fixes and those outside the area too (an upper bound with an area).
// Riding or walking, units outside the area may have a slower pace of their own: their newest fixes
// are sent in turns (outside.h), by the picture alone, and nothing of them waits.
// A sweep goes once over all units and cards: a snapshot, what came into view with a new interest,
// or what moved while the browser was away.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clients/web/server/live/frame_writer.h"
#include "clients/web/server/live/interest.h"
#include "clients/web/server/live/outside.h"
#include "clients/web/server/live/page_message.h"
#include "clients/web/server/live/shared_picture.h"

namespace vigie::web {

/// Bits by index, growing as asked.
class Bits {
 public:
  bool has(std::uint32_t index) const { return index < bits_.size() && bits_[index]; }
  void set(std::uint32_t index, bool value = true) {
    if (index >= bits_.size()) {
      if (!value) return;
      bits_.resize(std::size_t{index} + 1 + bits_.size() / 4, false);
    }
    bits_[index] = value;
  }
  void clear() { bits_.clear(); }
  std::size_t bytes() const { return bits_.capacity() / 8; }

 private:
  std::vector<bool> bits_;
};

class Cursor {
 public:
  struct Message {
    std::shared_ptr<const std::string> bytes = {};
    bool shared = false;  // the ring's own frame
  };
  /// What was counted since the last take_counts().
  struct Counts {
    std::uint64_t conflated = 0;
    std::uint64_t snapshots = 0;
  };
  static constexpr std::int64_t kNever = INT64_MAX;

  /// Frames of its own are closed before they grow much beyond `frame_bytes_goal`.
  Cursor(bool json, Interest interest, std::size_t frame_bytes_goal = 192 * 1024);

  /// The whole picture, as a replacing snapshot.
  void begin(const SharedPicture& picture);
  /// What is new behind the token. Positions and cards as a snapshot, where its fix_seq is 0 or
  /// from before the picture began. REQUIRES: the token is of the picture's log.
  void resume(const SharedPicture& picture, const ResumeToken& token);
  void set_interest(const SharedPicture& picture, Interest interest);

  /// To be called when frames came: a rider farther behind than `ride_us_max` gets off.
  void keep_up(const SharedPicture& picture, std::int64_t now_us, std::int64_t ride_us_max);
  /// The next message; empty when there is none now.
  std::optional<Message> next(const SharedPicture& picture, std::int64_t now_us);
  /// When a pace lets fixes out again; kNever: nothing waits for it.
  std::int64_t wakeup_us(const SharedPicture& picture) const;

  /// Events after this seq are not in the picture's log any more, and have to be had from the hub:
  /// by add_early(), in their order, then end_early().
  std::optional<std::uint64_t> wants_early(const SharedPicture& picture);
  void add_early(Said said) { early_.push_back(std::move(said)); }
  std::size_t early_waiting() const { return early_.size(); }
  /// All events up to `seq` came by add_early().
  void end_early(const SharedPicture& picture, std::uint64_t seq);

  bool riding() const { return riding_; }
  bool paced() const { return filter_.interest().pace_ms != 0; }
  Counts take_counts() { return std::exchange(counts_told_, {}); }
  std::size_t bytes() const;

 private:
  enum class Sweep { None, Snapshot, Interest, Resume };

  // Riding: cursor.cpp.
  std::optional<Message> ride(const SharedPicture& picture, std::int64_t now_us);
  std::optional<Message> ride_shared(const SharedPicture& picture);
  void take_frame(const SharedPicture& picture, const SharedFrame& shared, FrameWriter& out,
                  FrameHead& head);
  void get_off(const SharedPicture& picture);
  void get_on(const SharedPicture& picture);
  void begin_sweep(const SharedPicture& picture, Sweep sweep, std::uint64_t since_seq);

  // Walking: cursor_walk.cpp.
  std::optional<Message> walk(const SharedPicture& picture, std::int64_t now_us);
  void say(const SharedPicture& picture, FrameWriter& out, FrameHead& head);
  void say_one(const Said& said, FrameWriter& out, FrameHead& head);
  bool sweep(const SharedPicture& picture, FrameWriter& out);
  void sweep_unit(const SharedPicture& picture, std::uint32_t index, FrameWriter& out);
  void pass(const SharedPicture& picture, std::int64_t now_us, FrameWriter& out, FrameHead& head);
  void pass_unit(const SharedPicture& picture, std::uint32_t index, FrameWriter& out,
                 FrameHead& head);
  void put(const LiveUnit& unit, std::uint32_t index, FrameWriter& out);
  void leave(const LiveUnit& unit, std::uint32_t index, FrameWriter& out);
  void end_sweep();

  // Outside the area: cursor_outside.cpp.
  void take_turns(const SharedPicture& picture, std::int64_t now_us, FrameWriter& out);
  bool is_near(const LiveUnit& unit, std::uint32_t index);
  bool paces_outside() const { return filter_.interest().paces_outside(); }
  /// It is near now, and moved while it was outside.
  bool is_owed(const LiveUnit& unit, std::uint32_t index);
  std::uint64_t token_fix_seq() const;

  bool wants(const LiveUnit& unit, std::uint32_t index);
  void name(const LiveUnit& unit, std::uint32_t index, FrameWriter& out);
  void look_at_groups(const SharedPicture& picture);
  Message finish(const SharedPicture& picture, FrameWriter& out, FrameHead& head);
  bool token_holds() const {
    return sweep_ == Sweep::None || sweep_ == Sweep::Resume ||
           (sweep_ == Sweep::Interest && sweep_brings_no_unit_);
  }
  bool is_full(const FrameWriter& out) const { return out.bytes() >= frame_bytes_goal_; }

  const bool json_;
  const std::size_t frame_bytes_goal_;
  InterestFilter filter_;
  Bits named_;  // on this connection
  Bits shown_;  // units in view; kept while it walks, or has an interest that cuts
  std::uint64_t regroupings_ = 0;

  bool riding_ = false;
  std::uint64_t frame_at_ = 0;    // riding: the next frame
  std::uint64_t version_at_ = 0;  // moves had up to here
  std::uint64_t event_at_ = 0;    // place in the event log
  std::uint64_t event_seq_ = 0;   // the token
  std::uint64_t fix_seq_ = 0;

  std::deque<Said> early_;
  bool gap_ = false;  // between what was had and event_at_ there are events only the hub has
  std::uint64_t early_end_ = 0;  // the token behind early_, when they were said

  std::vector<std::uint32_t> counts_;  // walking: by unit
  Sweep sweep_ = Sweep::None;
  std::uint64_t sweep_since_ = 0;
  std::uint32_t sweep_at_ = 0;
  bool sweep_cards_ = false;
  bool sweep_brings_no_unit_ = false;          // Interest: only newer positions of those shown
  std::string card_at_;                        // the last card swept
  std::optional<InterestFilter> cards_taken_;  // what was taken before: not swept again
  bool first_page_ = false;
  std::uint64_t pass_end_ = 0;  // version; 0: no pass is under way
  std::uint64_t pass_fix_seq_ = 0;
  std::int64_t next_fix_us_ = INT64_MIN;
  OutsideTurns turns_;
  bool owes_ =
      false;  // turns_ tells what was had: units have a pace outside, or had until the sweep
  Counts counts_told_;
};

}  // namespace vigie::web
