#pragma once
// `vigie quarantine`: what the hub refused and keeps, as a list; and one of it, as it came.

#include "clients/cli/commands/options.h"

namespace vigie::cli {

struct QuarantineOptions {
  HubOptions hub;
  std::uint64_t before = 0;
  std::uint32_t limit = 50;
  std::string format = "text";
  bool show = false;  // one, by its id
  std::uint64_t id = 0;
  std::string raw;  // a file
};

ExitCode run_quarantine(const QuarantineOptions& options, StopSignals& stop);

}  // namespace vigie::cli
