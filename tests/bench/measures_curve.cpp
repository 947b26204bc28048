// What asking everybody who they are and encrypting costs: a guarded hub beside a plain one, in the
// same rounds. The generator opens what the hub seals, on the same two cores: its share is told.

#include <fmt/format.h>

#include <ctime>

#include "tests/bench/bench.h"
#include "tests/bench/clock.h"

namespace vigie::bench {
namespace {

constexpr int kIoThreads[] = {1, 2, 3};

std::uint64_t own_cpu_ns() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<std::uint64_t>(used.tv_sec) * kNsPerSecond +
         static_cast<std::uint64_t>(used.tv_nsec);
}

Result<void> curve_rate_round(Bench& bench, const char* measure, const std::string& variant,
                              PeerKind kind, const ClosedPlan& plan,
                              const std::vector<std::string>& hub_set = {}) {
  auto run = bench.begin_with(hub_set, kind, plan.shape);
  if (!run) return run.fault();
  const Child& hub = *(*run)->peer->server();
  const std::uint64_t hub_before = hub.cpu_ns({});
  const std::uint64_t own_before = own_cpu_ns();
  Result<double> rate = closed_loop(**run, plan);
  if (!rate) return rate.fault();
  const auto deliveries = static_cast<double>((*run)->account.published() * plan.shape.consoles);
  const auto spent = [&](std::uint64_t before, std::uint64_t after) {
    return static_cast<double>(after - before) / deliveries;
  };
  bench.add(measure, variant, kind, "msg/s", *rate);
  bench.add(measure, variant, kind, "hub's processor ns a delivery",
            spent(hub_before, hub.cpu_ns({})));
  bench.add(measure, variant, kind, "generator's processor ns a delivery",
            spent(own_before, own_cpu_ns()));
  return {};
}

Result<void> curve_latency_round(Bench& bench, const char* variant, PeerKind kind) {
  const Shape shape{.publishers = 1, .consoles = 10, .single = false, .latencies = true};
  auto run = bench.begin(kind, shape);
  if (!run) return run.fault();
  const OpenPlan plan{.rate = 10'000, .seconds = bench.by_form(1.5, 5.0)};
  if (auto done = open_loop(**run, plan); !done) return done;
  const Histogram& histogram = (*run)->account.latency();
  bench.add("curve", variant, kind, "p50 us", histogram.percentile_us(0.5));
  bench.add("curve", variant, kind, "p99 us", histogram.percentile_us(0.99));
  return {};
}

}  // namespace

void measure_curve(Bench& bench) {
  using enum PeerKind;
  const auto& settings = bench.settings();
  bench.report().set_conditions("curve", fmt::format("window {} ({} with 100 consoles), unpinned",
                                                     settings.window, settings.window_100));
  for (const std::size_t consoles : {1, 10, 100}) {
    const std::string variant = fmt::format("1x{}", consoles);
    const ClosedPlan plan{.shape = {1, consoles},
                          .window = consoles == 100 ? settings.window_100 : settings.window,
                          .seconds = bench.by_form(1.0, 3.0)};
    bench.interleave("curve", variant, {Vigie, VigieGuarded}, [&](PeerKind kind) {
      return curve_rate_round(bench, "curve", variant, kind, plan);
    });
  }
  // The cost to the hub: nine of the ten consoles do not open what they count.
  const ClosedPlan heads{.shape = {.consoles = 10, .heads = true},
                         .window = settings.window,
                         .seconds = bench.by_form(1.0, 3.0)};
  bench.interleave("curve", "1x10, heads", {Vigie, VigieGuarded}, [&](PeerKind kind) {
    return curve_rate_round(bench, "curve", "1x10, heads", kind, heads);
  });
  const ClosedPlan fifty{.shape = {.publishers = 50, .consoles = 10, .single = true},
                         .window = settings.window,
                         .seconds = bench.by_form(1.0, 3.0)};
  bench.interleave("curve", "50x10", {Vigie, VigieGuarded}, [&](PeerKind kind) {
    return curve_rate_round(bench, "curve", "50x10", kind, fifty);
  });
  const char* variant = "10k/s, 10 consoles";
  bench.interleave("curve", variant, {Vigie, VigieGuarded},
                   [&](PeerKind kind) { return curve_latency_round(bench, variant, kind); });
}

void measure_curve_threads(Bench& bench) {
  using enum PeerKind;
  const auto& settings = bench.settings();
  bench.report().set_conditions("curve_threads",
                                fmt::format("window {}, unpinned", settings.window));
  const double seconds = bench.by_form(1.0, 3.0);
  const std::pair<const char*, Shape> shapes[] = {
      {"50x10", {.publishers = 50, .consoles = 10, .single = true}},
      {"1x10, heads", {.consoles = 10, .heads = true}}};
  for (const auto& [name, shape] : shapes) {
    const ClosedPlan plan{.shape = shape, .window = settings.window, .seconds = seconds};
    // Round by round, so that what else the machine does meets all numbers of threads.
    for (int round = 0; round < settings.rounds; ++round) {
      for (const int threads : kIoThreads) {
        const std::string variant = fmt::format("{}, {} I/O", name, threads);
        const std::vector<std::string> set{fmt::format("threads.io={}", threads)};
        bench.interleave(
            "curve_threads", variant, {Vigie, VigieGuarded},
            [&](PeerKind kind) {
              return curve_rate_round(bench, "curve_threads", variant, kind, plan, set);
            },
            1);
      }
    }
  }
}

}  // namespace vigie::bench
