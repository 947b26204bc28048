// What the kernel says about this process, read from /proc/self when the metrics are asked for.

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "hub/ops/metrics.h"

namespace vigie::ops {
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

void add_process_figures(Figures& figures) {
  figures.ask("process_resident_memory_bytes", "Memory of the process that is in RAM.",
              resident_bytes);
  figures.ask("process_open_fds", "Open file descriptors: each connection takes one.",
              [] { return entries_in("/proc/self/fd"); });
  figures.ask("process_max_fds", "Open file descriptors allowed.", open_files_max);
  figures.ask("process_cpu_seconds", "Processor time used since the start.", processor_seconds);
  figures.ask("process_threads", "Threads of the process.",
              [] { return entries_in("/proc/self/task"); });
}

}  // namespace vigie::ops
