// `vigie send`: one event by hand, until the hub has it for good.

#include <fmt/format.h>

#include "clients/cli/commands/hub_link.h"
#include "clients/cli/commands/options.h"
#include "clients/cli/commands/publisher.h"
#include "clients/cli/commands/track_plan.h"
#include "clients/cli/outputs/terminal.h"
#include "schemas/messages/addressee.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

/// Adds "KEY=VALUE".
Result<void> add_field(client::Event& event, const std::string& field) {
  const std::size_t equals = field.find('=');
  if (equals == std::string::npos || equals == 0) {
    return Fault{FaultCode::Invalid, fmt::format("--field '{}' is not KEY=VALUE", field)};
  }
  const std::string key = field.substr(0, equals);
  for (const client::Field& other : event.fields) {
    if (other.key != key) continue;
    return Fault{FaultCode::Invalid, fmt::format("--field '{}' is given twice", key)};
  }
  event.fields.push_back({key, field.substr(equals + 1)});
  return {};
}

Result<void> address(client::Event& event, const std::vector<std::string>& units) {
  if (units.empty()) return {};
  for (const std::string& unit : units) {
    if (is_unit_name(unit)) continue;
    return Fault{FaultCode::Invalid, fmt::format("--to '{}' is not OWNER/NAME", unit)};
  }
  return add_field(event, fmt::format("{}={}", kAddressedTo, fmt::join(units, " ")));
}

Result<client::Event> event_of(const SendOptions& options) {
  client::Event event;
  event.unit = options.unit;
  event.group = options.group;
  event.kind = options.kind;
  event.text = options.text;
  if (options.kind == "text" && options.text.empty()) {
    return Fault{FaultCode::Invalid, "there is nothing to say: give a text, or a --kind"};
  }
  constexpr std::string_view kSeverities[] = {"info", "notice", "warning", "severe"};
  for (std::size_t i = 0; i < std::size(kSeverities); ++i) {
    if (options.severity == kSeverities[i]) event.severity = static_cast<client::Severity>(i);
  }
  const std::int64_t now_us = SystemClock().utc_us();
  const auto time =
      options.time.empty() ? Result<std::int64_t>(now_us) : parse_moment(options.time, now_us);
  if (!time) return time.fault();
  if (*time < kTrueTimeUsMin || *time > kTrueTimeUsMax) {
    return Fault{FaultCode::Invalid,
                 fmt::format("--time '{}' is not between 2000 and 2100", options.time)};
  }
  event.true_time_us = *time;
  if (!options.at.empty()) {
    const auto at = parse_lat_lon(options.at);
    if (!at) return at.fault();
    event.position = client::Place{at->lat_e7, at->lon_e7};
  }
  for (const std::string& field : options.fields) {
    if (const auto added = add_field(event, field); !added) return added.fault();
  }
  if (const auto to = address(event, options.to); !to) return to.fault();
  return event;
}

}  // namespace

ExitCode run_send(const SendOptions& options, StopSignals& stop) {
  const auto event = event_of(options);
  const auto timeout = parse_timeout(options.hub.timeout, std::chrono::milliseconds(10'000));
  if (!event || !timeout) {
    say(!event ? event.fault().sentence : timeout.fault().sentence);
    return ExitCode::Usage;
  }
  const auto link = link_of(options.hub, "send");
  client::TrackerOptions tracker;
  if (link) tracker.link = *link;
  auto publisher =
      link ? Publisher::open(tracker, *timeout) : Result<std::unique_ptr<Publisher>>(link.fault());
  if (!publisher) {
    say(publisher.fault().sentence);
    return ExitCode::Usage;
  }
  if (const auto done = (*publisher)->publish(*event); !done) {
    say(done.fault().sentence);
    return ExitCode::Usage;
  }
  const ExitCode delivered = deliver(**publisher, stop, "the event");
  if (delivered != ExitCode::Ok) return delivered;
  const auto wrote = write_out(
      fmt::format("acknowledged, spool {} number 1\n", (*publisher)->tracker().spool().text()));
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

}  // namespace vigie::cli
