#pragma once
// What a console shows: the picture it folded, and the items that tell its user how it changed.
// Leaves aside what was had before. Pure; one thread.

#include <map>
#include <optional>
#include <string>

#include <boost/unordered/unordered_flat_map.hpp>

#include "clients/cpp/core/entries.h"
#include "clients/cpp/core/shown_events.h"
#include "schemas/model/picture.h"

namespace vigie::client {

/// Up to where a console has the fixes, and the events and states.
struct Position {
  std::uint64_t fix = 0;
  std::uint64_t event = 0;
};

class Shown {
 public:
  /// Live and conflated frames: takes what is beyond `had`.
  void take(const Frame& frame, Position had, std::vector<Item>& items);
  /// A page of a snapshot; events in it are taken when beyond `had`.
  void take_page(const Frame& page, Position had, std::vector<Item>& items);

  /// The rest of a snapshot will not come.
  void abandon_snapshot() {
    staging_.reset();
    staging_states_.clear();
  }
  /// Seqs of the log that are gone.
  void lose(std::uint64_t first, std::uint64_t last) { events_.lose(first, last); }
  void lose_all() { events_.lose_all(); }
  void durable(std::uint64_t seq) {
    durable_ = seq;
    events_.durable(seq);
  }
  void restore(ShownEvents events) { events_ = std::move(events); }

  /// As of the last complete snapshot and what came since.
  const Picture& picture() const { return picture_; }
  std::uint64_t fixes() const { return fixes_; }
  std::uint64_t events() const { return event_count_; }
  std::uint64_t conflated() const { return conflated_; }

 private:
  void begin_snapshot(bool replaces, std::vector<Item>& items);
  void end_snapshot(const wire::FrameHeader& header, std::vector<Item>& items);
  void take_body(Bytes body, const wire::FrameHeader& header, Position had,
                 std::vector<Item>& items);
  void take_batch(const EntryPlace& place, Position had, std::vector<Item>& items);
  void take_fixes(const EntryPlace& place, const wire::UnitFixes& section, Position had,
                  std::vector<Item>& items);
  void take_leaves(const wire::Leaves& leaves, Position had, std::vector<Item>& items);
  static bool forget(Picture& picture, const std::string& name, std::uint64_t leave_seq);
  /// What the frame being taken is held against: a page of a replacing snapshot against the others.
  bool is_staged() const { return kind_ == wire::FrameKind::Snapshot && staging_.has_value(); }
  Picture& current() { return is_staged() ? *staging_ : picture_; }
  void fold(Bytes body);

  struct StateShown {
    std::uint64_t seq = 0;
    std::int64_t order_us = INT64_MIN;
    bool deleted = false;
  };
  using States = std::map<std::pair<wire::StateKind, std::string>, StateShown>;
  /// True when this state of this name is shown, and not deleted.
  bool shows(const wire::State& state) const;
  /// Notes the state when it is newer than the one shown.
  static bool wins(const wire::State& state, States& states);
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  Picture picture_;
  std::optional<Picture> staging_;  // a replacing snapshot that is not complete
  States states_;
  States staging_states_;
  ShownEvents events_;
  /// The running count of each unit's fixes at the last one shown.
  boost::unordered_flat_map<std::string, std::uint32_t, Hash, std::equal_to<>> counts_;
  wire::FrameKind kind_ = wire::FrameKind::None;  // of the frame being taken
  bool all_new_ = false;                          // the whole body being taken is
  std::uint64_t durable_ = 0;
  EntryWriter fresh_;                // what of a body is new, when not all is
  std::uint64_t snapshot_high_ = 0;  // highest seq in the last snapshot: overlaps end there
  std::uint64_t page_units_ = 0;
  std::uint64_t page_states_ = 0;
  std::uint64_t frame_conflated_ = 0;
  std::uint64_t frame_conflated_units_ = 0;
  std::uint64_t fixes_ = 0;
  std::uint64_t event_count_ = 0;
  std::uint64_t conflated_ = 0;
};

}  // namespace vigie::client
