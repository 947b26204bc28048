#pragma once
// Recordings as commands read them. The command's thread.

#include "clients/cli/commands/options.h"
#include "vigie/recording.h"

namespace vigie::cli {

/// `vigie replay --file`: what is in a recording, as a replay shows it. What a cut or changed one
/// holds before that is shown; the exit code says that it was.
ExitCode run_replay_file(const ReplayOptions& options, StopSignals& stop);

/// What a recording that was read to its end is worth to a script.
ExitCode worth(const client::RecordingReport& report);

}  // namespace vigie::cli
