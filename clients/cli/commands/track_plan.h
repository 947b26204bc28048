#pragma once
// The options of `vigie track` checked and turned into what is to be done. Pure but for the state
// folder and the opening of the source.

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "clients/cli/commands/options.h"
#include "clients/cli/commands/pacing.h"
#include "clients/cli/sources/source.h"
#include "vigie/tracker.h"

namespace vigie::cli {

struct TrackPlan {
  std::string owner;  // of units that a column names
  std::string unit;   // OWNER/NAME; empty when a column names them
  std::string group;
  bool is_live = false;    // a receiver that goes on for ever
  bool all_first = false;  // read the whole recording before the first is published
  bool by_time = false;    // publish in order of true time, not of the file
  Pace pace;
  std::optional<client::State> card;
  client::TrackerOptions tracker;
  std::chrono::milliseconds hub_timeout{0};
};

/// Fails with Invalid: the sentence names the option.
Result<TrackPlan> plan_track(const TrackOptions& options);
Result<std::unique_ptr<Source>> open_track_source(const TrackOptions& options,
                                                  const TrackPlan& plan);
/// "10s" in ms; `otherwise` when it is empty.
Result<std::chrono::milliseconds> parse_timeout(const std::string& text,
                                                std::chrono::milliseconds otherwise);

}  // namespace vigie::cli
