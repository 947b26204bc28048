#pragma once
// Fixes from a gpsd, through libgps, coming back by itself when the connection is lost. One thread.

#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "clients/cli/sources/reading.h"
#include "schemas/words/result.h"
#include "schemas/words/times.h"

struct gps_data_t;

namespace vigie::cli {

/// One report of gpsd as a fix; absent when it has no position or no time. Pure.
std::optional<client::Fix> fix_from_gpsd(const gps_data_t& data);

class GpsdClient {
 public:
  GpsdClient(std::string host, std::string port);
  ~GpsdClient();
  GpsdClient(const GpsdClient&) = delete;
  GpsdClient& operator=(const GpsdClient&) = delete;

  /// Waits at most `wait` for the next fix. gpsd may report one moment several times, each time
  /// knowing more: the last report within kSettleUs counts. Absent: nothing new, or gpsd is away
  /// and will be tried again.
  std::optional<client::Fix> next(std::chrono::milliseconds wait);
  /// Says once what changed ("connected", "gpsd is away: ..."), else empty.
  std::string take_notice();
  const Skips& skips() const { return skips_; }

 private:
  static constexpr std::int64_t kSettleUs = 60'000;
  bool open();
  void lose(const std::string& why);
  std::optional<client::Fix> hold(const client::Fix& fix);

  const std::string host_, port_;
  std::unique_ptr<gps_data_t> data_;
  bool open_ = false;
  std::optional<client::Fix> held_;
  std::int64_t held_at_us_ = 0;
  std::int64_t last_given_us_ = 0;
  std::int64_t try_again_at_us_ = 0;  // by the monotonic clock
  std::chrono::milliseconds delay_{250};
  std::minstd_rand chance_;
  SystemClock clock_;
  std::string notice_;
  bool told_lost_ = false;
  Skips skips_;
};

}  // namespace vigie::cli
