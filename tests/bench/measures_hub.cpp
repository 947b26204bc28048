// The hub by itself: what a fix costs its hot thread as units grow, how soon it is ready on a long
// log, and how soon it shows a past moment.

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "schemas/words/times.h"
#include "tests/bench/bench.h"
#include "tests/bench/clock.h"
#include "tests/bench/peer_vigie.h"

namespace vigie::bench {
namespace {

using enum PeerKind;

constexpr std::string_view kHotThread = "vigie-front";

VigiePeer& hub_of(Run& run) {
  return static_cast<VigiePeer&>(*run.peer);
}

Result<void> hot_round(Bench& bench, std::size_t units) {
  Spread spread{.units = units, .section_max = 1};
  auto begun = bench.begin(Vigie, {.publishers = 1, .consoles = 1}, {}, spread);
  if (!begun) return begun.fault();
  Run& run = **begun;
  // Every unit once, in turn; then units at random, in batches of the same make.
  const std::uint64_t window = bench.settings().window;
  ClosedPlan plan{.window = window, .warm_seconds = 0, .seconds = 60, .messages_max = units};
  if (auto filled = closed_loop(run, plan); !filled) return filled.fault();
  plan.messages_max = units + bench.by_form<std::uint64_t>(300'000, 2'000'000);
  const std::uint64_t ran_before = run.peer->server()->cpu_ns(kHotThread);
  if (ran_before == 0) {
    return Fault{FaultCode::NotFound, fmt::format("the hub has no thread \"{}\"", kHotThread)};
  }
  const std::uint64_t published_before = run.account.published();
  if (auto rate = closed_loop(run, plan); !rate) return rate.fault();
  const std::uint64_t ran = run.peer->server()->cpu_ns(kHotThread) - ran_before;
  bench.add(
      "hot", fmt::format("{} units", units), Vigie, "ns a fix",
      static_cast<double>(ran) / static_cast<double>(run.account.published() - published_before));
  return {};
}

/// Seconds from starting the hub until a publisher is welcomed.
Result<double> start_seconds(Run& run) {
  run.poller.clear_fault();
  const std::int64_t started = now_ns();
  if (auto up = run.peer->start(); !up) return up.fault();
  if (auto opened = run.peer->open_publishers(1); !opened) return opened.fault();
  return static_cast<double>(now_ns() - started) / 1e9;
}

/// Milliseconds from asking for the picture of a moment until its last page is there.
Result<double> picture_ms(Run& run, std::int64_t time_us, wire::StartKind clock) {
  ConsoleOptions options;
  options.open.mode = wire::Mode::Snapshot;
  options.open.start = clock;
  options.open.time_us = time_us;
  options.counts = false;
  const std::int64_t started = now_ns();
  auto console = hub_of(run).begin_console(std::move(options), 0);
  if (!console) return console.fault();
  auto came = step_until(run.poller, 30, "a past picture", [&] { return (*console)->live(); });
  if (!came) return came.fault();
  return static_cast<double>(now_ns() - started) / 1e6;
}

Result<void> pictures(Bench& bench, Run& run, const std::string& variant, std::int64_t from_us,
                      std::int64_t until_us) {
  std::mt19937_64 random(7);
  for (const auto clock : {wire::StartKind::KnownTime, wire::StartKind::TrueTime}) {
    double slowest = 0;
    for (int i = 0; i < 20; ++i) {
      const std::int64_t at = std::uniform_int_distribution(from_us, until_us)(random);
      Result<double> took = picture_ms(run, at, clock);
      if (!took) return took.fault();
      slowest = std::max(slowest, *took);
    }
    bench.add("start", variant, Vigie,
              clock == wire::StartKind::KnownTime ? "slowest of 20 pictures by known time, ms"
                                                  : "slowest of 20 pictures by true time, ms",
              slowest);
  }
  return {};
}

Result<void> start_round(Bench& bench, std::uint64_t messages) {
  const std::string variant =
      fmt::format("{} fixes, 1000 units", short_number(static_cast<double>(messages)));
  auto begun = bench.begin(Vigie, {.publishers = 1, .consoles = 0});
  if (!begun) return begun.fault();
  Run& run = **begun;
  const std::int64_t from_us = SystemClock().utc_us();
  const ClosedPlan fill{.shape = {.consoles = 0},
                        .window = 16'384,
                        .warm_seconds = 0,
                        .seconds = 300,
                        .messages_max = messages};
  if (auto filled = closed_loop(run, fill); !filled) return filled.fault();
  const std::int64_t until_us = SystemClock().utc_us();
  for (const bool killed : {true, false}) {
    hub_of(run).hang_up();
    if (killed) {
      run.peer->server()->kill();
    } else {
      run.peer->server()->stop(30);
    }
    Result<double> took = start_seconds(run);
    if (!took) return took.fault();
    bench.add("start", variant, Vigie,
              killed ? "ready after kill -9, s" : "ready after a clean stop, s", *took);
  }
  return pictures(bench, run, variant, from_us, until_us);
}

}  // namespace

void measure_hot(Bench& bench) {
  bench.report().set_conditions(
      "hot", fmt::format("one fix a section, units at random, window {}, unpinned",
                         bench.settings().window));
  for (int round = 0; round < bench.few_rounds(); ++round) {
    for (const std::size_t units : {std::size_t{1000}, std::size_t{1'000'000}}) {
      if (interrupted()) return;
      fmt::print(stderr, "hot {} units, round {}\n", units, round + 1);
      if (auto done = hot_round(bench, units); !done) {
        bench.add_fault("hot", fmt::format("{} units", units), Vigie, done.fault());
      }
    }
  }
}

void measure_start(Bench& bench) {
  const auto messages = bench.by_form<std::uint64_t>(2'000'000, 10'000'000);
  bench.report().set_conditions("start", "unpinned");
  fmt::print(stderr, "start on {} fixes\n", messages);
  if (auto done = start_round(bench, messages); !done) {
    bench.add_fault("start", fmt::format("{} fixes", messages), Vigie, done.fault());
  }
}

}  // namespace vigie::bench
