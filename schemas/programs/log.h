#pragma once
// The operator's log: what started, stopped, failed or was refused; never one line a message. A Log
// is a small handle: copy it freely, give each room its own with in(). Any thread; a line is
// written whole. spdlog stays behind this header, because it is slow to compile.
//
//   log.info("checkpoint written", {{"seq", seq}, {"bytes", bytes}});

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "schemas/words/result.h"
#include "schemas/words/times.h"

namespace vigie {

enum class LogLevel { Debug, Info, Warning, Error, Off };
enum class LogFormat {
  Human,  // 2026-03-01T06:00:00.000Z warning store: disk is full free_bytes=4096
  Json,   // one object a line: time, level, room, text, and the fields under "fields"
};

struct LogOptions {
  LogLevel level = LogLevel::Info;
  LogFormat format = LogFormat::Human;
  /// Appended to; empty: standard error.
  std::string file = {};
};

/// A named value of a line. Text is borrowed for the call.
struct LogField {
  std::string_view name;
  std::variant<std::int64_t, std::uint64_t, double, bool, std::string_view> value;

  template <typename T>
  LogField(std::string_view field_name, const T& field_value) : name(field_name) {
    if constexpr (std::is_same_v<T, bool>) {
      value = field_value;
    } else if constexpr (std::is_floating_point_v<T>) {
      value = static_cast<double>(field_value);
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      value = static_cast<std::int64_t>(field_value);
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<std::uint64_t>(field_value);
    } else {
      value = std::string_view(field_value);
    }
  }
};

using LogFields = std::initializer_list<LogField>;

class Log {
 public:
  /// Says nothing: for tests and tools.
  Log();
  /// Fails with Io when the file cannot be opened.
  static Result<Log> open(const LogOptions& options);
  /// Lines go to `sink` (without the line's end) instead; called under the log's lock, must not
  /// log.
  static Log to(std::function<void(std::string_view line)> sink, const LogOptions& options = {});

  /// The same log, its lines marked with a room's name.
  Log in(std::string_view room) const;

  /// Control characters in text and values are escaped, so that a client's name cannot forge a
  /// line.
  void debug(std::string_view text, LogFields fields = {}) const;
  void info(std::string_view text, LogFields fields = {}) const;
  void warning(std::string_view text, LogFields fields = {}) const;
  void error(std::string_view text, LogFields fields = {}) const;

 private:
  struct Inner;
  void write(LogLevel level, std::string_view text, LogFields fields) const;
  std::shared_ptr<Inner> inner_;  // null: says nothing
  std::string room_;
};

/// A warning that may repeat without end (a peer that sends rubbish): the first is written, and
/// then, at most once a window, the newest with how many more there were. One thread.
class RepeatedWarning {
 public:
  /// `clock` is borrowed and must outlive this.
  RepeatedWarning(Log log, const Clock& clock, std::string text,
                  std::int64_t window_us = 10 * kMicrosecondsPerSecond)
      : log_(std::move(log)), clock_(clock), text_(std::move(text)), window_us_(window_us) {}

  /// It happened. `detail` says of which one; it is written with the line that the window allows.
  void say(std::string_view detail);
  /// Called now and then (each second or so): writes what was held back once the window is over.
  void tick();

 private:
  void write(std::int64_t now_us);

  Log log_;
  const Clock& clock_;
  const std::string text_;
  const std::int64_t window_us_;
  std::string detail_;
  std::int64_t written_us_ = 0;
  std::uint64_t held_back_ = 0;
  bool ever_ = false;
};

}  // namespace vigie
