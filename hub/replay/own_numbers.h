#pragma once
// The numbers of a grant that has own_numbers: seqs, log and names, made of what its sessions are
// told anyway, so that nothing of what is withheld can be counted by them. Nothing is kept: they
// are the same for every session and view of the grant, live, in a picture, in a replay, and after
// a restart. Pure.
//
// A moment is all that the grant shows that became known in one microsecond.
//
//   seq of an event, state or fix: its moment, and its place there: events, then states, then
//   fixes,
//                                  each in order of the log; from 1
//   what stands in a picture, and a fix that stands for a step (every_s): the end of its moment,
//                                  since what was shown before it there is not known any more
//   a leave: the seq of the fix that the grant showed before it in the moment
//   a position: the end of the last moment that is all had, or of the seqs had of one that is not
//
// More than 4,095 entries of a moment run on into the next microsecond's numbers.

#include <string>
#include <string_view>

#include "schemas/messages/wire.h"
#include "schemas/words/result.h"

namespace vigie::replay {

/// The seq at a place of a moment; 0: before all of it.
std::uint64_t own_seq(std::int64_t moment_us, std::uint64_t place);
/// Behind all of the moment, and before the next one.
std::uint64_t own_end(std::int64_t moment_us);
/// The moment of a seq.
std::int64_t moment_of(std::uint64_t own_seq);

class OwnNames {
 public:
  /// The names by which `grant` shows what the log holds.
  OwnNames(const wire::LogId& log, std::string_view grant);
  /// The log's.
  wire::LogId log() const { return shown_log_; }
  /// A message's: none tells how many its publisher sent, nor which have the same one. References
  /// to it are the same name again.
  wire::MessageName name(const wire::Spool& spool, std::uint64_t number) const;

 private:
  unsigned char key_[32];
  wire::LogId shown_log_;
};

/// What is said of a failure where seqs must not be told.
inline constexpr const char* kOwnFailure = "what the grant shows can't be read";

}  // namespace vigie::replay
