#pragma once
// What `vigie track` and `vigie simulate` say at their end.

#include <string>

#include "clients/cli/commands/delivery_account.h"
#include "clients/cli/sources/reading.h"
#include "schemas/words/result.h"

namespace vigie::cli {

struct TrackSummary {
  std::uint64_t published = 0;
  DeliveryAccount::Sum sum;
  std::uint64_t waiting = 0;  // in the spool
  std::string spool;          // empty: in memory
  Skips skips;                // what the source left out
};

/// On standard output: for people, or one JSON object.
Result<void> print_summary(const TrackSummary& summary, bool json);

}  // namespace vigie::cli
