#include "tests/bench/report.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/bench/clock.h"
#include "tests/bench/histogram.h"

namespace vigie::bench {
namespace {

std::string first_line_of(const char* command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command, "r"), pclose);
  char line[200] = {};
  if (!pipe || std::fgets(line, sizeof line, pipe.get()) == nullptr) return "unknown";
  std::string text(line);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "processor of unknown name";
}

/// The median of fifty writes of 4 KiB, each synced, in milliseconds; 0 when the folder can't be
/// written. Acknowledgements after fsync can't be quicker.
double sync_ms(const std::filesystem::path& folder) {
  const std::string name = (folder / "sync-probe").string();
  const int fd = ::open(name.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return 0;
  ::unlink(name.c_str());
  const std::string block(4096, 'x');
  std::vector<double> took;
  for (int i = 0; i < 50; ++i) {
    const std::int64_t started = now_ns();
    if (::write(fd, block.data(), block.size()) < 0 || ::fdatasync(fd) != 0) break;
    took.push_back(static_cast<double>(now_ns() - started) / 1e6);
  }
  ::close(fd);
  return median(took);
}

double load_average() {
  double average = 0;
  return getloadavg(&average, 1) == 1 ? average : 0;
}

}  // namespace

const Report::Row* Report::find(std::string_view measure, std::string_view variant,
                                std::string_view who, std::string_view figure) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) {
    return row.first.measure == measure && row.first.variant == variant && row.first.who == who &&
           row.first.figure == figure;
  });
  return found == rows_.end() ? nullptr : &*found;
}

void Report::add(const Sample& sample) {
  const Row* row = find(sample.measure, sample.variant, sample.who, sample.figure);
  if (row == nullptr) {
    rows_.push_back({sample, {}});
    row = &rows_.back();
  }
  rows_[static_cast<std::size_t>(row - rows_.data())].values.push_back(sample.value);
  if (json_ == nullptr) return;
  const nlohmann::ordered_json line{
      {"measure", sample.measure}, {"variant", sample.variant},
      {"who", sample.who},         {"figure", sample.figure},
      {"value", sample.value},     {"conditions", conditions(sample.measure)}};
  fmt::print(json_, "{}\n", line.dump());
  std::fflush(json_);
}

void Report::add_fault(std::string_view measure, std::string_view variant, std::string_view who,
                       std::string_view why) {
  faults_.push_back(fmt::format("{} {}, {}: {}", measure, variant, who, why));
  fmt::print(stderr, "  FAILED {}\n", faults_.back());
  if (json_ == nullptr) return;
  const nlohmann::ordered_json line{
      {"measure", measure}, {"variant", variant}, {"who", who}, {"fault", why}};
  fmt::print(json_, "{}\n", line.dump());
}

void Report::set_conditions(std::string_view measure, std::string conditions) {
  conditions_.insert_or_assign(std::string(measure), std::move(conditions));
}

std::string Report::conditions(std::string_view measure) const {
  const auto found = conditions_.find(measure);
  return found == conditions_.end() ? std::string() : found->second;
}

double Report::median_of(std::string_view measure, std::string_view variant, std::string_view who,
                         std::string_view figure) const {
  const Row* row = find(measure, variant, who, figure);
  return row == nullptr ? 0 : median(row->values);
}

bool Report::has(std::string_view measure) const {
  return std::any_of(rows_.begin(), rows_.end(),
                     [&](const Row& row) { return row.first.measure == measure; });
}

std::string Report::figures_table() const {
  std::string text =
      "| measure | variant | who | figure | median | least - greatest | rounds |\n"
      "| --- | --- | --- | --- | ---: | ---: | ---: |\n";
  for (const Row& row : rows_) {
    const auto [least, greatest] = std::minmax_element(row.values.begin(), row.values.end());
    text += fmt::format("| {} | {} | {} | {} | {} | {} - {} | {} |\n", row.first.measure,
                        row.first.variant, row.first.who, row.first.figure,
                        short_number(median(row.values)), short_number(*least),
                        short_number(*greatest), row.values.size());
  }
  return text;
}

std::string short_number(double value) {
  if (value >= 1e6) return fmt::format("{:.2f}M", value / 1e6);
  if (value >= 1e5) return fmt::format("{:.0f}k", value / 1e3);
  if (value >= 1e4) return fmt::format("{:.1f}k", value / 1e3);
  if (value >= 100 || value == static_cast<double>(static_cast<long>(value))) {
    return fmt::format("{:.0f}", value);
  }
  return fmt::format("{:.2f}", value);
}

std::string machine_line(const std::filesystem::path& folder) {
  utsname kernel{};
  uname(&kernel);
  const double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                        static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30);
  return fmt::format("{} x {}, {:.0f} GiB, {} {}, a sync {:.2f} ms, load {:.1f}; {}; {}",
                     std::thread::hardware_concurrency(), processor_name(), memory, kernel.sysname,
                     kernel.release, sync_ms(folder), load_average(),
                     first_line_of("redis-server --version | cut -d' ' -f1-3"),
                     first_line_of("nats-server --version"));
}

}  // namespace vigie::bench
