#include "clients/cli/commands/track_plan.h"
#include "clients/cli/commands/hub_link.h"

#include <fmt/format.h>

#include "clients/cli/sources/byte_stream.h"
#include "schemas/messages/names.h"
#include "schemas/words/limits.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

Fault wrong(std::string sentence) {
  return {FaultCode::Invalid, std::move(sentence)};
}

/// Who: --unit OWNER/NAME, or --unit OWNER/ and --owner OWNER with a column of a CSV.
Result<void> plan_unit(const TrackOptions& options, TrackPlan& plan) {
  plan.group = options.group;
  if (!options.group.empty() && !is_segment(options.group)) {
    return wrong(fmt::format("--group '{}': letters, digits, '-', '_', '.'; at most 64 bytes",
                             options.group));
  }
  const bool prefix = !options.unit.empty() && options.unit.back() == '/';
  const std::string owner =
      prefix ? options.unit.substr(0, options.unit.size() - 1) : options.owner;
  if (!options.unit.empty() && !options.owner.empty()) {
    return wrong("--unit and --owner exclude each other");
  }
  if (!owner.empty()) {
    if (options.csv.empty())
      return wrong("an owner without a name needs a --csv with a unit column");
    if (!is_segment(owner)) return wrong(fmt::format("'{}' is not an owner's name", owner));
    plan.owner = owner;
    return {};
  }
  if (options.unit.empty()) return wrong("whose positions are these? give --unit OWNER/NAME");
  if (!is_unit_name(options.unit)) {
    return wrong(fmt::format("--unit '{}' is not OWNER/NAME", options.unit));
  }
  if (options.columns.find("unit=") != std::string::npos) {
    return wrong("--unit OWNER/NAME and a unit column exclude each other: give --unit OWNER/");
  }
  plan.unit = options.unit;
  return {};
}

Result<void> plan_pace(const TrackOptions& options, TrackPlan& plan) {
  plan.pace.loop = options.loop;
  plan.pace.retime = options.loop || !options.retime.empty();
  const bool paced = !options.speed.empty() || plan.pace.retime;
  const bool stream = !options.nmea.empty() && is_stream_address(options.nmea);
  plan.is_live = !options.gpsd.empty() || (stream && !(options.nmea == "-" && paced));
  if (plan.is_live) {
    if (paced) return wrong("--speed, --retime and --loop are for recordings, not for a receiver");
    return {};
  }
  const auto factor = parse_pace_factor(
      options.speed.empty() ? (plan.pace.retime ? "recorded" : "max") : options.speed);
  if (!factor) return factor.fault();
  plan.pace.factor = *factor;
  if (options.loop && *factor == 0) return wrong("--loop needs a pace: not --speed max");
  plan.all_first = *factor != 0 || plan.pace.retime || options.order == "time";
  plan.by_time = options.order.empty() ? *factor != 0 : options.order == "time";
  return {};
}

Result<void> plan_spool(const TrackOptions& options, TrackPlan& plan) {
  if (options.no_spool) {
    if (!options.spool.empty()) return wrong("--spool and --no-spool exclude each other");
    return {};
  }
  plan.tracker.spool_path = options.spool;
  if (!options.spool.empty()) return {};
  const auto folder = state_folder();
  if (!folder) return folder.fault();
  std::string name = plan.unit.empty() ? plan.owner : plan.unit;
  // A name has no '/' but the one between owner and name.
  if (const std::size_t slash = name.find('/'); slash != std::string::npos) {
    name = name.substr(0, slash) + "--" + name.substr(slash + 1);
  }
  plan.tracker.spool_path = fmt::format("{}/{}.spool", *folder, name);
  return {};
}

/// What the hub takes on a card.
Result<void> check_card_text(const char* option, const std::string& text) {
  if (text.size() > limits::kNameBytesMax) {
    return wrong(fmt::format("{} has {} bytes, at most {} are taken", option, text.size(),
                             limits::kNameBytesMax));
  }
  if (is_text(text)) return {};
  return wrong(fmt::format("{} '{}' is not text without control characters", option, text));
}

Result<void> plan_card(const TrackOptions& options, TrackPlan& plan) {
  if (options.call_sign.empty() && options.unit_kind.empty() && options.symbol.empty()) return {};
  if (plan.unit.empty()) return wrong("a card needs --unit OWNER/NAME");
  if (!options.unit_kind.empty() && !is_kind(options.unit_kind)) {
    return wrong(fmt::format("--unit-kind '{}': 1-32 of a-z, 0-9, '_'", options.unit_kind));
  }
  if (auto bad = check_card_text("--call-sign", options.call_sign); !bad) return bad;
  if (auto bad = check_card_text("--symbol", options.symbol); !bad) return bad;
  client::State card;
  card.name = plan.unit;
  card.group = plan.group;
  card.card.call_sign = options.call_sign;
  card.card.unit_kind = options.unit_kind;
  card.card.symbol = options.symbol;
  plan.card = card;
  return {};
}

}  // namespace

Result<std::chrono::milliseconds> parse_timeout(const std::string& text,
                                                std::chrono::milliseconds otherwise) {
  if (text.empty()) return otherwise;
  const auto us = parse_duration(text);
  if (!us) return us.fault();
  return std::chrono::milliseconds(*us / 1000);
}

Result<TrackPlan> plan_track(const TrackOptions& options) {
  TrackPlan plan;
  for (const auto step : {plan_unit, plan_pace, plan_card, plan_spool}) {
    if (auto done = step(options, plan); !done) return done.fault();
  }
  const auto timeout = parse_timeout(options.hub.timeout, std::chrono::milliseconds(0));
  if (!timeout) return timeout.fault();
  plan.hub_timeout = *timeout;
  const auto link = link_of(options.hub, "track");
  if (!link) return link.fault();
  plan.tracker.link = *link;
  // A recording waits for room; a receiver does not wait, so the oldest fixes make room.
  plan.tracker.when_full = plan.is_live ? client::WhenFull::GiveUpOldest : client::WhenFull::Refuse;
  const bool live_order = plan.is_live || plan.pace.factor != 0;
  plan.tracker.order = live_order ? client::SendOrder::NewestFirst : client::SendOrder::InOrder;
  return plan;
}

Result<std::unique_ptr<Source>> open_track_source(const TrackOptions& options,
                                                  const TrackPlan& plan) {
  if (!options.gpsd.empty()) return open_gpsd(options.gpsd);
  if (!options.gpx.empty()) return open_gpx(options.gpx);
  if (!options.nmea.empty()) {
    std::optional<std::int64_t> first_day;
    if (!options.date.empty()) {
      const auto day = parse_time(options.date);
      if (!day) return day.fault();
      first_day = *day / 86'400'000'000;
    }
    return plan.is_live ? open_nmea_live(options.nmea, options.baud, first_day)
                        : open_nmea_file(options.nmea, first_day);
  }
  CsvOptions csv;
  csv.columns = options.columns;
  csv.unit_by_column = plan.unit.empty();
  csv.clock =
      options.clock == "satellite" ? client::ClockKind::Satellite : client::ClockKind::Device;
  const auto speed_unit = parse_speed_unit(options.speed_unit);
  if (!speed_unit) return speed_unit.fault();
  csv.speed_unit = *speed_unit;
  const auto zone = parse_zone(options.time_zone);
  if (!zone) return zone.fault();
  csv.zone_offset_us = *zone;
  return open_csv(options.csv, csv);
}

}  // namespace vigie::cli
