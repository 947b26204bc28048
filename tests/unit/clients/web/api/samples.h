#pragma once
// Items as a hub tells them, for the tests of what writes them.

#include <string>

#include "vigie/items.h"

namespace vigie::web::api {

inline constexpr std::int64_t kSampleUs = 1'772'344'800'000'000;  // 2026-03-01T06:00:00Z

inline client::FixItem fix_at(double lat, double lon, std::int64_t after_s = 0,
                              std::string unit = "alpha/v1") {
  client::FixItem item;
  item.fix.unit = std::move(unit);
  item.fix.group = "patrol";
  item.fix.set_position(lat, lon);
  item.fix.true_time_us = kSampleUs + after_s * 1'000'000;
  item.stamp.known_time_us = item.fix.true_time_us + 250'000;
  item.stamp.seq = static_cast<std::uint64_t>(after_s) + 1;
  item.stamp.name = {{1, 2}, item.stamp.seq};
  return item;
}

inline client::EventItem event_of(std::string text, std::int64_t after_us = 0) {
  client::EventItem item;
  item.event.unit = "alpha/v1";
  item.event.kind = "text";
  item.event.text = std::move(text);
  item.event.true_time_us = kSampleUs + after_us;
  item.event.clock = client::ClockKind::Satellite;
  item.stamp.known_time_us = kSampleUs + after_us;
  item.stamp.seq = 7;
  item.stamp.name = {{1, 2}, 3};
  return item;
}

}  // namespace vigie::web::api
