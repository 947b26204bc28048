// GPX files of many programs: the points we read are those that stand in the file, digit by digit,
// as found by a reading of its own (regular expressions, text compared with text).

#include <fmt/format.h>

#include <map>
#include <regex>

#include "clients/cli/sources/file_reader.h"
#include "clients/cli/sources/gpx.h"
#include "clients/cli/sources/source.h"
#include "schemas/words/times.h"
#include "tests/integration/recordings/recordings.h"

namespace vigie::cli {
namespace {

/// 302315350 as "30.2315350".
std::string e7_text(std::int32_t e7) {
  const std::int64_t magnitude = std::llabs(std::int64_t{e7});
  return fmt::format("{}{}.{:07}", e7 < 0 ? "-" : "", magnitude / 10'000'000,
                     magnitude % 10'000'000);
}

/// The file's own digits with seven decimals; an eighth digit of 5 or more rounds away from zero.
std::string seven_decimals(std::string text) {
  if (text.find('.') == std::string::npos) text += '.';
  text += std::string(8, '0');
  const std::size_t point = text.find('.');
  const bool up = text[point + 8] >= '5';
  text.resize(point + 8);
  for (std::size_t i = text.size(); up && i-- > 0;) {
    if (text[i] == '.' || text[i] == '-') continue;
    if (text[i] != '9') {
      ++text[i];
      break;
    }
    text[i] = '0';
  }
  return text;
}

std::map<std::string, std::size_t> track_points_of_index() {
  std::map<std::string, std::size_t> points;
  std::ifstream index(recordings_root() / "tracks" / "index.csv");
  std::string line;
  std::getline(index, line);
  while (std::getline(index, line)) {
    const std::size_t comma = line.find(',');
    points[line.substr(0, comma)] = std::stoul(line.substr(comma + 1));
  }
  return points;
}

void compare(const std::filesystem::path& path, std::size_t expected_points) {
  auto file = FileReader::open(path.string());
  ASSERT_TRUE(file);
  const auto bytes = (*file)->read_all(kGpxBytesMax);
  ASSERT_TRUE(bytes);
  const auto track = parse_gpx(*bytes);
  ASSERT_TRUE(track) << track.fault().sentence;
  EXPECT_EQ(track->fixes.size() + track->skips.total(), expected_points);

  const std::string text(bytes->begin(), bytes->end());
  const std::regex attribute("(lat|lon)=\"([^\"]*)\"");
  const std::regex time_element("<time>\\s*([^<]*?)\\s*</time>");
  const std::regex ele_element("<ele>\\s*([^<]*?)\\s*</ele>");
  std::size_t next = 0;
  for (std::size_t at = text.find("<trkpt"); at != std::string::npos;) {
    const std::size_t close = std::min(text.find("</trkpt>", at), text.find("/>", at));
    const std::string point = text.substr(at, close - at);
    at = text.find("<trkpt", close);
    std::map<std::string, std::string> found;
    for (std::sregex_iterator i(point.begin(), point.end(), attribute), end; i != end; ++i) {
      found[(*i)[1]] = (*i)[2];
    }
    std::smatch time, ele;
    if (!std::regex_search(point, time, time_element)) continue;
    if (*parse_time(time[1].str()) < kTrueTimeUsMin) continue;  // a logger's clock in 1901
    ASSERT_LT(next, track->fixes.size());
    const client::Fix& fix = track->fixes[next++];
    EXPECT_EQ(e7_text(fix.lat_e7), seven_decimals(found["lat"]));
    EXPECT_EQ(e7_text(fix.lon_e7), seven_decimals(found["lon"]));
    EXPECT_EQ(fix.true_time_us, *parse_time(time[1].str()));
    if (std::regex_search(point, ele, ele_element)) {
      ASSERT_TRUE(fix.altitude_mm) << point;
      EXPECT_NEAR(*fix.altitude_mm / 1e3, std::stod(ele[1].str()), 0.00051);
    }
  }
  EXPECT_EQ(next, track->fixes.size());
}

TEST(GpxRecordings, every_point_has_the_files_own_digits) {
  VIGIE_SKIP_WITHOUT_RECORDINGS("tracks");
  const auto expected = track_points_of_index();
  std::size_t files = 0;
  for (const char* ending : {".gpx", ".gpx.gz"}) {
    for (const auto& path : recordings("tracks", ending)) {
      SCOPED_TRACE(path.filename().string());
      compare(path, expected.at(path.filename().string()));
      ++files;
    }
  }
  EXPECT_GE(files, 15u);
}

TEST(GpxRecordings, files_of_another_kind_are_refused_by_name) {
  VIGIE_SKIP_WITHOUT_RECORDINGS("tracks");
  for (const auto& path : recordings("tracks", ".kml")) {
    const auto source = open_gpx(path.string());
    ASSERT_FALSE(source);
    EXPECT_NE(source.fault().sentence.find("<kml>"), std::string::npos) << source.fault().sentence;
  }
}

}  // namespace
}  // namespace vigie::cli
