#include "clients/cli/sources/gpsd.h"

#include <fmt/format.h>
#include <gps.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

constexpr std::chrono::milliseconds kDelayMax{30'000};

/// A finite value times `scale`, rounded; -1 (unknown to our fields) otherwise.
std::int64_t scaled(double value, double scale) {
  if (!std::isfinite(value) || std::abs(value * scale) > 4e15) return -1;
  return std::llround(value * scale);
}

client::FixType fix_type_of(const gps_data_t& data) {
  switch (data.fix.status) {
    case STATUS_DGPS_FIX:
      return client::FixType::Differential;
    case STATUS_RTK_FIX:
      return client::FixType::RtkFixed;
    case STATUS_RTK_FLT:
      return client::FixType::RtkFloat;
    case STATUS_DR:
      return client::FixType::Estimated;
    case STATUS_TIME:
      return client::FixType::Manual;
    default:
      break;
  }
  return data.fix.mode == MODE_3D ? client::FixType::ThreeD : client::FixType::TwoD;
}

}  // namespace

std::optional<client::Fix> fix_from_gpsd(const gps_data_t& data) {
  const gps_fix_t& gps = data.fix;
  if (gps.mode < MODE_2D || !std::isfinite(gps.latitude) || !std::isfinite(gps.longitude)) {
    return std::nullopt;
  }
  const std::int64_t lat = std::llround(gps.latitude * 1e7);
  const std::int64_t lon = std::llround(gps.longitude * 1e7);
  client::Fix fix;
  fix.true_time_us =
      std::int64_t{gps.time.tv_sec} * kMicrosecondsPerSecond + (gps.time.tv_nsec + 500) / 1000;
  if (!is_latitude(lat) || !is_longitude(lon) || fix.true_time_us < kTrueTimeUsMin ||
      fix.true_time_us >= kTrueTimeUsMax) {
    return std::nullopt;
  }
  fix.lat_e7 = static_cast<std::int32_t>(lat);
  fix.lon_e7 = static_cast<std::int32_t>(lon);
  if (gps.mode == MODE_3D && std::isfinite(gps.altMSL)) {
    fix.altitude_mm = altitude_from_mm(scaled(gps.altMSL, 1e3));
  }
  fix.speed_mm_s = known_or_unknown(scaled(gps.speed, 1e3));
  if (std::isfinite(gps.track)) fix.course_mdeg = course_from_milli(scaled(gps.track, 1e3));
  fix.h_accuracy_mm = known_or_unknown(scaled(gps.eph, 1e3));
  fix.v_accuracy_mm = known_or_unknown(scaled(gps.epv, 1e3));
  fix.fix_type = fix_type_of(data);
  if (data.satellites_used > 0) fix.satellites = satellites_from(data.satellites_used);
  fix.clock = client::ClockKind::Satellite;
  fix.source =
      gps.status == STATUS_SIM ? client::FixSource::Simulated : client::FixSource::Satellite;
  return fix;
}

GpsdClient::GpsdClient(std::string host, std::string port)
    : host_(std::move(host)),
      port_(std::move(port)),
      data_(std::make_unique<gps_data_t>()),
      chance_(std::random_device{}()) {}

GpsdClient::~GpsdClient() {
  if (!open_) return;
  gps_stream(data_.get(), WATCH_DISABLE, nullptr);
  gps_close(data_.get());
}

std::string GpsdClient::take_notice() {
  return std::exchange(notice_, {});
}

bool GpsdClient::open() {
  *data_ = gps_data_t();
  if (gps_open(host_.c_str(), port_.c_str(), data_.get()) != 0) {
    lose(fmt::format("gpsd at {}:{} does not answer: {}", host_, port_, gps_errstr(errno)));
    return false;
  }
  open_ = true;
  if (gps_stream(data_.get(), WATCH_ENABLE | WATCH_JSON, nullptr) != 0) {
    lose(fmt::format("gpsd at {}:{} does not take the watch", host_, port_));
    return false;
  }
  if (told_lost_) notice_ = "connected to gpsd again";
  told_lost_ = false;
  return true;
}

void GpsdClient::lose(const std::string& why) {
  if (open_) gps_close(data_.get());
  open_ = false;
  std::uniform_int_distribution<long> spread(delay_.count() / 2, delay_.count());
  try_again_at_us_ = clock_.monotonic_us() + spread(chance_) * 1000;
  delay_ = std::min(delay_ * 2, kDelayMax);
  if (!told_lost_) notice_ = why + "; trying again";
  told_lost_ = true;
}

std::optional<client::Fix> GpsdClient::hold(const client::Fix& fix) {
  // What was given for a moment stands; a report that comes back to it says nothing new.
  if (fix.true_time_us == last_given_us_) return std::nullopt;
  std::optional<client::Fix> ready;
  if (held_ && held_->true_time_us != fix.true_time_us) ready = held_;
  if (!held_ || ready) held_at_us_ = clock_.monotonic_us();
  held_ = fix;
  if (ready) last_given_us_ = ready->true_time_us;
  return ready;
}

std::optional<client::Fix> GpsdClient::next(std::chrono::milliseconds wait) {
  const std::int64_t end_us = clock_.monotonic_us() + wait.count() * 1000;
  while (true) {
    const std::int64_t now_us = clock_.monotonic_us();
    if (held_ && (now_us - held_at_us_ >= kSettleUs || !open_)) {
      last_given_us_ = held_->true_time_us;
      return std::exchange(held_, std::nullopt);
    }
    const std::int64_t until_us = held_ ? std::min(end_us, held_at_us_ + kSettleUs) : end_us;
    const std::int64_t left_us = until_us - now_us;
    if (left_us <= 0) return std::nullopt;
    if (!open_) {
      const std::int64_t pause_us = std::min(try_again_at_us_ - now_us, left_us);
      if (pause_us > 0) {
        ::poll(nullptr, 0, static_cast<int>((pause_us + 999) / 1000));
        return std::nullopt;
      }
      if (!open()) return std::nullopt;
    }
    errno = 0;
    if (!gps_waiting(data_.get(), static_cast<int>(left_us))) {
      if (errno == EINTR) return std::nullopt;
      continue;
    }
    if (gps_read(data_.get(), nullptr, 0) < 0) {
      lose("gpsd closed the connection");
      continue;
    }
    delay_ = std::chrono::milliseconds(250);
    if ((data_->set & MODE_SET) == 0) continue;
    const auto fix = fix_from_gpsd(*data_);
    if (!fix) {
      skips_.add("reports without a position and time", "");
      continue;
    }
    if (auto ready = hold(*fix)) return ready;
  }
}

}  // namespace vigie::cli
