#pragma once
// What every command needs around its work: being asked to stop, telling people on standard error,
// showing progress, finding its files. One thread each.

#include <signal.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "clients/cli/commands/exit_code.h"
#include "schemas/words/result.h"
#include "schemas/words/times.h"

namespace vigie::cli {

/// SIGINT and SIGTERM as a question. Make it before any thread is started: threads inherit that the
/// signals are blocked. Also makes a reader that has gone an error instead of the program's end.
class StopSignals {
 public:
  StopSignals();
  /// True once one has come, and for ever after.
  bool requested();
  /// True when another one came after the first: people want out at once.
  bool insisted();
  /// Waits at most so long; a signal ends the wait.
  void wait(std::chrono::milliseconds time);

 private:
  bool take();
  sigset_t signals_{};
  int seen_ = 0;
};

/// "vigie: TEXT" on standard error, without what could steer the terminal.
void say(std::string_view text);
/// Says it and gives the exit code of a fault: Usage for what the command line got wrong is the
/// caller's to say.
ExitCode failed(const Fault& fault);

/// One line on standard error that is overwritten, only when that is a terminal; at most five a
/// second.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(const std::string& text);
  void clear();

 private:
  bool enabled_;
  bool shown_ = false;
  SystemClock clock_;
  std::int64_t next_us_ = 0;
};

/// Now, without the part of a second: for ends that people read.
std::int64_t this_second_us();
/// A time as people write it on a command line: RFC 3339, "now", or "-90m" (before `now_us`).
Result<std::int64_t> parse_moment(std::string_view text, std::int64_t now_us);
/// "W,S,E,N" in degrees, in 1e-7 degree.
struct Corners {
  std::int32_t west_e7, south_e7, east_e7, north_e7;
};
Result<Corners> parse_area(std::string_view text);
/// "LAT,LON" in degrees.
struct LatLon {
  std::int32_t lat_e7, lon_e7;
};
Result<LatLon> parse_lat_lon(std::string_view text);

/// $XDG_STATE_HOME/vigie or ~/.local/state/vigie, made when it is not there. Fails with NotFound
/// when neither variable is set, or Io.
Result<std::string> state_folder();
/// "vigie track 0.1.0": who we are, for the hub's status.
std::string client_name(std::string_view command);

}  // namespace vigie::cli
