#pragma once
// The measures, and what they share. Each takes its rounds interleaved over the servers, so that
// what else the machine does meets all of them; a round that fails is reported and left out.

#include <set>

#include "tests/bench/report.h"
#include "tests/bench/runs.h"

namespace vigie::bench {

struct Settings {
  std::filesystem::path programs;
  std::filesystem::path temp;
  bool full = false;
  int rounds = 4;
  std::uint64_t window = 4096;
  std::uint64_t window_100 = 1024;   // with 100 consoles
  std::vector<std::string> hub_set;  // KEY=VALUE: the hub's options
  std::set<std::string> only;        // measures; empty: all
  std::set<std::string> peers;       // beside Vigie; empty: all
};

class Bench {
 public:
  Bench(Settings settings, Report& report) : settings_(std::move(settings)), report_(report) {}
  const Settings& settings() const { return settings_; }
  Report& report() { return report_; }

  /// A number for the quick form, another for the full one.
  template <typename T>
  T by_form(T quick, T full) const {
    return settings_.full ? full : quick;
  }
  /// The relays are limits, not peers: in the full form, or when they are named.
  bool wanted(PeerKind kind) const;
  /// For what is compared with nothing and takes long: fewer in the quick form.
  int few_rounds() const;

  Result<std::unique_ptr<Run>> begin(PeerKind kind, const Shape& shape, const Pinning& pinning = {},
                                     const Spread& spread = {}) const {
    return begin_with({}, kind, shape, pinning, spread);
  }
  /// With options of the hub (KEY=VALUE) beside those that were asked for.
  Result<std::unique_ptr<Run>> begin_with(const std::vector<std::string>& hub_set, PeerKind kind,
                                          const Shape& shape, const Pinning& pinning = {},
                                          const Spread& spread = {}) const {
    std::vector<std::string> all = settings_.hub_set;
    all.insert(all.end(), hub_set.begin(), hub_set.end());
    return begin_run(kind, settings_.temp, {settings_.programs, {}, pinning, std::move(all)},
                     spread, shape);
  }
  void add(std::string_view measure, std::string_view variant, PeerKind kind,
           std::string_view figure, double value) {
    report_.add({std::string(measure), std::string(variant), std::string(peer_name(kind)),
                 std::string(figure), value});
  }
  void add_fault(std::string_view measure, std::string_view variant, PeerKind kind,
                 const Fault& fault) {
    report_.add_fault(measure, variant, peer_name(kind), fault.sentence);
  }
  /// Calls `round(kind)` for each wanted peer in each round; notes its fault. `rounds`: 0 takes the
  /// settings'.
  void interleave(std::string_view measure, std::string_view variant,
                  std::initializer_list<PeerKind> kinds,
                  const std::function<Result<void>(PeerKind)>& round, int rounds = 0);

 private:
  Settings settings_;
  Report& report_;
};

/// "server cpu 1, generator cpu 0" and the window, as they stand beside the figures.
std::string conditions_text(std::uint64_t window, const Pinning& pinning);

void measure_throughput(Bench& bench);
void measure_curve(Bench& bench);
/// The same by how many I/O threads the hub has; only when it is named.
void measure_curve_threads(Bench& bench);
void measure_acks(Bench& bench);
void measure_latency(Bench& bench);
void measure_ack_latency(Bench& bench);
void measure_areas(Bench& bench);
void measure_replay(Bench& bench);
void measure_stalled(Bench& bench);
void measure_reopen(Bench& bench);
void measure_hot(Bench& bench);
void measure_start(Bench& bench);

/// The targets beside what was reached.
std::string targets_table(const Report& report);

}  // namespace vigie::bench
