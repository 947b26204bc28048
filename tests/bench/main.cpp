// vigie-bench: Vigie beside what people would take instead. Usually started by run.sh.

#include <fmt/format.h>
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>

#include "tests/bench/bench.h"

namespace vigie::bench {
namespace {

struct Measure {
  const char* name;
  void (*run)(Bench&);
  bool named = false;  // only when it is asked for by name
};

constexpr Measure kMeasures[] = {{"throughput", measure_throughput},
                                 {"curve", measure_curve},
                                 {"curve_threads", measure_curve_threads, true},
                                 {"latency", measure_latency},
                                 {"ack-latency", measure_ack_latency},
                                 {"acks", measure_acks},
                                 {"areas", measure_areas},
                                 {"replay", measure_replay},
                                 {"stalled", measure_stalled},
                                 {"reopen", measure_reopen},
                                 {"hot", measure_hot},
                                 {"start", measure_start}};

std::string tables(const Report& report, const Settings& settings, const std::string& machine) {
  std::string text = fmt::format("{}; 128-byte messages over loopback, {} rounds interleaved\n\n",
                                 machine, settings.rounds);
  text += targets_table(report) + "\n" + report.figures_table();
  for (const std::string& fault : report.faults()) text += "\nFAILED: " + fault;
  return text + "\n";
}

int run(const Settings& settings, const std::string& json, const std::string& markdown) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> lines(
      std::fopen(json.empty() ? "/dev/null" : json.c_str(), "w"), std::fclose);
  if (!lines) {
    fmt::print(stderr, "vigie-bench: {} can't be written\n", json);
    return 2;
  }
  catch_interrupts();
  // Timers to the microsecond: the open loop sends when it means to.
  prctl(PR_SET_TIMERSLACK, 1);
  const std::string machine = machine_line(settings.temp);  // before the load is our own
  Report report(lines.get());
  Bench bench(settings, report);
  for (const Measure& measure : kMeasures) {
    if (interrupted()) break;
    const bool asked = settings.only.contains(measure.name);
    if (asked || (settings.only.empty() && !measure.named)) measure.run(bench);
  }
  const std::string text = tables(report, settings, machine);
  fmt::print("{}", text);
  if (!markdown.empty()) std::ofstream(markdown) << text;
  return interrupted() ? 130 : report.faults().empty() ? 0 : 1;
}

}  // namespace
}  // namespace vigie::bench

int main(int argc, char** argv) {
  vigie::bench::Settings settings;
  std::string json;
  std::string markdown;
  std::vector<std::string> only;
  std::vector<std::string> peers;
  settings.temp = std::filesystem::temp_directory_path();
  settings.programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  CLI::App app{
      "Measures Vigie beside NATS JetStream, Redis Streams and plain ZeroMQ, with one load "
      "generator.\nExample: vigie-bench --only throughput --rounds 4 --json lines.ndjson"};
  bool quick = true;
  app.add_flag("--quick", quick, "The default: at most ten minutes");
  app.add_flag("--full", settings.full, "Longer runs, more messages, ten minutes of stalling");
  app.add_option("--rounds", settings.rounds, "Rounds of each measure, interleaved")
      ->check(CLI::Range(1, 100));
  app.add_option(
      "--only", only,
      "Measures: throughput curve latency ack-latency acks areas replay stalled reopen hot "
      "start; and curve_threads, which is taken only when it is named");
  app.add_option("--peers", peers, "Beside Vigie only those whose name holds one of these words");
  app.add_option("--window", settings.window, "Messages ahead of the slowest and of the acks");
  app.add_option("--window-100", settings.window_100, "The same with 100 consoles");
  app.add_option("--hub-set", settings.hub_set,
                 "KEY=VALUE: an option of the hub, to see what it does to the figures");
  app.add_option("--programs", settings.programs, "Folder of vigie-hub and the bench's servers");
  app.add_option("--temp", settings.temp, "Where servers may write");
  app.add_option("--json", json, "File for one line of JSON a sample");
  app.add_option("--markdown", markdown, "File for the tables");
  CLI11_PARSE(app, argc, argv);
  settings.only = {only.begin(), only.end()};
  settings.peers = {peers.begin(), peers.end()};
  return vigie::bench::run(settings, json, markdown);
}
