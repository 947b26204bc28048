#include "clients/cli/commands/surroundings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "clients/cli/outputs/terminal.h"
#include "clients/cli/outputs/text.h"
#include "clients/cli/sources/decimal.h"
#include "clients/cli/sources/reading.h"
#include "schemas/words/times.h"

namespace vigie::cli {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool StopSignals::take() {
  const timespec now{};
  if (sigtimedwait(&signals_, nullptr, &now) < 0) return false;
  ++seen_;
  return true;
}

bool StopSignals::requested() {
  if (seen_ == 0) take();
  return seen_ > 0;
}

bool StopSignals::insisted() {
  take();
  return seen_ > 1;
}

void StopSignals::wait(std::chrono::milliseconds time) {
  if (seen_ > 0) return;
  const timespec left{time.count() / 1000, time.count() % 1000 * 1'000'000};
  if (sigtimedwait(&signals_, nullptr, &left) >= 0) ++seen_;
}

void say(std::string_view text) {
  // Sentences quote files and hubs. Those of several lines keep them.
  std::string lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines += harmless(text.substr(begin, end - begin)) + '\n';
    begin = end + 1;
  }
  fmt::print(stderr, "vigie: {}", lines);
}

ExitCode failed(const Fault& fault) {
  // A reader that has gone (a pipe into `head`) is no mistake of anybody's.
  if (fault.code == FaultCode::Closed && fault.sentence.rfind("standard output", 0) == 0) {
    return ExitCode::Ok;
  }
  say(fault.sentence);
  return ExitCode::Failure;
}

Progress::Progress() : enabled_(error_is_terminal()) {}
Progress::~Progress() {
  clear();
}

void Progress::show(const std::string& text) {
  const std::int64_t now_us = clock_.monotonic_us();
  if (!enabled_ || now_us < next_us_) return;
  next_us_ = now_us + 200'000;
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  shown_ = false;
}

Result<std::int64_t> parse_moment(std::string_view text, std::int64_t now_us) {
  if (text == "now") return now_us;
  if (!text.empty() && text[0] == '-') {
    const auto before = parse_duration(text.substr(1));
    if (!before) return before.fault();
    return now_us - *before;
  }
  return parse_time(text);
}

namespace {

/// Takes one number of degrees off the front of "a,b,c".
std::optional<std::int64_t> take_degrees(std::string_view& text) {
  const std::string_view number = text.substr(0, text.find(','));
  text.remove_prefix(std::min(number.size() + 1, text.size()));
  return parse_scaled(trimmed(number), 7);
}

}  // namespace

std::int64_t this_second_us() {
  const std::int64_t now_us = SystemClock().utc_us();
  return now_us - now_us % kMicrosecondsPerSecond;
}

Result<Corners> parse_area(std::string_view text) {
  std::string_view rest = text;
  const auto west = take_degrees(rest), south = take_degrees(rest), east = take_degrees(rest),
             north = take_degrees(rest);
  if (!west || !south || !east || !north || !rest.empty() || !is_longitude(*west) ||
      !is_latitude(*south) || !is_longitude(*east) || !is_latitude(*north) || *south > *north) {
    return Fault{FaultCode::Invalid,
                 fmt::format("area '{}' is not W,S,E,N in degrees, south below north", text)};
  }
  return Corners{static_cast<std::int32_t>(*west), static_cast<std::int32_t>(*south),
                 static_cast<std::int32_t>(*east), static_cast<std::int32_t>(*north)};
}

Result<LatLon> parse_lat_lon(std::string_view text) {
  std::string_view rest = text;
  const auto lat = take_degrees(rest), lon = take_degrees(rest);
  if (!lat || !lon || !rest.empty() || !is_latitude(*lat) || !is_longitude(*lon)) {
    return Fault{FaultCode::Invalid, fmt::format("position '{}' is not LAT,LON in degrees", text)};
  }
  return LatLon{static_cast<std::int32_t>(*lat), static_cast<std::int32_t>(*lon)};
}

Result<std::string> state_folder() {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  std::filesystem::path folder;
  if (state != nullptr && *state != 0)
    folder = std::filesystem::path(state) / "vigie";
  else if (home != nullptr && *home != 0)
    folder = std::filesystem::path(home) / ".local/state/vigie";
  else {
    return Fault{FaultCode::NotFound,
                 "neither XDG_STATE_HOME nor HOME is set: name the spool with --spool FILE"};
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return Fault{FaultCode::Io, fmt::format("{}: {}", folder.string(), error.message())};
  }
  return folder.string();
}

std::string client_name(std::string_view command) {
  return fmt::format("vigie {} {}", command, VIGIE_VERSION);
}

}  // namespace vigie::cli
