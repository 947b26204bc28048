// Logs of real receivers against what gpsd makes of them: the same moments, the same positions.
//
// gpsd reports a moment again each time it knows more, so the last report of a moment counts. It
// also takes dates that look too old for receivers whose week number ran over, and adds 1024 weeks:
// times are compared modulo that.

#include <map>
#include <nlohmann/json.hpp>

#include "clients/cli/sources/source.h"
#include "schemas/words/times.h"
#include "tests/integration/recordings/recordings.h"

namespace vigie::cli {
namespace {

constexpr std::int64_t kWeeksUs = 1024ll * 7 * 86'400 * 1'000'000;

/// What gpsd knows of one moment.
struct Expected {
  std::vector<nlohmann::json> reports;  // of one moment, in order
};

/// gpsd's reports that have a position: by time, and under kNoTime those it made before it knew
/// the date.
constexpr std::int64_t kNoTime = -1;
std::map<std::int64_t, Expected> expected_in(const std::filesystem::path& path) {
  std::map<std::int64_t, Expected> expected;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind("{\"class\":\"TPV\"", 0) != 0) continue;
    auto report = nlohmann::json::parse(line);
    if (!report.contains("lat")) continue;
    std::int64_t time = kNoTime;
    if (report.contains("time")) {
      time = *parse_time(report["time"].get<std::string>()) % kWeeksUs;
    }
    expected[time].reports.push_back(std::move(report));
  }
  return expected;
}

bool matches(const client::Fix& fix, const nlohmann::json& report) {
  // gpsd prints nine decimals: the seventh is ours, rounded.
  return std::llabs(std::llround(report["lat"].get<double>() * 1e7) - fix.lat_e7) <= 1 &&
         std::llabs(std::llround(report["lon"].get<double>() * 1e7) - fix.lon_e7) <= 1;
}

/// Moments that only one of us reports, looked at one by one.
struct Differences {
  std::size_t only_ours;
  std::size_t only_gpsd;
  const char* why;
};
const std::map<std::string, Differences> kLooked = {
    {"bt451.log",
     {2, 1, "the log is torn: after the tear gpsd takes an older time for the next day"}},
    {"bu303-moving.log", {0, 12, "not NMEA but SiRF binary: noise to us"}},
    {"triton400.log", {1, 0, "a moment of GLL alone, which gpsd drops"}},
    {"tn204.log", {1, 0, "a moment without RMC, which gpsd joins to its neighbour"}},
};

bool matches_one(const client::Fix& fix, const std::vector<nlohmann::json>& reports) {
  return std::any_of(reports.begin(), reports.end(),
                     [&](const auto& report) { return matches(fix, report); });
}

/// Where both know a value, some report of the moment has ours.
void expect_value(const Expected& at, const char* name, double ours, double within) {
  bool known = false, found = false;
  for (const auto& report : at.reports) {
    if (!report.contains(name)) continue;
    known = true;
    found = found || std::abs(report[name].get<double>() - ours) <= within;
  }
  EXPECT_TRUE(!known || found) << name << " " << ours << " " << at.reports.back().dump();
}

void compare_motion(const client::Fix& fix, const Expected& at) {
  if (fix.altitude_mm) expect_value(at, "altMSL", *fix.altitude_mm / 1e3, 0.0006);
  if (fix.speed_mm_s) expect_value(at, "speed", *fix.speed_mm_s / 1e3, 0.0011);
  if (fix.course_mdeg) expect_value(at, "track", *fix.course_mdeg / 1e3, 0.0006);
}

class NmeaRecordings : public ::testing::TestWithParam<std::string> {};

TEST_P(NmeaRecordings, moments_and_positions_are_those_of_gpsd) {
  const auto path = recordings_root() / "nmea-gpsd" / GetParam();
  auto expected = expected_in(path.string() + ".chk");
  const Expected without_time = expected[kNoTime];
  expected.erase(kNoTime);
  auto source = open_nmea_file(path.string(), std::nullopt);
  ASSERT_TRUE(source) << source.fault().sentence;
  std::vector<Reading> readings;
  while (true) {
    const auto more = (*source)->read(readings, std::chrono::milliseconds(0));
    ASSERT_TRUE(more);
    if (!*more) break;
  }
  std::map<std::int64_t, const client::Fix*> ours;
  for (const Reading& reading : readings) ours[reading.fix.true_time_us % kWeeksUs] = &reading.fix;
  std::string only_ours, only_gpsd;
  Differences differences{0, 0, ""};
  for (const auto& [time, at] : expected) {
    if (ours.contains(time)) continue;
    ++differences.only_gpsd;
    only_gpsd += at.reports.back().dump() + "\n";
  }
  for (const auto& [time, fix] : ours) {
    const auto at = expected.find(time);
    if (at == expected.end()) {
      // gpsd waits for the sentence that ends a moment: it does not report a log's last one.
      if (fix == &readings.back().fix || matches_one(*fix, without_time.reports)) continue;
      ++differences.only_ours;
      only_ours += format_time(fix->true_time_us) + "\n";
      continue;
    }
    const bool found = matches_one(*fix, at->second.reports);
    EXPECT_TRUE(found) << format_time(fix->true_time_us) << " " << fix->lat_e7 << " " << fix->lon_e7
                       << " " << at->second.reports.back().dump();
    // In hemi.log gpsd works the speed out from positions before the sentence with it has come.
    if (found && GetParam() != "hemi.log") compare_motion(*fix, at->second);
  }
  const auto looked = kLooked.find(GetParam());
  const Differences allowed = looked == kLooked.end() ? Differences{0, 0, ""} : looked->second;
  EXPECT_EQ(differences.only_ours, allowed.only_ours) << only_ours;
  EXPECT_EQ(differences.only_gpsd, allowed.only_gpsd) << only_gpsd;
}

std::vector<std::string> logs() {
  std::vector<std::string> names;
  for (const auto& path : recordings("nmea-gpsd", ".log")) names.push_back(path.filename());
  return names;
}

std::string test_name(const ::testing::TestParamInfo<std::string>& log) {
  std::string name = log.param.substr(0, log.param.size() - 4);
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Logs, NmeaRecordings, ::testing::ValuesIn(logs()), test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NmeaRecordings);

}  // namespace
}  // namespace vigie::cli
