#pragma once
// Makes of bodies that a grant's terms have passed the bodies that its sessions are sent, where it
// has own_numbers (own_numbers.h): one moment after the other, cut for a view, with seqs and names
// of the grant's own. What comes out depends on what the grant shows alone: not on how entries
// stood together in the log, nor on what stood between them. A worker's thread.

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "hub/replay/own_numbers.h"
#include "hub/replay/parts.h"
#include "hub/replay/workers.h"
#include "schemas/model/picture.h"

namespace vigie::replay {

/// Some of a moment; all of it when no other part of it follows.
struct OwnPart {
  BodyPtr body;
  std::int64_t moment_us = 0;
  std::uint64_t event = 0;  // events and states are had up to here with it
  bool last = false;        // of its moment
};

class OwnMoments {
 public:
  /// `view` is cut by the grant; bodies stay below `bytes_max`, unless a single entry is larger.
  OwnMoments(std::shared_ptr<const View> view, OwnNames names, std::size_t bytes_max);

  const OwnNames& names() const { return names_; }
  /// A coarse body, not cut; in order of known time, then seq. Ends the moment before, if it is of
  /// a later one.
  void add(Bytes coarse, std::deque<OwnPart>& out);
  /// A unit leaves the view by the fix with this seq of the log, which the last body held.
  void add_leave(std::string_view unit, std::uint64_t seq);
  /// Nothing more of the moment is to come.
  void close(std::deque<OwnPart>& out);
  /// Events and states up to this own seq are left out: they were had.
  void leave_out(std::uint64_t had_event) { had_event_ = had_event; }
  /// Forgets a moment that is not closed.
  void clear();

 private:
  /// Fixes of a unit that follow one another in the moment.
  struct Run {
    std::string unit;
    std::string group;
    wire::Stamp stamp;
    std::uint64_t place;  // of the first, among the fixes of the moment
    std::vector<wire::Fix> fixes;
    std::vector<std::uint8_t> readings;
    std::uint16_t readings_bytes;
  };
  /// A fix as it stood in the log, shown or not.
  struct Seen {
    std::uint64_t seq;
    std::int64_t known_us;
    std::uint64_t shown;  // fixes of the moment that the grant shows, up to it
  };
  struct Leaving {
    std::string unit;
    Seen by;
  };
  void add_fixes(const wire::UnitFixes& section, const wire::Batch& batch);
  void show_fix(const wire::UnitFixes& section, const wire::Batch& batch, std::size_t at);
  std::uint64_t fix_seq(std::int64_t known_us, std::uint64_t place) const;
  void write_events(std::deque<OwnPart>& out);
  void write_states(std::deque<OwnPart>& out);
  void write_run(const Run& run, std::deque<OwnPart>& out);
  /// Ends a part where so much more would make it too large.
  void make_room(std::size_t bytes, std::deque<OwnPart>& out);
  void end_part(std::deque<OwnPart>& out);

  const std::shared_ptr<const View> view_;
  const View shown_;  // all that the grant shows
  const OwnNames names_;
  const bool in_steps_;
  const std::size_t bytes_max_;
  std::uint64_t had_event_ = 0;

  // The moment that is being collected.
  bool open_ = false;
  std::int64_t moment_us_ = 0;
  std::uint64_t events_ = 0;  // that the grant shows; and states, and fixes
  std::uint64_t states_ = 0;
  std::uint64_t fixes_ = 0;
  std::vector<std::pair<std::uint64_t, wire::EventT>> event_list_;  // by place; in the view
  std::vector<std::pair<std::uint64_t, wire::StateT>> state_list_;
  std::vector<Run> runs_;
  std::vector<Seen> seen_;
  std::vector<Leaving> leaves_;

  EntryWriter writer_;
  std::uint64_t reached_ = 0;  // events and states that were written, up to here
};

/// Those that what is started is to be told by; none where the grant has no numbers of its own.
std::optional<OwnNames> own_names(const Start& start, const wire::LogId& log);

/// What is read of the log for it, before the terms of its grant are applied. With numbers of its
/// own that is all that the grant shows, whatever the view asks for: all of it is counted, and cut
/// for the view after that. REQUIRES: a view that is cut by a grant.
std::shared_ptr<const View> read_for(const View& view);

/// The picture's entries, as a page has them.
void write_own_unit(const Picture& picture, const Unit& unit, EntryWriter& page);
void write_own_state(const RetainedState& state, const OwnNames& names, EntryWriter& page);

}  // namespace vigie::replay
