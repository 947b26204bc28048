// Bytes from outside may be anything: the parsers give fixes within range, or say no. A seed is
// printed and taken back with VIGIE_SEED.

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "clients/cli/sources/csv.h"
#include "clients/cli/sources/gpx.h"
#include "clients/cli/sources/nmea.h"

namespace vigie::cli {
namespace {

std::uint64_t seed() {
  const char* given = std::getenv("VIGIE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

/// Flips, cuts, doubles and inserts pieces of a good text.
std::vector<std::uint8_t> spoiled(std::string_view good, std::mt19937_64& chance) {
  std::vector<std::uint8_t> bytes(good.begin(), good.end());
  const auto any = [&](std::size_t below) { return chance() % std::max<std::size_t>(below, 1); };
  for (std::size_t times = 1 + any(8); times > 0; --times) {
    const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(any(bytes.size()));
    switch (any(4)) {
      case 0:
        if (at != bytes.end()) *at = static_cast<std::uint8_t>(chance());
        break;
      case 1:
        bytes.erase(at, bytes.end());
        break;
      case 2:
        bytes.insert(at, static_cast<std::size_t>(any(400)), static_cast<std::uint8_t>(chance()));
        break;
      default: {
        const std::vector<std::uint8_t> copy(bytes.begin(), at);
        bytes.insert(bytes.end(), copy.begin(), copy.end());
      }
    }
  }
  return bytes;
}

void check(const client::Fix& fix) {
  ASSERT_TRUE(is_latitude(fix.lat_e7) && is_longitude(fix.lon_e7));
  ASSERT_GE(fix.true_time_us, 946'684'800'000'000);
  ASSERT_TRUE(!fix.course_mdeg || *fix.course_mdeg < 360'000);
  ASSERT_TRUE(!fix.battery_percent || *fix.battery_percent <= 100);
}

constexpr int kRounds = 3000;

TEST(Hostile, gpx_gives_fixes_in_range_or_says_no) {
  const std::uint64_t from = seed();
  SCOPED_TRACE(from);
  std::mt19937_64 chance(from);
  constexpr std::string_view kGood =
      "<gpx><trk><trkseg><trkpt lat=\"15.9\" lon=\"1.5\"><ele>287</ele><time>2026-03-01T06:00:00Z"
      "</time><speed>3e2</speed><course>-9</course><sat>9</sat><hdop>1.2</hdop></trkpt></trkseg>"
      "</trk></gpx>";
  for (int i = 0; i < kRounds; ++i) {
    const auto track = parse_gpx(spoiled(kGood, chance));
    if (!track) continue;
    for (const client::Fix& fix : track->fixes) check(fix);
  }
}

TEST(Hostile, nmea_gives_fixes_in_range) {
  const std::uint64_t from = seed();
  SCOPED_TRACE(from);
  std::mt19937_64 chance(from);
  constexpr std::string_view kGood =
      "$GPRMC,193221.00,A,2037.7279,N,08704.0848,W,00.1,201.8,231207,01,W\r\n"
      "$GPGGA,193221.00,2037.72792,N,08704.08478,W,1,04,1.7,-30.40,M,-13.9,M,,\r\n"
      "$GPGSA,A,3,10,28,09,13,,,,,,,,,03.4,01.7,03.0\r\n$GPGST,193222,10,,,,3.0,4.0,7.5\r\n"
      "$GPVTG,1,T,,M,3,N,4,K\r\n$GPZDA,193223,23,12,2007,00,00\r\n$GPGLL,2037.7,N,08704.0,W\r\n";
  for (int i = 0; i < kRounds; ++i) {
    NmeaParser parser([](const client::Fix& fix) { check(fix); });
    parser.set_live(i % 2 == 0);
    parser.push(spoiled(kGood, chance));
    parser.flush();
  }
}

TEST(Hostile, csv_gives_fixes_in_range_or_says_no) {
  const std::uint64_t from = seed();
  SCOPED_TRACE(from);
  std::mt19937_64 chance(from);
  constexpr std::string_view kGood =
      "unit,time,lat,lon,speed,course,alt,battery,accuracy\n"
      "a,2026-03-01T06:00:00+01:00,15.9,1.5,3,4,5,6,7\n\"b\",1772344800,1,2,9e9,-4,1e9,101,-1\n";
  for (int i = 0; i < kRounds; ++i) {
    CsvParser parser({}, [](const Reading& reading) { check(reading.fix); });
    const auto pushed = parser.push(spoiled(kGood, chance));
    if (pushed) (void)parser.finish().ok();
  }
}

}  // namespace
}  // namespace vigie::cli
