#pragma once
// Figures in Prometheus' text form, and what the kernel says about the process. prometheus-cpp
// stays behind this header. Any thread.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::web {

enum class FigureKind { Counter, Gauge };

/// One line of /metrics. Figures of one name stand together.
struct Figure {
  std::string_view name;  // vigie_web_...
  std::string_view help;
  FigureKind kind = FigureKind::Gauge;
  double value = 0;
  std::vector<std::pair<std::string, std::string>> labels = {};
};

std::string metrics_text(const std::vector<Figure>& figures);

/// process_resident_memory_bytes, process_open_fds, process_max_fds, process_cpu_seconds_total and
/// process_threads, read from /proc/self.
void add_process_figures(std::vector<Figure>& figures);

}  // namespace vigie::web
