#include "clients/cli/commands/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "clients/cli/commands/command_line.h"

// Kept apart from the commands: this header is slow to compile.

namespace vigie::cli {
namespace {

void add_track_source(CLI::App& track, TrackOptions& options) {
  auto* source = track.add_option_group("source", "where positions come from: one of");
  source->add_option("--gpsd", options.gpsd, "a gpsd")->type_name("HOST:PORT");
  source->add_option("--nmea", options.nmea,
                     "NMEA 0183: FILE, -, tcp://HOST:PORT, udp://[HOST]:PORT or /dev/...");
  source->add_option("--gpx", options.gpx, "a GPX file (.gz too)")->type_name("FILE");
  source->add_option("--csv", options.csv, "a CSV file with named columns (.gz too)")
      ->type_name("FILE");
  source->require_option(1);
  track.add_option("--columns", options.columns,
                   "names of CSV columns: unit=A,time=B,lat=C,lon=D,alt=..,speed=..,course=..; the "
                   "usual ones are recognised");
  track.add_option("--speed-unit", options.speed_unit, "of the CSV: m/s, km/h, kn, mph")
      ->capture_default_str();
  track.add_option("--time-zone", options.time_zone, "of CSV times that name none: +01:00")
      ->capture_default_str();
  track.add_option("--clock", options.clock, "whose clock CSV times are from: device or satellite")
      ->check(CLI::IsMember({"device", "satellite"}))
      ->capture_default_str();
  track.add_option("--baud", options.baud, "of a serial line")->capture_default_str();
  track.add_option("--date", options.date, "of NMEA that brings no date itself")
      ->type_name("YYYY-MM-DD");
}

void add_track(CLI::App& app, TrackOptions& options) {
  CLI::App& track = *app.add_subcommand("track", "publish positions of a receiver or a recording");
  track.add_option("--unit", options.unit, "the unit; with a unit column in a CSV: OWNER/")
      ->type_name("OWNER/NAME");
  track.add_option("--owner", options.owner, "the owner of the units that a CSV's column names");
  track.add_option("--group", options.group, "patrol, convoy or team the unit is in");
  add_track_source(track, options);
  track.add_option("--speed", options.speed,
                   "of a recording: recorded, max, or N times [max; recorded with --retime]");
  track.add_option("--retime", options.retime, "now: shift true times so that it plays as if live")
      ->check(CLI::IsMember({"now"}));
  track.add_flag("--loop", options.loop, "begin again at the end, for ever (implies --retime now)");
  track
      .add_option("--order", options.order,
                  "of a recording: as in the file, or by time [file; time when it is paced]")
      ->check(CLI::IsMember({"file", "time"}));
  track
      .add_option("--spool", options.spool,
                  "where messages lie until they are settled [in $XDG_STATE_HOME/vigie or "
                  "~/.local/state/vigie, by unit]")
      ->type_name("FILE");
  track.add_flag("--no-spool", options.no_spool, "keep them in memory: lost with the process");
  track.add_option("--call-sign", options.call_sign, "publish a unit card with it");
  track.add_option("--unit-kind", options.unit_kind,
                   "vehicle, foot, command_post, ...: on the card");
  track.add_option("--symbol", options.symbol, "APP-6 / MIL-STD-2525 code: on the card");
  track.add_option("--format", options.format, "of the summary: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_hub(track, options.hub, "for ever");
  footer(track,
         "  vigie track --unit alpha/v1 --gpsd 127.0.0.1:2947\n"
         "  vigie track --unit alpha/v1 --gpx ride.gpx --retime now --speed 10\n"
         "  vigie track --owner city --csv buses.csv.gz --columns unit=bus,time=at");
}

void add_watch(CLI::App& app, WatchOptions& options) {
  CLI::App& watch = *app.add_subcommand("watch", "follow what happens, as a table or as NDJSON");
  add_filter(watch, options.filter);
  watch.add_option("--pace", options.pace, "fixes of a unit at most once in this time, conflated")
      ->type_name("SECONDS");
  watch.add_option("--grant", options.grant, "what this grant shows by its terms, nothing else")
      ->type_name("OWNER/NAME");
  watch.add_flag("--snapshot", options.snapshot, "the picture as it is now, then end");
  watch.add_option("--as-of", options.as_of, "the picture of a past moment: RFC 3339, or -90m")
      ->type_name("TIME");
  watch
      .add_option("--clock", options.clock,
                  "of --as-of: true (as it was) or known (as the room could see it)")
      ->check(CLI::IsMember({"true", "known"}))
      ->capture_default_str();
  auto* after = watch.add_option("--after-seq", options.after_seq, "go on after this seq")
                    ->check(from_zero());
  watch.add_flag("--only-new", options.only_new, "no snapshot first");
  watch
      .add_option("--since", options.since,
                  "also the events since then: RFC 3339, -90m, or now for none [table: -1h]")
      ->type_name("TIME");
  watch.add_option("--format", options.format, "table or ndjson [table on a terminal]")
      ->check(CLI::IsMember({"table", "ndjson"}));
  watch.add_flag("--notices", options.notices, "NDJSON: lines for snapshots, leaves, cuts, too");
  watch.add_option("--count", options.count, "NDJSON: end after so many lines")->check(from_zero());
  add_hub(watch, options.hub, "for ever; 10 s with --snapshot");
  footer(watch,
         "  vigie watch --channel '*/alpha'\n"
         "  vigie watch --class event --format ndjson | jq -r .text");
  watch.callback([&options, after] { options.has_after_seq = after->count() > 0; });
}

void add_replay(CLI::App& app, ReplayOptions& options) {
  CLI::App& replay =
      *app.add_subcommand("replay", "play a range of the past; with --unit it is the track query");
  add_range(replay, options);
  replay.add_option("--speed", options.speed, "N times real time, or max")->capture_default_str();
  auto* file = replay.add_option("--file", options.file, "a recording, all of it, at once")
                   ->type_name("FILE");
  for (CLI::Option* option : replay.get_options()) {
    if (option != file && option != replay.get_help_ptr()) file->excludes(option);
  }
  replay.add_option("--format", options.format, "table or ndjson [table on a terminal]")
      ->check(CLI::IsMember({"table", "ndjson"}));
  replay.add_flag("--notices", options.notices, "NDJSON: lines for the replay's phases, too");
  add_hub(replay, options.hub, "10 s");
  footer(replay,
         "  vigie replay --from -2h --speed 60\n"
         "  vigie replay --unit alpha/v1 --from 2026-03-01T06:00:00Z --format ndjson\n"
         "  vigie replay --file patrol.vgr --format ndjson");
}

void add_send(CLI::App& app, SendOptions& options) {
  CLI::App& send = *app.add_subcommand("send", "publish one event, or a text, by hand");
  send.add_option("--unit", options.unit, "who says it, or whom it befell")
      ->type_name("OWNER/NAME")
      ->required();
  send.add_option("--group", options.group, "the group it goes to");
  send.add_option("--kind", options.kind, "text, order, halt, sos, medical_aid, ...")
      ->capture_default_str();
  send.add_option("--to", options.to,
                  "a unit that it is addressed to: its tracker gets it; repeatable")
      ->type_name("OWNER/NAME")
      ->allow_extra_args(false);
  send.add_option("--severity", options.severity, "info, notice, warning or severe")
      ->check(CLI::IsMember({"info", "notice", "warning", "severe"}))
      ->capture_default_str();
  send.add_option("--at", options.at, "position, in degrees")->type_name("LAT,LON");
  send.add_option("--time", options.time, "when it happened, 2000 to 2100: RFC 3339, or -5m [now]")
      ->type_name("TIME");
  send.add_option("--field", options.fields, "a fact about it; repeatable, each KEY once")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  send.add_option("text", options.text, "what is said");
  add_hub(send, options.hub, "10 s");
  footer(
      send,
      "  vigie send --unit alpha/hq --kind order --to alpha/v1 --to alpha/v2 \"Depart at 06:30\"\n"
      "  vigie send --unit alpha/v2 --kind sos --severity severe --at 15.93,1.52 \"Mine strike\"");
}

void add_status(CLI::App& app, StatusOptions& options) {
  CLI::App& status = *app.add_subcommand("status", "how the hub is");
  status.add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_hub(status, options.hub, "10 s");
  footer(status, "  vigie status --format json | jq .");
}

void add_simulate(CLI::App& app, SimulateOptions& options) {
  CLI::App& simulate =
      *app.add_subcommand("simulate", "play a scenario through real trackers, one for each unit");
  simulate.add_option("scenario", options.scenario, "a scenario: see deploy/scenarios/README.md")
      ->type_name("SCENARIO.toml")
      ->required();
  simulate.add_option("--speed", options.speed, "N times real time, or max")->capture_default_str();
  simulate
      .add_option("--start", options.start,
                  "true time of its first moment: now, RFC 3339, or scenario for its own [now; "
                  "scenario with --dry-run or max]")
      ->type_name("TIME");
  simulate.add_option("--until", options.until, "end after so much of the scenario's time")
      ->type_name("DURATION");
  auto* seed = simulate.add_option("--seed", options.seed, "of noise and gaps [the scenario's]")
                   ->check(from_zero());
  simulate.add_flag("--dry-run", options.dry_run, "print what would be published, as NDJSON");
  simulate
      .add_option("--identity", options.identities,
                  "a key file; repeatable, one for each owner whose units are played")
      ->type_name("FILE")
      ->allow_extra_args(false);
  simulate.add_option("--spools", options.spool_folder, "keep the trackers' spools in this folder")
      ->type_name("FOLDER");
  add_hub(simulate, options.hub, "for ever", Identity::Own);
  footer(simulate,
         "  vigie simulate deploy/scenarios/patrol.toml --speed 60\n"
         "  vigie simulate my.toml --dry-run | head");
  simulate.callback([&options, seed] { options.has_seed = seed->count() > 0; });
}

}  // namespace

ExitCode run_command_line(int argc, char** argv) {
  CLI::App app("Vigie: publish, watch and replay positions and events", "vigie");
  app.set_version_flag("--version", std::string("vigie ") + VIGIE_VERSION);
  app.require_subcommand(1);
  app.footer(fmt::format("'vigie COMMAND --help' has examples.\n\n{}", exit_codes()));
  TrackOptions track;
  WatchOptions watch;
  ReplayOptions replay;
  SendOptions send;
  StatusOptions status;
  SimulateOptions simulate;
  add_track(app, track);
  add_watch(app, watch);
  add_replay(app, replay);
  add_send(app, send);
  add_status(app, status);
  add_simulate(app, simulate);
  QuarantineOptions quarantine;
  add_quarantine(app, quarantine);
  RecordingCommands recordings;
  recordings.add(app);
  AccessCommands access;
  access.add(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 would only say that some command is needed.
    if (argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty()) {
      fmt::print(stderr, "'{}' is no command of vigie: see vigie --help\n", argv[1]);
      return ExitCode::Usage;
    }
    return app.exit(error) == 0 ? ExitCode::Ok : ExitCode::Usage;
  }
  StopSignals stop;
  const std::string name = app.get_subcommands().front()->get_name();
  if (name == "track") return run_track(track, stop);
  if (name == "watch") return run_watch(watch, stop);
  if (name == "replay") return run_replay(replay, stop);
  if (name == "send") return run_send(send, stop);
  if (name == "status") return run_status(status, stop);
  if (name == "simulate") return run_simulate(simulate, stop);
  if (name == "quarantine") return run_quarantine(quarantine, stop);
  if (recordings.has(name)) return recordings.run(name, stop);
  return access.run(name, stop);
}

}  // namespace vigie::cli
