#pragma once
// Writes the audit into the log: what the trail holds becomes entries of the body that is being
// built, so that it is folded, stored, fed and replicated like everything else. Front thread.
//
// The hub publishes from a spool of its own, one for each log. Numbers that may have been seen
// before a crash and then were lost are given up at the next start: none is used twice, and the
// spool's settled numbers stay one interval.

#include "hub/security/audit_trail.h"
#include "hub/sequence/sequencer.h"

namespace vigie {

class AuditWriter {
 public:
  /// `sequencer` is borrowed and outlives this; `ledger` is what recovery folded. Begins with the
  /// numbers that are given up, and with the note that the hub started: at once, or when there are
  /// seqs.
  AuditWriter(sequence::Sequencer& sequencer, const store::Recovery& recovery, const Ledger& ledger,
              const security::Registry& registry);

  security::AuditTrail& trail() { return trail_; }
  const security::AuditTrail& trail() const { return trail_; }
  /// As much of what waits as the body has room for; nothing while there are no seqs.
  void write();
  /// Stopping: what was counted is told, and that the hub stops. Once, and nothing after it, so
  /// that all is durable at the end.
  void note_stop();

 private:
  void give_up(std::uint64_t count);
  sequence::Sequencer& sequencer_;
  wire::Spool spool_;
  std::uint64_t next_number_ = 1;
  std::uint64_t lost_ = 0;  // numbers, at most; to be given up
  security::AuditTrail trail_;
  bool stop_noted_ = false;
};

}  // namespace vigie
