#include "clients/cli/commands/filter.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/cli/outputs/terminal.h"
#include "schemas/messages/names.h"
#include "schemas/words/limits.h"
#include "schemas/words/times.h"

namespace vigie::cli {

Result<client::View> view_of(const FilterOptions& filter, const std::string& pace) {
  client::View view;
  for (const std::string& prefix : filter.channels) {
    if (!is_channel_prefix(prefix)) {
      return Fault{FaultCode::Invalid,
                   fmt::format("--channel '{}' is not CLASS[/OWNER[/GROUP]] with CLASS track, "
                               "event, state or *",
                               prefix)};
    }
  }
  view.channels = filter.channels;
  for (const std::string& unit : filter.units) {
    if (!is_unit_name(unit)) {
      return Fault{FaultCode::Invalid, fmt::format("--unit '{}' is not OWNER/NAME", unit)};
    }
  }
  view.units = filter.units;
  if (!filter.classes.empty()) {
    const auto wanted = [&](std::string_view name) {
      return std::find(filter.classes.begin(), filter.classes.end(), name) != filter.classes.end();
    };
    view.fixes = wanted("track");
    view.events = wanted("event");
    view.states = wanted("state");
  }
  if (!filter.area.empty()) {
    const auto corners = parse_area(filter.area);
    if (!corners) return corners.fault();
    view.area =
        client::Area{corners->west_e7, corners->south_e7, corners->east_e7, corners->north_e7};
  }
  view.area_cuts_events = filter.area_cuts_events;
  if (!pace.empty()) {
    const auto pace_us = parse_duration(pace);
    if (!pace_us) return pace_us.fault();
    if (*pace_us < 0 || *pace_us / 1000 > limits::kPaceMsMax) {
      return Fault{FaultCode::Invalid, fmt::format("--pace '{}' is not within an hour", pace)};
    }
    view.pace_ms = static_cast<std::uint32_t>(*pace_us / 1000);
  }
  return view;
}

bool wants_table(const std::string& format) {
  return format.empty() ? output_is_terminal() : format == "table";
}

}  // namespace vigie::cli
