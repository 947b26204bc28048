#pragma once
// What the parts of the command line share. Kept apart from the commands: CLI11's header is slow to
// compile.

#include <CLI/CLI.hpp>
#include <string>

#include "clients/cli/commands/options.h"
#include "clients/cli/commands/quarantine.h"

namespace vigie::cli {

const char* exit_codes();
void footer(CLI::App& command, const std::string& examples);

/// Own: the command says by itself how it takes identities.
enum class Identity { Common, Own };
/// --hub, --identity, --plain, --timeout.
void add_hub(CLI::App& command, HubOptions& hub, const std::string& timeout_default,
             Identity identity = Identity::Common);

/// `vigie quarantine`: added to the app, which `options` then must outlive.
void add_quarantine(CLI::App& app, QuarantineOptions& options);
/// For unsigned options: CLI11 would take "-3" for 2^64 - 3, and what is too big for the biggest.
CLI::Validator from_zero();
/// --channel, --unit, --class, --area.
void add_filter(CLI::App& command, FilterOptions& filter);
/// --from, --to, --clock, --grant and what add_filter() adds.
void add_range(CLI::App& command, ReplayOptions& range);

/// The commands about recordings.
class RecordingCommands {
 public:
  /// As AccessCommands.
  void add(CLI::App& app);
  bool has(const std::string& name) const { return name == "record" || name == "verify"; }
  ExitCode run(const std::string& name, StopSignals& stop) const;

 private:
  RecordOptions record_;
  VerifyOptions verify_;
};

/// The commands about who may do what.
class AccessCommands {
 public:
  /// Adds them to the app, which this then must outlive.
  void add(CLI::App& app);
  ExitCode run(const std::string& name, StopSignals& stop) const;

 private:
  void add_enrolment(CLI::App& app);
  void add_invite(CLI::App& app);
  void add_joining(CLI::App& app);
  void add_standing(CLI::App& app);
  void add_rights(CLI::App& app);
  void add_audit(CLI::App& app);
  InviteOptions invite_;
  JoinOptions join_;
  RotateOptions rotate_;
  RevokeOptions revoke_;
  RankOptions rank_;
  IdentitiesOptions identities_;
  GrantOptions grant_;
  AccessOptions access_;
  AuditOptions audit_;
};

}  // namespace vigie::cli
