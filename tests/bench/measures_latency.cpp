// Latencies under an open load: from when a message was meant to be sent until a console has it,
// or until its acknowledgement.

#include <fmt/format.h>

#include "tests/bench/bench.h"

namespace vigie::bench {
namespace {

Result<void> latency_round(Bench& bench, std::string_view measure, const std::string& variant,
                           PeerKind kind, double rate, const Pinning& pinning, bool acks) {
  const Shape shape{.publishers = 1, .consoles = 10, .single = false, .latencies = true};
  auto run = bench.begin(kind, shape, pinning);
  if (!run) return run.fault();
  if (auto done = open_loop(**run, {.rate = rate, .seconds = bench.by_form(1.5, 5.0)}); !done) {
    return done;
  }
  const Account& account = (*run)->account;
  const Histogram& histogram = acks ? account.ack_latency() : account.latency();
  bench.add(measure, variant, kind, "p50 us", histogram.percentile_us(0.5));
  bench.add(measure, variant, kind, "p99 us", histogram.percentile_us(0.99));
  return {};
}

}  // namespace

void measure_latency(Bench& bench) {
  using enum PeerKind;
  bench.report().set_conditions("latency", "10 consoles, open loop from the intended time");
  for (const bool one_core : {true, false}) {
    const Pinning pinning = one_core ? server_on_one_core() : Pinning{};
    for (const int thousands : {1, 10, 50}) {
      const std::string variant =
          fmt::format("{}k/s, {}", thousands, one_core ? "server on one core" : "on two cores");
      const double rate = thousands * 1000.0;
      const auto round = [&](PeerKind kind) {
        return latency_round(bench, "latency", variant, kind, rate, pinning, false);
      };
      if (!one_core && !bench.settings().full && thousands != 10) continue;
      // JetStream does not keep up with 50k/s to ten consoles.
      if (thousands == 50 || (!bench.settings().full && (thousands == 1 || !one_core))) {
        bench.interleave("latency", variant, {Vigie, Forwarder}, round);
      } else {
        bench.interleave("latency", variant, {Vigie, Forwarder, RedisEverysec, JetStream}, round);
      }
    }
  }
}

void measure_ack_latency(Bench& bench) {
  using enum PeerKind;
  const Pinning pinning = server_on_one_core();
  bench.report().set_conditions("ack latency", "10 consoles, " + conditions_text(0, pinning));
  bench.interleave("ack latency", "1k/s", {Vigie, RedisAlways}, [&](PeerKind kind) {
    return latency_round(bench, "ack latency", "1k/s", kind, 1000, pinning, true);
  });
}

}  // namespace vigie::bench
