#pragma once
// The whole of the client library.

#include "vigie/ask.h"
#include "vigie/console.h"
#include "vigie/enrol.h"
#include "vigie/recording.h"
#include "vigie/replay.h"
#include "vigie/tracker.h"
