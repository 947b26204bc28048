#pragma once
// The ledger: which numbers of each spool are settled. A fold of the log like the picture: batches
// settle what they hold, Settled blocks what was refused or given up. Pure; one thread at a time.

#include <boost/unordered/unordered_flat_map.hpp>

#include "schemas/messages/entry_writer.h"
#include "schemas/model/picture.h"
#include "schemas/words/interval_set.h"

namespace vigie {

struct SpoolKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const SpoolKey&) const = default;
};
inline SpoolKey key_of(const wire::Spool& spool) {
  return {spool.high(), spool.low()};
}

struct SpoolKeyHash {
  std::size_t operator()(const SpoolKey& key) const {
    return key.high ^ (key.low * 0x9e3779b97f4a7c15ull);
  }
};

struct SpoolRecord {
  IntervalSet settled;
  std::int64_t last_known_time_us = 0;  // when it was last heard
  bool closed = false;                  // silent for too long: nothing is taken from it any more
};

class Ledger {
 public:
  using Map = boost::unordered_flat_map<SpoolKey, SpoolRecord, SpoolKeyHash>;
  /// Folds one body of the log, or one page of a checkpoint.
  void fold(Bytes body);
  SpoolRecord& spool(const wire::Spool& spool) { return spools_[key_of(spool)]; }
  const SpoolRecord* find(const wire::Spool& spool) const;
  const Map& spools() const { return spools_; }
  /// Closes spools not heard since `before_us`: their intervals become one (everything up to the
  /// highest), so that they cost a small fixed amount and nothing old is ever stored twice.
  void close_silent(std::int64_t before_us);

 private:
  Map spools_;
};

}  // namespace vigie
