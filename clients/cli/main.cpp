#include <cstdio>

#include "clients/cli/commands/options.h"
#include "schemas/keys/core_dumps.h"

int main(int argc, char** argv) {
  // Every command may read a key file.
  if (const auto kept = vigie::keep_out_of_core_dumps(); !kept) {
    std::fprintf(stderr, "%s\n", kept.fault().sentence.c_str());
    return static_cast<int>(vigie::cli::ExitCode::Failure);
  }
  return static_cast<int>(vigie::cli::run_command_line(argc, argv));
}
