#pragma once
// The audit trail: collects what the rooms note of who did what, and hands it out as batches of
// events for the log, an entry for each owner whom it concerns: channel event/OWNER/_audit, unit
// OWNER/audit. Front thread. Pure: no clock, no socket; times are known times.
//
// Nothing that was noted is dropped: while much waits, full() makes those wait who would note more.
// What may come in floods (refusals, readings, acknowledgements) is told at once a few times a
// minute, then counted and told together at the minute's end, so that the log is not flooded too.
// What is counted and not told yet is lost when the hub is killed.

#include <deque>
#include <map>
#include <memory>

#include "hub/security/audit_note.h"

namespace vigie::security {

// Alone, in a minute, of one who, kind and owners (refusals: and code); more are counted.
inline constexpr std::size_t kRefusalsAlone = 1;
inline constexpr std::size_t kReadingsAlone = 30;
inline constexpr std::size_t kAcknowledgementsAlone = 60;

inline constexpr std::int64_t kAuditMinuteUs = 60'000'000;
inline constexpr std::size_t kAuditWaitingMax = 4096;  // entries; beyond, the trail is full
inline constexpr std::size_t kAuditTalliesMax = 1024;  // beyond: by kind and first owner

/// Events to be appended to the body that is being built, as one block.
struct AuditBlock {
  std::vector<std::byte> payload = {};  // a Batch
  std::uint32_t count = 0;
};

class AuditTrail {
 public:
  /// Of what is noted from here on. Hands on what was counted in minutes that are over.
  void set_known_time(std::int64_t known_us);
  /// Is told for itself.
  void note(AuditNote&& note);
  /// Is told for itself where it is one of the first `alone` of its kind in this minute.
  void note_often(AuditNote&& note, std::size_t alone);
  /// How many connections the gate has turned away since the start: of no known key, so that they
  /// are only counted.
  void note_turned_away(std::uint64_t total);
  /// Somebody came with a code that opens nothing any more.
  void note_closed_code(std::string_view key, const ClosedInvitation& closed);
  /// What was counted becomes ready, whatever the minute: before the end.
  void finish_counting();
  /// The end: nothing that is noted from here on is told, so that what waits comes to an end too.
  void close() { closed_ = true; }

  bool empty() const { return waiting_.empty(); }
  /// True when there is no room for what may wait.
  bool full() const { return waiting_.size() >= kAuditWaitingMax; }
  /// The first entries that wait, as many as `bytes_max` have room for; they wait no more. They are
  /// stamped as known at `known_us`, from `first_seq` on, and named by the numbers of `spool` from
  /// `first_number` on.
  AuditBlock take(wire::Spool spool, std::uint64_t first_number, std::uint64_t first_seq,
                  std::int64_t known_us, std::size_t bytes_max);

 private:
  struct Waiting {
    std::shared_ptr<const AuditNote> note;
    std::size_t owner;      // its place among the note's
    std::int64_t known_us;  // when it was noted
  };
  struct Tally {
    std::int64_t until_us = 0;
    std::size_t alone = 0;
    std::unique_ptr<AuditNote> more = {};
  };
  void push(AuditNote&& note);
  Tally& tally_of(const AuditNote& note);

  std::deque<Waiting> waiting_;
  std::map<std::string, Tally, std::less<>> tallies_;
  std::int64_t known_us_ = 0;
  std::int64_t next_end_us_ = INT64_MAX;  // of a tally
  std::uint64_t turned_away_ = 0;
  bool closed_ = false;
};

}  // namespace vigie::security
