#include "clients/cli/commands/options.h"

#include <fmt/format.h>

#include "clients/cli/commands/command_line.h"

namespace vigie::cli {
namespace {

constexpr const char* kRoles = "tracker, console, gateway, partner or administrator";

constexpr unsigned kRankMax = 255;

void add_name(CLI::App& command, std::string& name, const char* what) {
  command.add_option("name", name, what)->type_name("OWNER/NAME")->required();
}

}  // namespace

const char* exit_codes() {
  return "Exit codes: 0 all is well, 1 failure, 2 wrong command line, 3 the hub did not answer in "
         "time,\n"
         "4 the hub refused some of it, 5 stopped before everything was settled (it lies in the "
         "spool)\n"
         "or before all that was asked for had come. Of a recording: 6 changed, 7 cut, or not "
         "sealed any more,\n"
         "8 not sealed, 9 sealed by another key, 10 by the identity's of then or of now, not both.";
}

void footer(CLI::App& command, const std::string& examples) {
  command.footer(fmt::format("Example:\n{}\n\n{}", examples, exit_codes()));
}

void add_hub(CLI::App& command, HubOptions& hub, const std::string& timeout_default,
             Identity identity) {
  command
      .add_option("--hub", hub.hub,
                  "the hub's publish port, listen and HTTP are the next two; or ipc://FOLDER, as "
                  "the hub's ipc [the identity's, or 127.0.0.1:7700]")
      ->type_name("HOST:PORT");
  if (identity == Identity::Common) {
    command
        .add_option("--identity", hub.identity,
                    "who you are: a key file [$VIGIE_IDENTITY, or ~/.config/vigie/identity.toml]")
        ->type_name("FILE");
  }
  command.add_flag("--plain", hub.plain, "be nobody, for a hub that asks nobody");
  command
      .add_option("--timeout", hub.timeout,
                  "how long the hub may be unheard before giving up [" + timeout_default + "]")
      ->type_name("DURATION");
}

void AccessCommands::add_enrolment(CLI::App& app) {
  add_invite(app);
  add_joining(app);
  add_standing(app);
}

void AccessCommands::add_invite(CLI::App& app) {
  CLI::App& invite = *app.add_subcommand("invite", "make a code by which somebody joins the hub");
  add_name(invite, invite_.name, "the person or device that it is for");
  invite.add_option("--role", invite_.role, kRoles)
      ->check(CLI::IsMember({"tracker", "console", "gateway", "partner", "administrator"}));
  invite
      .add_option("--unit", invite_.units,
                  "publishes for it; OWNER/* for all; repeatable [of a tracker: its own name]")
      ->type_name("OWNER/NAME")
      ->allow_extra_args(false);
  invite
      .add_option("--rank", invite_.rank,
                  "of several trackers of one unit the lowest that is fresh moves it")
      ->type_name("N")
      ->check(CLI::Range(0u, kRankMax))
      ->capture_default_str();
  invite.add_option("--valid", invite_.valid, "the code opens for so long")
      ->type_name("DURATION")
      ->capture_default_str();
  invite
      .add_option("--identity-valid", invite_.identity_valid, "the identity lasts so long [ever]")
      ->type_name("DURATION");
  invite
      .add_option("--address", invite_.address,
                  "the hub as the device reaches it [as you reach it]")
      ->type_name("HOST:PORT");
  invite.add_flag("--qr", invite_.qr, "show it as a QR code, too [on a terminal]");
  invite.add_option("--png", invite_.png, "write the QR code there")->type_name("FILE");
  invite.add_flag("--withdraw", invite_.withdraw, "the code that was made for NAME opens no more");
  add_hub(invite, invite_.hub, "10 s");
  footer(invite,
         "  vigie invite alpha/v1 --role tracker\n"
         "  vigie invite alpha/v1-phone --role tracker --unit alpha/v1 --rank 2\n"
         "  vigie invite alpha/room --role console --valid 15m --png room.png\n"
         "  vigie invite alpha/gate --role gateway --unit 'alpha/*'");
}

void AccessCommands::add_joining(CLI::App& app) {
  CLI::App& join = *app.add_subcommand("join", "become who a code is for: keys are made here");
  join.add_option("code", join_.code, "as 'vigie invite' printed it; - reads it from the input")
      ->type_name("CODE")
      ->required();
  join.add_flag("--replace", join_.replace, "this machine was somebody else");
  add_hub(join, join_.hub, "10 s");
  footer(join,
         "  vigie join VIGIE-AUzr...\n"
         "  vigie join - --identity /etc/vigie/tracker.toml < code");

  CLI::App& rotate = *app.add_subcommand("rotate", "take another key; who you are stays");
  CLI::Option* of_hub =
      rotate.add_flag("--hub-key", rotate_.hub_key,
                      "the hub takes another key (its own administrators may say so)");
  rotate
      .add_option("--overlap", rotate_.overlap,
                  "the hub's old key works for so long; 0: it ends at once")
      ->type_name("DURATION")
      ->capture_default_str()
      ->needs(of_hub);
  add_hub(rotate, rotate_.hub, "10 s");
  footer(rotate,
         "  vigie rotate\n"
         "  vigie rotate --hub-key --overlap 30d --identity administrator.toml");
}

void AccessCommands::add_standing(CLI::App& app) {
  CLI::App& revoke = *app.add_subcommand("revoke", "an identity is no more, at once");
  add_name(revoke, revoke_.name, "whose key it is");
  add_hub(revoke, revoke_.hub, "10 s");
  footer(revoke, "  vigie revoke alpha/v1");

  CLI::App& rank = *app.add_subcommand("rank", "which of several trackers of a unit moves it");
  add_name(rank, rank_.name, "whose rank it is");
  rank.add_option("rank", rank_.rank, "the lowest that is fresh moves the unit; 0 is the first")
      ->type_name("N")
      ->check(CLI::Range(0u, kRankMax))
      ->required();
  add_hub(rank, rank_.hub, "10 s");
  footer(rank, "  vigie rank alpha/v1-phone 2");
}

void AccessCommands::add_rights(CLI::App& app) {
  CLI::App& identities = *app.add_subcommand("identities", "who is enrolled, and who is invited");
  identities.add_option("--owner", identities_.owner, "of this owner alone")->type_name("OWNER");
  identities.add_option("--format", identities_.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_hub(identities, identities_.hub, "10 s");
  footer(identities, "  vigie identities --owner alpha");

  CLI::App& grant = *app.add_subcommand("grant", "show somebody else some of what is yours");
  grant.add_option("name", grant_.name, "what you call it; never used twice")
      ->type_name("OWNER/NAME")
      ->required();
  grant.add_option("--to", grant_.to, "an owner's consoles, or one identity")
      ->type_name("OWNER[/NAME]");
  grant.add_option("--class", grant_.classes, "track, event or state; repeatable [all]")
      ->check(CLI::IsMember({"track", "event", "state"}))
      ->allow_extra_args(false);
  grant.add_option("--group", grant_.groups, "only of this group, - for none; repeatable")
      ->allow_extra_args(false);
  grant.add_option("--unit", grant_.units, "only of this unit; repeatable")
      ->type_name("OWNER/NAME")
      ->allow_extra_args(false);
  grant.add_option("--area", grant_.area, "only what lies inside, in degrees")
      ->type_name("W,S,E,N");
  grant.add_option("--from", grant_.from, "what is known from then on: RFC 3339 [now]")
      ->type_name("TIME");
  grant.add_option("--until", grant_.until, "what is known before then: RFC 3339 [ever]")
      ->type_name("TIME");
  grant.add_option("--valid", grant_.valid, "it ends by itself after so long [never]")
      ->type_name("DURATION");
  grant.add_option("--delay", grant_.delay, "nothing before it has been known for so long [0 s]")
      ->type_name("DURATION");
  grant.add_option("--round", grant_.round_m, "positions of cells about so wide [exact]")
      ->type_name("METRES");
  grant.add_option("--every", grant_.every, "of each unit one fix in so long at most [all]")
      ->type_name("DURATION");
  grant.add_flag("--own-numbers", grant_.own_numbers,
                 "seqs and tokens of its own, which tell nothing of what is withheld");
  grant.add_flag("--past", grant_.past, "also what was known before it was made: an exception");
  grant.add_flag("--end", grant_.end, "it grants nothing any more, of the past neither");
  add_hub(grant, grant_.hub, "10 s");
  footer(grant,
         "  vigie grant alpha/joint-patrol --to bravo --group patrol-7 --valid 12h\n"
         "  vigie grant alpha/for-aid --to relief --delay 1h --round 5000 --every 10m\n"
         "  vigie grant alpha/joint-patrol --end");

  CLI::App& access = *app.add_subcommand("access", "what an identity may see, and by which grant");
  access.add_option("--as", access_.as, "whom to explain [yourself]")->type_name("OWNER/NAME");
  access.add_option("--at", access_.at, "what it may see of that time: RFC 3339, or -90m [now]")
      ->type_name("TIME");
  add_hub(access, access_.hub, "10 s");
  footer(access, "  vigie access --as bravo/room --at -2h");
}

void AccessCommands::add_audit(CLI::App& app) {
  CLI::App& audit =
      *app.add_subcommand("audit", "who did what: told to administrators, and to nobody else");
  audit.add_option("--who", audit_.who, "only what this one did, or anybody of this owner")
      ->type_name("OWNER[/NAME]");
  audit
      .add_option("--what", audit_.what,
                  "only this: invited, enrolled, rotated, revoked, granted, grant_ended, refused, "
                  "read_past, exported, acknowledged, ...; KIND,KIND or repeatable")
      ->type_name("KIND")
      ->delimiter(',')
      ->allow_extra_args(false);
  audit.add_option("--from", audit_.from, "known from then on: RFC 3339, or -90m")
      ->type_name("TIME")
      ->capture_default_str();
  audit.add_option("--to", audit_.to, "known before then [now]")->type_name("TIME");
  audit
      .add_option("--owner", audit_.owner,
                  "of this owner's audit [your own; for the hub's administrators all]")
      ->type_name("OWNER");
  audit.add_option("--format", audit_.format, "text or json [text on a terminal]")
      ->check(CLI::IsMember({"text", "json"}));
  audit.add_flag("--follow", audit_.follow, "go on with what comes");
  add_hub(audit, audit_.hub, "10 s");
  footer(audit,
         "  vigie audit --from -7d --what read_past,exported\n"
         "  vigie audit --who alpha/boss --format json | jq -r .text");
}

void AccessCommands::add(CLI::App& app) {
  add_enrolment(app);
  add_rights(app);
  add_audit(app);
}

ExitCode AccessCommands::run(const std::string& name, StopSignals& stop) const {
  if (name == "invite") return run_invite(invite_, stop);
  if (name == "join") return run_join(join_, stop);
  if (name == "rotate") return run_rotate(rotate_, stop);
  if (name == "revoke") return run_revoke(revoke_, stop);
  if (name == "rank") return run_rank(rank_, stop);
  if (name == "identities") return run_identities(identities_, stop);
  if (name == "grant") return run_grant(grant_, stop);
  if (name == "audit") return run_audit(audit_, stop);
  return run_access(access_, stop);
}

}  // namespace vigie::cli
