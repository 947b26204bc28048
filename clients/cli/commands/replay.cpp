// `vigie replay`: a range of the past by either clock, as NDJSON or as a table that can be paused.

#include "vigie/replay.h"

#include <fmt/format.h>

#include "clients/cli/commands/filter.h"
#include "clients/cli/commands/follow.h"
#include "clients/cli/commands/options.h"
#include "clients/cli/commands/replay_file.h"
#include "clients/cli/commands/replay_plan.h"
#include "clients/cli/commands/track_plan.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

/// The keys that steer a replay on the table.
class Steering {
 public:
  Steering(client::Replay& replay, double speed) : replay_(replay), speed_(speed) {}

  void press(Key key) {
    constexpr std::int64_t kStepUs = 60 * kMicrosecondsPerSecond;
    switch (key) {
      case Key::Pause:
        paused_ = !paused_;
        if (paused_)
          replay_.pause();
        else
          replay_.resume();
        break;
      case Key::Back:
        seek_by(-kStepUs);
        break;
      case Key::Forward:
        seek_by(kStepUs);
        break;
      case Key::Faster:
        set_speed(speed_ == 0 ? 0 : speed_ * 2);
        break;
      case Key::Slower:
        set_speed(speed_ == 0 ? 64 : speed_ / 2);
        break;
      default:
        break;
    }
  }
  std::string text() const {
    const std::string speed = speed_ == 0 ? "max" : fmt::format("{:g} x", speed_);
    return paused_ ? speed + ", paused" : speed;
  }

 private:
  /// From where the last key put it, while the hub has not answered that.
  void seek_by(std::int64_t step_us) {
    constexpr std::int64_t kAnswerUs = 1'000'000;
    const std::int64_t now_us = SystemClock().monotonic_us();
    const bool pending = now_us - sought_at_us_ < kAnswerUs;
    sought_us_ = (pending ? sought_us_ : replay_.status().time_us) + step_us;
    sought_at_us_ = now_us;
    replay_.seek(sought_us_);
  }
  void set_speed(double speed) {
    constexpr double kSlowest = 1.0 / 64;
    if (speed > 100'000) speed = 0;
    if (speed != 0 && speed < kSlowest) return;
    speed_ = speed;
    replay_.set_speed(speed);
  }
  client::Replay& replay_;
  double speed_;
  bool paused_ = false;
  std::int64_t sought_us_ = 0;
  std::int64_t sought_at_us_ = INT64_MIN / 2;  // monotonic
};

}  // namespace

ExitCode run_replay(const ReplayOptions& options, StopSignals& stop) {
  if (!options.file.empty()) return run_replay_file(options, stop);
  auto planned = plan_replay(options, "replay");
  const auto timeout = parse_timeout(options.hub.timeout, std::chrono::milliseconds(10'000));
  if (!planned || !timeout) {
    say(!planned ? planned.fault().sentence : timeout.fault().sentence);
    return ExitCode::Usage;
  }
  Follow follow;
  if (wants_table(options.format) && output_is_terminal()) {
    follow.warnings = queue_warnings(planned->link);
  }
  auto replay = client::Replay::open(*planned);
  if (!replay) {
    say(replay.fault().sentence);
    return ExitCode::Usage;
  }
  Steering steering(**replay, planned->speed);
  follow.timeout = *timeout;
  follow.is_finite = true;
  follow.ends_with_replay = true;
  follow.keep_table = true;
  follow.next = [&](std::chrono::milliseconds wait) { return (*replay)->next(wait); };
  follow.on_key = [&](Key key) { steering.press(key); };
  follow.status = [&](const Board&) {
    const client::ReplayStatus now = (*replay)->status();
    TableStatus status;
    status.title = fmt::format("replay by {} time, {}", options.clock, steering.text());
    status.link = now.link;
    status.reason = now.reason;
    status.now_us = now.time_us;
    // The hub's own defaults: a replay is not told the thresholds of its time.
    status.overdue_after_ms = 60'000;
    status.silent_after_ms = 600'000;
    status.word = "REPLAY";
    return status;
  };
  if (!wants_table(options.format)) return follow_ndjson(follow, options.notices, 0, stop);
  return output_is_terminal() ? follow_table(follow, stop) : print_table_once(follow, stop);
}

}  // namespace vigie::cli
