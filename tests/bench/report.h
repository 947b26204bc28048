#pragma once
// What was measured: every sample goes out as a line of JSON at once; at the end medians over the
// rounds make the Markdown tables. One thread.

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::bench {

/// One number of one round.
struct Sample {
  std::string measure;  // "throughput", "latency", ...
  std::string variant;  // "1x10", "10k/s, server cpu 1", ...
  std::string who;      // the peer's name
  std::string figure;   // "msg/s", "p50 us", ...
  double value;
};

class Report {
 public:
  /// `json`: where lines go; null: nowhere. Borrowed.
  explicit Report(std::FILE* json) : json_(json) {}
  void add(const Sample& sample);
  /// A round that could not be used, and why.
  void add_fault(std::string_view measure, std::string_view variant, std::string_view who,
                 std::string_view why);
  /// Said beside the measure: window, pinning, sizes.
  void set_conditions(std::string_view measure, std::string conditions);
  std::string conditions(std::string_view measure) const;

  /// 0 without samples.
  double median_of(std::string_view measure, std::string_view variant, std::string_view who,
                   std::string_view figure) const;
  bool has(std::string_view measure) const;

  /// All medians, a row each.
  std::string figures_table() const;
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  struct Row {
    Sample first;
    std::vector<double> values;
  };
  const Row* find(std::string_view measure, std::string_view variant, std::string_view who,
                  std::string_view figure) const;
  std::FILE* json_;
  std::vector<Row> rows_;  // in the order in which they were first measured
  std::map<std::string, std::string, std::less<>> conditions_;
  std::vector<std::string> faults_;
};

/// 1234567 as "1.23M", 45678 as "45.7k", 12.3 as "12.3".
std::string short_number(double value);
/// Processor, cores, memory, kernel, how long the disk of `folder` takes to sync 4 KiB, how loaded
/// the machine is by others, and the peers' versions, in one line.
std::string machine_line(const std::filesystem::path& folder);

}  // namespace vigie::bench
