#pragma once
// Makes a recording of days in minutes: units that drive circles, published as fast as the hub
// takes them while the hub's time of day (moved_clock.cpp) is moved along with them. So both clocks
// of the recording are as if it had been made in that time. One thread.

#include <cstdint>
#include <string>

#include "schemas/words/result.h"

namespace vigie::bench {

struct Days {
  int port = 0;
  std::size_t units = 200;    // of "fleet"; each with a card
  int every_s = 10;           // between two fixes of a unit
  int hours = 48;             // up to
  std::int64_t until_us = 0;  // this time, UTC
  int event_every_s = 300;    // of one unit after the other
  std::string clock_file;     // 8 bytes, as moved_clock.cpp reads them
};

struct DaysMade {
  std::uint64_t fixes = 0;
  std::uint64_t events = 0;
};

/// Returns when the hub has acknowledged all of it.
Result<DaysMade> make_days(const Days& days);

}  // namespace vigie::bench
