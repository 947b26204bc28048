#pragma once
// The picture: the current state of the world, as the fold of the log. The same code folds in the
// hub (live, at start, for pictures of the past, for checkpoints) and in the console library. Pure:
// no clock, no socket; one thread at a time.
//
// Order. A fix moves its unit when its order is not less than that of the fix that stands there:
//     order = min(corrected true time, known time)
//     corrected true time = true time, plus the stamp's clock offset when the time is a device's
// so that a clock ahead cannot throw a unit into the future, and one that was ahead cannot freeze
// it. A fix of lower order is late: it is counted and changes nothing else. Where the sources of a
// unit are ranked (source_ranks.h), fixes that are about as new follow the ranks instead: one that
// stands aside is counted like a late one. The hub decides this once and marks it in the log; every
// other fold goes by the marks, so that a fix that bears none moves its unit everywhere, and one
// that does nowhere, also for a view that never saw the fix it came after.
// States follow the rule of order with their own true time (who may do what: with the known time);
// ties go to the higher seq. A delete is remembered as a state that is deleted.

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "schemas/messages/body.h"
#include "schemas/messages/entry_writer.h"
#include "schemas/messages/names.h"
#include "schemas/model/source_ranks.h"

namespace vigie {

using UnitIndex = std::uint32_t;     // place in Picture::units(); stable for the picture's life
using ChannelIndex = std::uint32_t;  // place in Picture::channels()

/// min(corrected true time, known time): see above.
std::int64_t order_us(std::int64_t true_time_us, wire::Clock clock, std::int64_t clock_offset_us,
                      std::int64_t known_time_us);
/// The true time as corrected by the stamp's offset (not limited by the known time).
std::int64_t corrected_true_time_us(std::int64_t true_time_us, wire::Clock clock,
                                    std::int64_t clock_offset_us);

/// Whether the hub, which marked it, let this fix move its unit.
inline bool moves_unit(const wire::Fix& fix) {
  constexpr unsigned kStays =
      static_cast<unsigned>(wire::FixMark::Late) | static_cast<unsigned>(wire::FixMark::Aside);
  return (fix.marks() & kStays) == 0;
}

/// owner and group; with a class it makes a channel.
struct ChannelKey {
  std::string owner;
  std::string group;  // "-" for none
};

struct Unit {
  std::string name;          // OWNER/NAME
  ChannelIndex channel = 0;  // of the newest fix
  std::uint64_t seq = 0;     // of the newest fix (that moved it); 0: none yet
  std::int64_t order_us = INT64_MIN;
  std::uint32_t count = 0;            // fixes accepted so far, those that did not move it included
  std::uint32_t count_at_newest = 0;  // running count of the newest fix
  wire::Fix fix;
  wire::Stamp stamp;  // of the newest fix alone (first_seq, first_count are its own)
  wire::Spool spool;
  std::uint64_t number = 0;
  std::vector<std::uint8_t> readings;
};

struct RetainedState {
  ChannelIndex channel = 0;
  std::uint64_t seq = 0;
  std::int64_t order_us = INT64_MIN;
  bool deleted = false;
  wire::StateKind kind = wire::StateKind::None;
  std::string name;
  BodyPtr entry;  // a body with this one state
};

/// What a fold tells of one section of fixes (one wire::UnitFixes).
struct FoldedFixes {
  const wire::Batch* batch;
  const wire::UnitFixes* fixes;
  UnitIndex unit;
  ChannelIndex channel;
  ChannelIndex channel_before;  // of the newest fix before this section, where there was one
  bool had_position;            // the unit had a newest fix before this section, and it stood at:
  std::int32_t lat_e7_before;
  std::int32_t lon_e7_before;
  std::int64_t known_us_before;
  bool moved;           // at least one fix became the newest
  std::uint32_t aside;  // fixes that stood aside
};
struct FoldedEvent {
  const wire::Batch* batch;
  const wire::Event* event;
  ChannelIndex channel;
};
struct FoldedState {
  const wire::Batch* batch;
  const wire::State* state;
  ChannelIndex channel;
};
/// What was in one body, in order of seq within each list; borrows from the body.
struct Folded {
  std::vector<FoldedEvent> events;
  std::vector<FoldedState> states;
  std::vector<FoldedFixes> fixes;
  void clear() {
    events.clear();
    states.clear();
    fixes.clear();
  }
};

class Picture {
 public:
  Picture() = default;
  Picture(Picture&&) = default;
  Picture& operator=(Picture&&) = default;
  Picture(const Picture&) = delete;  // look-ups borrow the units' own names
  Picture& operator=(const Picture&) = delete;

  /// Folds one body (from the BodyHeader on, aligned, verified), whose fixes bear the hub's marks.
  /// `folded`, when given, is cleared and filled.
  void fold(Bytes body, Folded* folded = nullptr);
  /// The hub's fold of a body that is still its own: also writes each section's running count and
  /// each fix's marks (late, implausible, aside) into the body. The stamps' seq, known time and
  /// offset stand there already. Without `ranks` all sources are equal.
  void fold_and_mark(std::span<std::byte> body, Folded& folded, const SourceRanks* ranks = nullptr);
  /// The same of a body whose fixes were marked before and keep their marks: counts alone are
  /// written.
  void fold_and_count(std::span<std::byte> body, Folded& folded);
  /// For the truth of a past moment: what was late is in its place, since order alone decides; what
  /// stood aside stands aside.
  void fold_by_order(Bytes body);

  const std::deque<Unit>& units() const { return units_; }
  const Unit* find_unit(std::string_view name) const;
  std::optional<UnitIndex> find_unit_index(std::string_view name) const;
  const std::vector<ChannelKey>& channels() const { return channels_; }
  ChannelIndex channel(std::string_view owner, std::string_view group);
  const std::deque<RetainedState>& states() const { return states_; }
  /// The card of a unit, or null (none, or deleted).
  const wire::UnitCard* find_card(std::string_view name) const;
  /// Seq of the last body folded.
  std::uint64_t last_seq() const { return last_seq_; }
  std::int64_t last_known_time_us() const { return last_known_time_us_; }
  /// Ranges of seqs that were given out before a crash and never became durable, rising.
  const std::vector<wire::SeqRange>& voids() const { return voids_; }
  /// A console's: forgets units that are not to be shown any more (a leave, a replacing snapshot).
  void forget_unit(std::string_view name);
  void clear();

 private:
  enum class Way : std::uint8_t { ByMarks, ByMarksAndCount, ByOrder, Decide };
  template <Way kWay>
  void fold_blocks(std::span<const std::byte> body, Folded* folded, const SourceRanks* ranks);
  template <Way kWay>
  void fold_fixes(const wire::Batch& batch, const wire::UnitFixes& fixes, Folded* folded,
                  const SourceRanks* ranks);
  static void note_newest(Unit& unit, const wire::Batch& batch, const wire::UnitFixes& fixes,
                          flatbuffers::uoffset_t newest);
  void fold_state(const wire::Batch& batch, const wire::State& state, Folded* folded);
  void fold_void(const wire::SeqRange& range);
  UnitIndex unit_index(std::string_view name);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  std::deque<Unit> units_;
  boost::unordered_flat_map<std::string_view, UnitIndex, Hash, std::equal_to<>>
      unit_by_name_;  // keys live in units_
  std::vector<ChannelKey> channels_;
  boost::unordered_flat_map<std::string, ChannelIndex, Hash, std::equal_to<>> channel_by_key_;
  std::deque<RetainedState> states_;
  boost::unordered_flat_map<std::string, std::size_t, Hash, std::equal_to<>> state_by_key_;
  std::vector<wire::SeqRange> voids_;
  std::uint64_t last_seq_ = 0;
  std::int64_t last_known_time_us_ = 0;
};

/// Adds a unit's newest fix, with its own stamp and name, to a page. REQUIRES: unit.seq != 0.
void write_unit(const Picture& picture, const Unit& unit, EntryWriter& page);
/// Its newest fix, as an entry that borrows from both.
FixesEntry newest_of(const Picture& picture, const Unit& unit);
/// Adds a retained state (deleted ones too) to a page.
void write_state(const RetainedState& state, EntryWriter& page);

}  // namespace vigie
