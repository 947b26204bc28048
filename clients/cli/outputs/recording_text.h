#pragma once
// What a recording is and what was proved of it, in words. Pure.

#include <string>

#include "vigie/recording.h"

namespace vigie::cli {

/// "123 entries in 4 messages, seqs 5 to 130; all of the range".
std::string counts_text(const client::RecordingCounts& counts);
/// What was asked for, of which log, and what is in it: a line each.
std::string recording_text(const client::RecordingReport& report);
/// What its hashes and its signature prove, and no more.
std::string proof_text(const client::RecordingReport& report);

}  // namespace vigie::cli
