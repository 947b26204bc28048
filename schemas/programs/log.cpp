#include "schemas/programs/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <mutex>

#include "schemas/programs/log_text.h"

namespace vigie {

struct Log::Inner {
  spdlog::logger logger;
  LogFormat format;
};

namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
    case LogLevel::Off:
      break;
  }
  return spdlog::level::off;
}

class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> function)
      : function_(std::move(function)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    function_(std::string_view(line.data(), line.size()));
  }
  void flush_() override {}

 private:
  std::function<void(std::string_view)> function_;
};

constexpr const char* kHumanPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})";

spdlog::logger make_logger(spdlog::sink_ptr sink, const LogOptions& options,
                           const std::string& line_end) {
  const bool json = options.format == LogFormat::Json;
  spdlog::logger logger("vigie", std::move(sink));
  logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
      json ? kJsonPattern : kHumanPattern, spdlog::pattern_time_type::utc, line_end));
  logger.set_level(level_of(options.level));
  // Each line leaves at once: there are few, and the last before a crash is the one that matters.
  logger.flush_on(spdlog::level::debug);
  return logger;
}

}  // namespace

Log::Log() = default;

Result<Log> Log::open(const LogOptions& options) {
  try {
    spdlog::sink_ptr sink;
    if (options.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
    }
    Log log;
    log.inner_ =
        std::make_shared<Inner>(Inner{make_logger(std::move(sink), options, "\n"), options.format});
    return log;
  } catch (const std::exception& error) {
    return Fault{FaultCode::Io,
                 "log file '" + options.file + "' cannot be opened: " + error.what()};
  }
}

Log Log::to(std::function<void(std::string_view line)> sink, const LogOptions& options) {
  Log log;
  log.inner_ = std::make_shared<Inner>(Inner{
      make_logger(std::make_shared<FunctionSink>(std::move(sink)), options, ""), options.format});
  return log;
}

Log Log::in(std::string_view room) const {
  Log log = *this;
  log.room_ = room;
  return log;
}

void Log::write(LogLevel level, std::string_view text, LogFields fields) const {
  if (inner_ == nullptr || !inner_->logger.should_log(level_of(level))) return;
  const std::string line = inner_->format == LogFormat::Json ? json_line(room_, text, fields)
                                                             : human_line(room_, text, fields);
  inner_->logger.log(level_of(level), spdlog::string_view_t(line));
}

void Log::debug(std::string_view text, LogFields fields) const {
  write(LogLevel::Debug, text, fields);
}
void Log::info(std::string_view text, LogFields fields) const {
  write(LogLevel::Info, text, fields);
}
void Log::warning(std::string_view text, LogFields fields) const {
  write(LogLevel::Warning, text, fields);
}
void Log::error(std::string_view text, LogFields fields) const {
  write(LogLevel::Error, text, fields);
}

void RepeatedWarning::say(std::string_view detail) {
  const std::int64_t now_us = clock_.monotonic_us();
  detail_ = detail;
  ++held_back_;
  if (!ever_ || now_us - written_us_ >= window_us_) write(now_us);
}

void RepeatedWarning::tick() {
  const std::int64_t now_us = clock_.monotonic_us();
  if (held_back_ > 0 && now_us - written_us_ >= window_us_) write(now_us);
}

void RepeatedWarning::write(std::int64_t now_us) {
  const std::uint64_t more = held_back_ - 1;
  if (more == 0) {
    log_.warning(text_, {{"detail", detail_}});
  } else {
    log_.warning(text_, {{"detail", detail_},
                         {"more", more},
                         {"within_s", (now_us - written_us_) / kMicrosecondsPerSecond}});
  }
  written_us_ = now_us;
  held_back_ = 0;
  ever_ = true;
}

}  // namespace vigie
