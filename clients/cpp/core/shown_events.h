#pragma once
// The names of events that were shown and are not durable at the hub yet, so that one that a crash
// of the hub took, and that its publisher sends again, is not shown twice. Pure; one thread.

#include <deque>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "schemas/messages/wire.h"
#include "schemas/model/ledger.h"
#include "schemas/words/interval_set.h"
#include "schemas/words/result.h"

namespace vigie::client {

class ShownEvents {
 public:
  /// An event was shown. Seqs rise.
  void add(std::uint64_t seq, const wire::Spool& spool, std::uint64_t number);
  /// Everything up to `seq` is on the hub's disk.
  void durable(std::uint64_t seq);
  /// Seqs first..last of the log are gone: what was shown of them may come again.
  void lose(std::uint64_t first, std::uint64_t last);
  void lose_all() { lose(0, UINT64_MAX); }
  /// True for an event that was shown, was lost and comes again under this seq: it is then as if
  /// shown under it.
  bool comes_again(std::uint64_t seq, const wire::Spool& spool, std::uint64_t number);
  /// Quick: nothing can come again.
  bool none_lost() const { return lost_.empty(); }

  /// To be kept behind a token. Four 64-bit words an event (seq, or 0 when lost; spool; number).
  std::vector<std::byte> bytes() const;
  static Result<ShownEvents> parse(Bytes bytes);

 private:
  struct Shown {
    std::uint64_t seq;
    SpoolKey spool;
    std::uint64_t number;
  };
  std::deque<Shown> shown_;
  boost::unordered_flat_map<SpoolKey, IntervalSet, SpoolKeyHash> lost_;
};

}  // namespace vigie::client
