#pragma once
// What the command line can say, a struct a command. Filled by command_line.cpp, used by run_*.

#include <cstdint>
#include <string>
#include <vector>

#include "clients/cli/commands/exit_code.h"
#include "clients/cli/commands/surroundings.h"

namespace vigie::cli {

struct HubOptions {
  std::string hub = {};       // HOST:PORT; empty: the identity's, or 127.0.0.1:7700
  std::string identity = {};  // a key file; empty: hub_link.h says which
  bool plain = false;         // nobody, whatever key files there are
  std::string timeout = {};   // a duration; empty: the command's own
};

struct TrackOptions {
  HubOptions hub;
  std::string unit, owner, group;
  std::string gpsd, nmea, gpx, csv;  // one of them
  std::string speed;                 // "recorded", "max" or a number; empty: by the source
  std::string retime;                // "now"
  bool loop = false;
  std::string order;  // "file" or "time"; empty: by the speed
  std::string columns, speed_unit = "m/s", time_zone = "Z", clock = "device";
  int baud = 4800;
  std::string date;  // YYYY-MM-DD
  std::string spool;
  bool no_spool = false;
  std::string call_sign, unit_kind, symbol;
  std::string format = "text";
};

struct FilterOptions {
  std::vector<std::string> channels, units, classes;
  std::string area;
  bool area_cuts_events = false;
};

struct WatchOptions {
  HubOptions hub;
  FilterOptions filter;
  std::string pace;
  bool snapshot = false;
  std::string as_of, clock = "true", grant;
  std::uint64_t after_seq = 0;
  bool has_after_seq = false;
  bool only_new = false;
  std::string since;  // empty: for the table kTableSince, else nothing
  std::string format;
  bool notices = false;
  std::uint64_t count = 0;
};

struct ReplayOptions {
  HubOptions hub;
  FilterOptions filter;
  std::string from, to, clock = "true", speed = "max", format, grant;
  bool notices = false;
  std::string file;  // a recording: it is read instead of asking a hub
};

struct RecordOptions {
  ReplayOptions range;
  std::string out;
  bool no_seal = false;
};

struct VerifyOptions {
  HubOptions hub;
  std::string file, key;
  bool ask_hub = false;
};

struct SendOptions {
  HubOptions hub;
  std::string unit, group, kind = "text", severity = "info", text, at, time;
  std::vector<std::string> fields, to;
};

struct StatusOptions {
  HubOptions hub;
  std::string format = "text";
};

struct InviteOptions {
  HubOptions hub;
  std::string name, role, valid = "1h", identity_valid, address, png;
  std::vector<std::string> units;
  unsigned rank = 0;
  bool qr = false;
  bool withdraw = false;
};

struct JoinOptions {
  HubOptions hub;
  std::string code;
  bool replace = false;
};

struct RotateOptions {
  HubOptions hub;
  bool hub_key = false;  // of the hub, not of the identity
  std::string overlap = "30d";
};

struct RevokeOptions {
  HubOptions hub;
  std::string name;
};

struct RankOptions {
  HubOptions hub;
  std::string name;
  unsigned rank = 0;
};

struct IdentitiesOptions {
  HubOptions hub;
  std::string owner;
  std::string format = "text";
};

struct GrantOptions {
  HubOptions hub;
  std::string name, to, area, from, until, valid, delay, every;
  std::uint32_t round_m = 0;
  std::vector<std::string> classes, groups, units;
  bool own_numbers = false;
  bool past = false;
  bool end = false;
};

struct AccessOptions {
  HubOptions hub;
  std::string as, at;
};

struct AuditOptions {
  HubOptions hub;
  std::string who, owner, from = "-24h", to, format;
  std::vector<std::string> what;
  bool follow = false;
};

struct SimulateOptions {
  HubOptions hub;
  std::vector<std::string> identities;  // one for each owner whose units are played
  std::string scenario;
  std::string speed = "1";
  std::string start;
  std::string until;
  std::uint64_t seed = 0;
  bool has_seed = false;
  bool dry_run = false;
  std::string spool_folder;
};

ExitCode run_track(const TrackOptions& options, StopSignals& stop);
ExitCode run_watch(const WatchOptions& options, StopSignals& stop);
ExitCode run_replay(const ReplayOptions& options, StopSignals& stop);
ExitCode run_record(const RecordOptions& options, StopSignals& stop);
ExitCode run_verify(const VerifyOptions& options, StopSignals& stop);
ExitCode run_send(const SendOptions& options, StopSignals& stop);
ExitCode run_status(const StatusOptions& options, StopSignals& stop);
ExitCode run_invite(const InviteOptions& options, StopSignals& stop);
ExitCode run_join(const JoinOptions& options, StopSignals& stop);
ExitCode run_rotate(const RotateOptions& options, StopSignals& stop);
ExitCode run_revoke(const RevokeOptions& options, StopSignals& stop);
ExitCode run_rank(const RankOptions& options, StopSignals& stop);
ExitCode run_identities(const IdentitiesOptions& options, StopSignals& stop);
ExitCode run_grant(const GrantOptions& options, StopSignals& stop);
ExitCode run_access(const AccessOptions& options, StopSignals& stop);
ExitCode run_audit(const AuditOptions& options, StopSignals& stop);
ExitCode run_simulate(const SimulateOptions& options, StopSignals& stop);

/// Parses the command line and runs the command. Prints help and complaints itself.
ExitCode run_command_line(int argc, char** argv);

}  // namespace vigie::cli
