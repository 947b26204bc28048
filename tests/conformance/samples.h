#pragma once
// One small message of each kind, the same bytes each time: what golden/ holds.

#include <map>
#include <string>
#include <vector>

#include "schemas/messages/wire.h"

namespace vigie::conformance {

struct Sample {
  std::string root;        // table, or "frame"
  std::string identifier;  // bytes 4..7
  std::vector<std::byte> bytes;
  bool (*verifies)(Bytes);
};

/// By the name of the file.
std::map<std::string, Sample> samples();

}  // namespace vigie::conformance
