#pragma once
// What `vigie-web account ...` was told. Plain values: CLI11's header is slow to compile and stays
// in command_line.cpp.

#include <cstdint>
#include <string>

namespace vigie::web::people {

struct CommandOptions {
  std::string command = {};  // "add", "list", ..., "token add", "token list", "token end"
  std::string data = {};     // the data folder
  std::string config = {};   // the server's configuration file
  std::string url = {};      // where links begin; empty: as the server wrote it
  std::int64_t link_valid_us = 86'400'000'000;
  std::string name = {};
  std::string display_name = {};
  std::string code = {};  // "-": from standard input
  std::string hub = {};   // HOST:PORT for joining, in place of the code's
  bool plain = false;
  bool administrator = false;
  bool read_only = false;
  bool reset_totp = false;
  bool tokens = false;
  bool yes = false;
  bool json = false;
  bool may_send = false;
  std::string label = {};
  std::int64_t days = 90;
  std::string id = {};
};

/// Reads the command line. Not 0 in `exit_code`, or an empty command: it is done already (help, or
/// a mistake that was told).
CommandOptions read_command_line(int argc, char** argv, int& exit_code);

}  // namespace vigie::web::people
