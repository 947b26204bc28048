#include "clients/web/server/ops/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace vigie::web {
namespace {

double entries_in(const char* folder) {
  std::error_code error;
  const std::filesystem::directory_iterator all(folder, error);
  if (error) return 0;
  return static_cast<double>(std::distance(begin(all), end(all)));
}

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double all_pages = 0;
  double resident_pages = 0;
  statm >> all_pages >> resident_pages;
  return resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_files_max() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

double processor_seconds() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
  return seconds + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

}  // namespace

std::string metrics_text(const std::vector<Figure>& figures) {
  std::vector<prometheus::MetricFamily> families;
  for (const Figure& figure : figures) {
    const bool counter = figure.kind == FigureKind::Counter;
    if (families.empty() || families.back().name != figure.name) {
      families.push_back({std::string(figure.name),
                          std::string(figure.help),
                          counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
                          {}});
    }
    prometheus::ClientMetric metric;
    for (const auto& [label, value] : figure.labels) metric.label.push_back({label, value});
    (counter ? metric.counter.value : metric.gauge.value) = figure.value;
    families.back().metric.push_back(std::move(metric));
  }
  return prometheus::TextSerializer().Serialize(families);
}

void add_process_figures(std::vector<Figure>& figures) {
  const auto gauge = [&](std::string_view name, std::string_view help, double value) {
    figures.push_back({name, help, FigureKind::Gauge, value, {}});
  };
  gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.", resident_bytes());
  gauge("process_open_fds", "Open file descriptors: each connection takes one.",
        entries_in("/proc/self/fd"));
  gauge("process_max_fds", "Open file descriptors allowed.", open_files_max());
  gauge("process_threads", "Threads of the process.", entries_in("/proc/self/task"));
  figures.push_back({"process_cpu_seconds_total",
                     "Processor time used since the start.",
                     FigureKind::Counter,
                     processor_seconds(),
                     {}});
}

}  // namespace vigie::web
