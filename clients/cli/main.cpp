#include "clients/cli/commands/options.h"

int main(int argc, char** argv) {
  return static_cast<int>(vigie::cli::run_command_line(argc, argv));
}
