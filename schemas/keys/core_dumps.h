#pragma once
// Keeps secrets out of what the system writes of a program that crashes.

#include "schemas/words/result.h"

namespace vigie {

/// From here on the system writes no core of this process, and no other process of its user looks
/// into its memory (Linux prctl, PR_SET_DUMPABLE). Called before a secret key is read; for the
/// process's whole life. Fails with Internal.
Result<void> keep_out_of_core_dumps();

}  // namespace vigie
