#pragma once
// The figures in Prometheus' text form, and what the kernel says about the process. Any thread.

#include <string>

#include "hub/ops/figures.h"

namespace vigie::ops {

/// The page of /metrics: every figure, and process_* (memory, open files and their limit, processor
/// time). A set's name that Prometheus would not take has its foreign characters replaced by '_'.
std::string metrics_text(const Figures& figures);

/// Registers process_resident_memory_bytes, process_open_fds, process_max_fds, process_cpu_seconds
/// and process_threads, read from /proc/self when asked.
void add_process_figures(Figures& figures);

}  // namespace vigie::ops
