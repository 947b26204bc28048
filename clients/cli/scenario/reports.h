#pragma once
// What the trackers of a scenario's units publish: fixes with the noise of a receiver, events, unit
// cards. Pure; the same scenario and seed give the same reports.

#include <cstdint>
#include <variant>
#include <vector>

#include "clients/cli/scenario/scenario.h"
#include "clients/cli/scenario/world.h"

namespace vigie::cli {

struct Report {
  std::int64_t at_us = 0;  // since the scenario's start, by a right clock
  std::size_t unit = 0;    // place in Scenario::units
  /// Its true time is not set yet: see stamp_report().
  std::variant<client::Fix, client::Event, client::State> message;
};

/// In order of time; at one time cards, then events, then fixes. Ends after `until_us` (0: with the
/// scenario).
std::vector<Report> make_reports(const Scenario& scenario, const World& world,
                                 std::int64_t until_us);

/// Sets the report's true time: what the unit's own clock showed at `right_time_us`.
void stamp_report(const Scenario& scenario, std::int64_t right_time_us, Report& report);

}  // namespace vigie::cli
