#include "clients/cli/commands/command_line.h"

namespace vigie::cli {

void add_filter(CLI::App& command, FilterOptions& filter) {
  command
      .add_option("--channel", filter.channels,
                  "only channels that start so: CLASS/OWNER/GROUP, '*' for any class; repeatable")
      ->type_name("PREFIX")
      ->allow_extra_args(false);
  command.add_option("--unit", filter.units, "only this unit; repeatable")
      ->type_name("OWNER/NAME")
      ->allow_extra_args(false);
  command.add_option("--class", filter.classes, "only track, event or state; repeatable")
      ->check(CLI::IsMember({"track", "event", "state"}))
      ->allow_extra_args(false);
  command.add_option("--area", filter.area, "only fixes inside, in degrees; events pass")
      ->type_name("W,S,E,N");
  command.add_flag("--area-cuts-events", filter.area_cuts_events,
                   "cut events and states with a position outside, too");
}

void add_range(CLI::App& command, ReplayOptions& range) {
  command.add_option("--from", range.from, "RFC 3339, or -90m [the beginning]")->type_name("TIME");
  command.add_option("--to", range.to, "not included [the end as it is now]")->type_name("TIME");
  command
      .add_option("--clock", range.clock,
                  "true: what really happened; known: what the room could see")
      ->check(CLI::IsMember({"true", "known"}))
      ->capture_default_str();
  command.add_option("--grant", range.grant, "what this grant shows by its terms, nothing else")
      ->type_name("OWNER/NAME");
  add_filter(command, range.filter);
}

void RecordingCommands::add(CLI::App& app) {
  CLI::App& record =
      *app.add_subcommand("record", "keep a range of the past, or of the audit, as a sealed file");
  record_.range.clock = "known";
  add_range(record, record_.range);
  record.add_option("--out", record_.out, "the file; one that is there is not written over")
      ->type_name("FILE")
      ->required();
  record.add_flag("--no-seal", record_.no_seal, "do not vouch for it [with an identity: sealed]");
  add_hub(record, record_.range.hub, "10 s");
  footer(record,
         "  vigie record --from 2026-03-01T06:00:00Z --to 2026-03-01T18:00:00Z --out patrol.vgr\n"
         "  vigie record --channel event/alpha/_audit --from -30d --out audit.vgr");

  CLI::App& verify = *app.add_subcommand(
      "verify", "prove that nothing was changed, removed or added since it was sealed");
  verify.add_option("file", verify_.file, "a recording")->type_name("FILE")->required();
  verify.add_option("--key", verify_.key, "the signing key that it is to be sealed by")
      ->type_name("64 DIGITS");
  verify.add_flag("--ask-hub", verify_.ask_hub,
                  "ask the hub whether the key is, or was then, who it says that it is");
  add_hub(verify, verify_.hub, "10 s");
  footer(verify,
         "  vigie verify patrol.vgr --ask-hub\n"
         "  vigie verify patrol.vgr --key 3b6a27bc...");
}

ExitCode RecordingCommands::run(const std::string& name, StopSignals& stop) const {
  return name == "record" ? run_record(record_, stop) : run_verify(verify_, stop);
}

}  // namespace vigie::cli
