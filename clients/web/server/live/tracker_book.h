#pragma once
// How each unit's tracker does, as one identity's session sees it: how late its positions come, by
// whose clock, how many were out of order, and which of the tracker's own numbers did not come.
//
// A tracker numbers everything it publishes, in its spool. A number between those that came, which
// did not come, is on its way (after an outage the newest are sent first), was given up by a spool
// that was full, was refused, or is of something that this identity may not see: so `missing` is
// the most that can have been lost, and falls when what was late comes. It can be told only while
// the session has everything: it begins anew where the session itself lacks something.
//
// take() by the session's thread, the rest by any: a mutex guards all of it, for a reader that
// comes now and then.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "schemas/words/interval_set.h"
#include "vigie/items.h"

namespace vigie::web {

struct TrackerRow {
  std::string unit = {};
  std::int64_t heard_us = 0;   // known time of the newest fix that came, a late one too
  std::int64_t delay_us = 0;   // of the newest fix that moved the unit: known - position time
  std::int64_t offset_us = 0;  // the hub's estimate of its clock, of the newest fix
  bool satellite = false;      // its times are a satellite's
  std::uint64_t fixes = 0;     // that came, but those of pictures
  std::uint64_t late = 0;      // of these, older than what the picture had
  std::uint64_t missing = 0;   // numbers that did not come
};

class TrackerBook {
 public:
  static constexpr std::size_t kUnitsMax = 100'000;
  static constexpr std::size_t kSpoolsMax = 100'000;
  /// Holes of one spool that are followed. Beyond, the oldest is taken for lost.
  static constexpr std::size_t kHolesMax = 32;

  void take(const client::Item& item);
  std::vector<TrackerRow> rows() const;
  std::size_t bytes() const;

 private:
  using SpoolKey = std::pair<std::uint64_t, std::uint64_t>;
  struct Spool {
    IntervalSet came;
    std::uint64_t lost = 0;  // in holes that are not followed any more
    std::uint64_t missing() const;
  };
  struct Known {
    TrackerRow row;
    SpoolKey spool;
  };

  void take_fix(const client::FixItem& item);
  void take_name(const client::MessageName& name);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Known> units_;
  std::map<SpoolKey, Spool> spools_;
};

}  // namespace vigie::web
