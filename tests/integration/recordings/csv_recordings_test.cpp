// A city's buses, a file a day: what we read against the rows themselves and against the counts
// that were made of them by another program.

#include <fmt/format.h>

#include <map>
#include <set>

#include "clients/cli/sources/file_reader.h"
#include "clients/cli/sources/source.h"
#include "schemas/words/times.h"
#include "tests/integration/recordings/recordings.h"

namespace vigie::cli {
namespace {

std::vector<Reading> read_all(Source& source) {
  std::vector<Reading> readings;
  while (true) {
    const auto more = source.read(readings, std::chrono::milliseconds(0));
    EXPECT_TRUE(more) << (more ? "" : more.fault().sentence);
    if (!more || !*more) return readings;
  }
}

struct Day {
  std::size_t rows, vehicles;
  std::string first, last;
  std::size_t older, duplicates;
};

std::map<std::string, Day> days_of_index() {
  std::map<std::string, Day> days;
  std::ifstream index(recordings_root() / "fleet-bus" / "index.csv");
  std::string line;
  std::getline(index, line);
  while (std::getline(index, line)) {
    std::istringstream in(line);
    std::vector<std::string> cells(7);
    for (std::string& cell : cells) std::getline(in, cell, ',');
    days[cells[0]] = {std::stoul(cells[1]), std::stoul(cells[2]), cells[3], cells[4],
                      std::stoul(cells[5]), std::stoul(cells[6])};
  }
  return days;
}

void check_counts(const std::vector<Reading>& readings, const Day& day) {
  std::map<std::string, std::int64_t> newest;
  std::set<std::pair<std::string, std::int64_t>> moments;
  std::size_t older = 0, duplicates = 0;
  std::int64_t first = INT64_MAX, last = INT64_MIN;
  for (const Reading& reading : readings) {
    const std::int64_t time = reading.fix.true_time_us;
    const auto [at, is_new] = newest.emplace(reading.name, time);
    if (!is_new && time < at->second) ++older;
    at->second = std::max(at->second, time);
    if (!moments.emplace(reading.name, time).second) ++duplicates;
    first = std::min(first, time);
    last = std::max(last, time);
  }
  EXPECT_EQ(readings.size(), day.rows);
  EXPECT_EQ(newest.size(), day.vehicles);
  EXPECT_EQ(older, day.older);
  EXPECT_EQ(duplicates, day.duplicates);
  EXPECT_EQ(first, *parse_time(day.first));
  EXPECT_EQ(last, *parse_time(day.last));
}

/// Compares text with text: our integers printed, the row's cells padded.
void check_digits(const std::filesystem::path& path, const std::vector<Reading>& readings) {
  auto file = FileReader::open(path.string());
  const auto bytes = (*file)->read_all(64 << 20);
  ASSERT_TRUE(bytes);
  std::istringstream in(std::string(bytes->begin(), bytes->end()));
  std::string line;
  std::getline(in, line);
  std::size_t next = 0;
  while (std::getline(in, line)) {
    std::istringstream row(line);
    std::vector<std::string> cells(7);
    for (std::string& cell : cells) std::getline(row, cell, ',');
    ASSERT_LT(next, readings.size());
    const Reading& reading = readings[next++];
    ASSERT_EQ(reading.name, cells[0]);
    ASSERT_EQ(reading.fix.true_time_us, *parse_time(cells[1]));
    ASSERT_EQ(reading.fix.lat_e7, std::llround(std::stold(cells[5]) * 10'000'000.0L)) << line;
    ASSERT_EQ(reading.fix.lon_e7, std::llround(std::stold(cells[6]) * 10'000'000.0L)) << line;
    ASSERT_TRUE(reading.fix.speed_mm_s);
    ASSERT_NEAR(*reading.fix.speed_mm_s / 1e3, std::stod(cells[2]), 0.00051) << line;
  }
  EXPECT_EQ(next, readings.size());
}

TEST(CsvRecordings, every_row_of_every_day_is_read_as_it_stands) {
  VIGIE_SKIP_WITHOUT_RECORDINGS("fleet-bus");
  for (const auto& [name, day] : days_of_index()) {
    SCOPED_TRACE(name);
    const auto path = recordings_root() / "fleet-bus" / name;
    auto source = open_csv(path.string(), {});
    ASSERT_TRUE(source);
    const auto readings = read_all(**source);
    EXPECT_EQ((*source)->skips().total(), 0u);
    check_counts(readings, day);
    check_digits(path, readings);
  }
}

TEST(CsvRecordings, a_quoted_file_of_one_bus_gives_all_its_positions) {
  VIGIE_SKIP_WITHOUT_RECORDINGS("fleet-bus");
  const auto path = recordings_root() / "fleet-bus" / "liverpool-route14-2026-01-26.csv";
  auto source = open_csv(path.string(), {});
  ASSERT_TRUE(source);
  const auto readings = read_all(**source);
  EXPECT_EQ(readings.size(), 1533u);
  std::size_t with_course = 0;
  for (const Reading& reading : readings) with_course += reading.fix.course_mdeg.has_value();
  EXPECT_GT(with_course, 1000u);
  EXPECT_EQ(readings[1].fix.course_mdeg, 53'000u);
}

}  // namespace
}  // namespace vigie::cli
