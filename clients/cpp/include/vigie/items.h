#pragma once
// What Console and Replay hand to the user: one ordered stream of items. Values own their text; any
// thread.

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "vigie/values.h"

namespace vigie::client {

/// The hub's words about a message.
struct Stamp {
  std::uint64_t seq = 0;         // place in the log of this hub, only ever rising
  Id128 origin;                  // the log that took it in first
  std::uint64_t origin_seq = 0;  // place in that log
  MessageName name;
  std::int64_t known_time_us = 0;    // when the hub took it in
  std::int64_t clock_offset_us = 0;  // to be added to a device's true time
};

/// A true time corrected by the hub's estimate of the device's clock. What a stamp says is not
/// believed beyond the range of 64 bits: the result stops at its ends.
std::int64_t corrected_true_time_us(std::int64_t true_time_us, ClockKind clock, const Stamp& stamp);

struct FixItem {
  Stamp stamp;
  Fix fix;
  bool late =
      false;  // older than what the picture had: belongs to the track, does not move the unit
  /// Of a source of the unit while one of a better rank was fresh: belongs to the track, does not
  /// move the unit.
  bool aside = false;
  bool implausible = false;  // the true time can't be right
  bool snapshot = false;     // from a snapshot: where the unit stood, not news
  std::uint32_t count = 0;   // the unit's running count of fixes at this one (modulo 2^32)
  /// Fixes of this unit that were left out since the one shown before it: conflated by the hub
  /// because this console was behind, or before a snapshot. With an area it is an upper bound
  /// (those outside the area count too).
  std::uint32_t conflated = 0;

  /// True time corrected by the hub's estimate of the device's clock.
  std::int64_t corrected_true_time_us() const {
    return client::corrected_true_time_us(fix.true_time_us, fix.clock, stamp);
  }
  /// Since when the position may be taken to hold: never after it was known. Age and freshness
  /// count from here.
  std::int64_t position_time_us() const {
    return std::min(corrected_true_time_us(), stamp.known_time_us);
  }
};

struct EventItem {
  Stamp stamp;
  Event event;
};

struct StateItem {
  Stamp stamp;
  State state;
  bool snapshot = false;
};

/// A snapshot begins. With `replaces`, what it does not list is gone at its end (told as
/// LeaveItem). One that has no SnapshotEnd was cut off with the link: what it brought stands, and
/// nothing is gone by it.
struct SnapshotBegin {
  bool replaces = false;
};

struct SnapshotEnd {
  std::uint64_t seq = 0;     // the picture as of this place in the log
  std::int64_t time_us = 0;  // by the hub's clock (or the past moment asked for)
  std::uint64_t units = 0;   // listed
  std::uint64_t states = 0;
};

/// Gone from this view unless a later item brings it back: a unit left the area, or a replacing
/// snapshot does not list it.
struct LeaveItem {
  std::string unit;                        // OWNER/NAME, or the state's name
  StateKind state_kind = StateKind::None;  // None: a unit; else this retained state is gone
  std::uint64_t seq = 0;
};

/// Seqs that this console can't have any more: older than what the hub keeps, or lost in a crash
/// before they were durable (those come again under the same name; events already shown are not
/// shown again).
struct LostItem {
  std::uint64_t first_seq = 0;  // both included
  std::uint64_t last_seq = 0;
};

/// Told after a frame in which fixes were left out: how many, of how many units.
struct ConflatedItem {
  std::uint64_t fixes = 0;
  std::uint64_t units = 0;
};

enum class LinkState : std::uint8_t {
  Connecting,  // never heard the hub yet
  Live,        // the session stands
  Stale,       // it stood, and is cut or silent: what is shown ages; coming back by itself
  Refused,     // the hub refused the session: code and reason; tried again when the hub said when
  Ended        // over: the snapshot is complete, or the hub refused for good
};

/// Why a link is Stale, for a program to branch on: no Refusal stands for it, since the hub refused
/// nothing.
enum class Stale : std::uint8_t {
  Cut,     // the connection is gone
  Silent,  // it stands, and the hub says nothing
  Anew     // the session is begun anew: the hub asked for that, or what came made no sense
};

struct LinkItem {
  LinkState state = LinkState::Connecting;
  Refusal code = Refusal::None;
  std::string reason = {};
  std::int64_t since_us =
      0;  // this machine's UTC: Stale: when the hub was last heard; else when it became so
  Stale stale = Stale::Anew;  // of a link that is Stale
};

enum class ReplayPhase : std::uint8_t { Playing = 0, Paused = 1, Ended = 2, Failed = 3 };

struct SeqRange {
  std::uint64_t first = 0;  // both included
  std::uint64_t last = 0;
};

/// Answers a control (by its request number), or tells the end of the range. Items after it belong
/// to what it says.
struct ReplayItem {
  std::uint32_t request = 0;  // 0: not an answer
  ReplayPhase phase = ReplayPhase::Playing;
  std::int64_t time_us = 0;  // the replay's clock
  std::uint64_t sent = 0;    // entries sent so far
  Refusal code = Refusal::None;
  std::string reason = {};
  std::vector<SeqRange> damaged = {};  // could not be read, and are missing here
};

using Item = std::variant<FixItem, EventItem, StateItem, SnapshotBegin, SnapshotEnd, LeaveItem,
                          LostItem, ConflatedItem, LinkItem, ReplayItem>;

/// The channel of a message: "track/OWNER/GROUP" and so on, "-" for no group.
std::string channel_of(const FixItem& item);
std::string channel_of(const EventItem& item);
std::string channel_of(const StateItem& item);

/// For std::visit: `std::visit(Match{[](const FixItem& fix) {...}, [](const auto&) {}}, item)`.
template <typename... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Match(Cases...) -> Match<Cases...>;

}  // namespace vigie::client
