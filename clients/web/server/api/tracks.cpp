// GET /api/v1/tracks and /api/v1/units/OWNER/NAME/track: streamed exports.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "clients/web/server/api/endpoints.h"
#include "clients/web/server/api/parameters.h"
#include "clients/web/server/api/track_export.h"
#include "clients/web/server/live/watches.h"
#include "schemas/messages/names.h"
#include "schemas/words/limits.h"

namespace vigie::web::api {
namespace {

constexpr std::size_t kUnitsNamedMax = 100;
// Formats that are a replay for each unit. By known time each of these reads the whole range.
constexpr std::size_t kUnitsByTrueMax = 500;
constexpr std::size_t kUnitsByKnownMax = 20;
constexpr std::int64_t kDefaultUs = 3600 * kMicrosecondsPerSecond;
constexpr std::uint64_t kSimplifySMax = 86'400;

struct Wanted {
  std::vector<std::string> units = {};
  std::string owner = {};
  std::string group = {};
  std::int64_t from_us = 0;
  std::int64_t until_us = 0;
  client::ReplayClock clock = client::ReplayClock::True;
  TrackFormat format = TrackFormat::GeoJson;
  std::int64_t simplify_us = 0;
  std::string file = {};  // its name without the extension
  std::string grant = {};
  bool exported = true;
  bool asks = false;  // whether it would be given, and not for it
};

void read_range(Parameters& parameters, std::int64_t now_us, Wanted& wanted) {
  const auto from = parameters.moment("from");
  const auto until = parameters.moment("to");
  wanted.until_us = until.value_or(from ? std::max(now_us, *from + 1) : now_us);
  wanted.from_us = from.value_or(wanted.until_us - kDefaultUs);
  if (wanted.from_us >= wanted.until_us) {
    parameters.refuse(fmt::format("'from' {} is not before 'to' {}", format_time(wanted.from_us),
                                  format_time(wanted.until_us)));
  }
}

void read_form(Parameters& parameters, Wanted& wanted) {
  wanted.clock = parameters.one_of("clock", {"true", "known"}, 0) == 0 ? client::ReplayClock::True
                                                                       : client::ReplayClock::Known;
  constexpr TrackFormat kFormats[] = {TrackFormat::GeoJson, TrackFormat::Gpx, TrackFormat::Csv,
                                      TrackFormat::Ndjson};
  wanted.grant = parameters.grant(wanted.clock == client::ReplayClock::True);
  wanted.format = kFormats[parameters.one_of("format", {"geojson", "gpx", "csv", "ndjson"}, 0)];
  if (parameters.flag("points")) {
    if (wanted.format != TrackFormat::GeoJson) {
      parameters.refuse("parameter 'points' is for format=geojson alone");
    }
    wanted.format = TrackFormat::GeoJsonPoints;
  }
  wanted.simplify_us =
      static_cast<std::int64_t>(parameters.whole("simplify_s", 0, kSimplifySMax, 0)) *
      kMicrosecondsPerSecond;
}

/// Letters that every file system takes.
std::string file_part(std::string_view text) {
  std::string part;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    part += plain ? c : '_';
  }
  return part;
}

/// 20260301T060000Z.
std::string file_time(std::int64_t us) {
  std::string text;
  for (const char c : format_time(us).substr(0, 19)) {
    if (c != '-' && c != ':') text += c;
  }
  return text + "Z";
}

std::string disposition(const Wanted& wanted) {
  return fmt::format("attachment; filename=\"vigie_{}_{}_{}.{}\"", file_part(wanted.file),
                     file_time(wanted.from_us), file_time(wanted.until_us),
                     extension_of(wanted.format));
}

/// Answers as soon as the first piece is there; the rest follows through the stream.
void stream(const DeskJob& job, const TrackQuery& query, const TrackHead& head,
            const Wanted& wanted, const Patience& patience) {
  bool answered = false;
  auto ended = export_tracks(query, head, wanted.format, patience, [&](std::string piece) {
    if (!answered) {
      Response response = answer(content_type_of(wanted.format), {});
      response.headers.emplace_back("Content-Disposition", disposition(wanted));
      response.stream = job.stream();
      job.respond(std::move(response));
      answered = true;
    }
    return job.stream()->write(std::move(piece));
  });
  if (!ended) {
    job.respond(response_of(ended.error()));
  } else if (*ended == ExportEnd::Cut) {
    job.stream()->fail();
    if (!answered) job.respond(problem(401, "signed_out", "the session ended meanwhile"));
  } else {
    if (!answered) {
      // A document of no bytes: NDJSON of an empty range.
      Response response = answer(content_type_of(wanted.format), {});
      response.headers.emplace_back("Content-Disposition", disposition(wanted));
      job.respond(std::move(response));
    }
    job.stream()->finish();
  }
}

void run_export(Api& api, const Call& call, const Sight& sight, Wanted wanted,
                std::vector<std::string> channels) {
  if (wanted.asks) {
    // All that may refuse it is passed but a place among the exports.
    return api.exports.take(call.viewer, call.respond, [](const DeskJob& job) {
      job.respond({.status = 204, .headers = {{"Cache-Control", "no-store"}}});
    });
  }
  TrackQuery query;
  query.past.look_by(sight);
  query.past.clock = wanted.clock;
  query.past.from_us = wanted.from_us;
  query.past.until_us = wanted.until_us;
  query.past.exported = wanted.exported;
  query.past.view.channels = std::move(channels);
  query.units = wanted.units;
  query.simplify_us = wanted.simplify_us;
  const TrackHead head{.from_us = wanted.from_us,
                       .until_us = wanted.until_us,
                       .clock = wanted.clock,
                       .made_us = api.clock.utc_us()};
  const std::int64_t hub_us = api.options.hub_patience.count() * 1000;
  api.exports.take(
      call.viewer, call.respond,
      [query, head, wanted, hub_us, &clock = api.clock](const DeskJob& job) {
        stream(job, query, head, wanted,
               {.clock = clock, .hub_us = hub_us, .stopped = [&job] { return job.stopped(); }});
      });
}

/// The units that an owner or group has in the picture: those whose tracks there may be.
std::optional<Trouble> name_units(const Watch& watch, Wanted& wanted) {
  for (const LiveUnit& unit : watch.picture().units()) {
    if (unit.name.empty()) continue;
    if (!wanted.owner.empty() && owner_of(unit.name) != wanted.owner) continue;
    wanted.units.push_back(unit.name);
  }
  std::sort(wanted.units.begin(), wanted.units.end());
  const std::size_t most =
      wanted.clock == client::ReplayClock::True ? kUnitsByTrueMax : kUnitsByKnownMax;
  if (wanted.units.size() <= most) return {};
  return Trouble{
      .status = 400,
      .code = "too_many_units",
      .detail = fmt::format("{} units, at most {} in this format by this clock: name them with "
                            "'units' or 'owner', or take format=csv, ndjson, or geojson with "
                            "points=true",
                            wanted.units.size(), most)};
}

/// Channels of that group of every owner in the picture, or of one owner.
std::vector<std::string> channels_of(const Watch& watch, const Wanted& wanted) {
  std::vector<std::string> channels;
  if (wanted.group.empty()) {
    if (!wanted.owner.empty()) channels.push_back("track/" + wanted.owner);
    return channels;
  }
  std::set<std::string> owners;
  for (const LiveUnit& unit : watch.picture().units()) {
    if (!unit.name.empty()) owners.emplace(owner_of(unit.name));
  }
  if (!wanted.owner.empty()) owners = {wanted.owner};
  for (const std::string& owner : owners) {
    if (channels.size() == limits::kViewChannelsMax) break;
    channels.push_back(channel_name(MessageClass::Track, owner, wanted.group));
  }
  // Nobody in the picture: an owner of that name has no such group either.
  if (channels.empty()) channels.push_back(channel_name(MessageClass::Track, "-", wanted.group));
  return channels;
}

}  // namespace

void get_unit_track(Api& api, const Call& call) {
  Parameters parameters(*call.request,
                        {"from", "to", "clock", "format", "points", "simplify_s", "grant"});
  Wanted wanted;
  read_range(parameters, now_us(api, call.viewer), wanted);
  read_form(parameters, wanted);
  const std::string name = call.parts[0] + "/" + call.parts[1];
  if (!is_unit_name(name)) parameters.refuse(fmt::format("'{}' is no unit: OWNER/NAME", name));
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  wanted.units = {name};
  wanted.file = name;
  // The card of a unit draws its track of this.
  wanted.exported = wanted.format != TrackFormat::Ndjson || is_program(call);
  with_sight(api, call, wanted.grant, [&api, call, wanted](const Sight& sight) {
    run_export(api, call, sight, wanted, {});
  });
}

void get_tracks(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"units", "group", "owner", "from", "to", "clock", "format",
                                        "points", "simplify_s", "grant", "ask"});
  Wanted wanted;
  read_range(parameters, now_us(api, call.viewer), wanted);
  read_form(parameters, wanted);
  wanted.asks = parameters.flag("ask");
  wanted.units = parameters.units("units", kUnitsNamedMax);
  wanted.owner = parameters.segment("owner");
  wanted.group = parameters.segment("group");
  wanted.file = !wanted.group.empty()      ? wanted.group
                : !wanted.owner.empty()    ? wanted.owner
                : wanted.units.size() == 1 ? wanted.units.front()
                                           : "tracks";
  if (!wanted.units.empty() && (!wanted.owner.empty() || !wanted.group.empty())) {
    parameters.refuse("parameter 'units' stands alone, without 'owner' and 'group'");
  }
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  with_picture(api, call, wanted.grant, [&api, call, wanted](Watch& watch) {
    Wanted named = wanted;
    if (named.units.empty() && is_by_unit(named.format)) {
      if (const auto refused = name_units(watch, named)) return call.refuse(*refused);
    }
    const Sight sight{.link = watch.link_options(), .grant = watch.grant()};
    run_export(api, call, sight, named, channels_of(watch, named));
  });
}

}  // namespace vigie::web::api
