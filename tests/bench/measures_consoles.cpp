// What consoles do to a hub: many areas, one that never reads, five hundred at once. Vigie alone.

#include <fmt/format.h>

#include "tests/bench/bench.h"
#include "tests/bench/clock.h"
#include "tests/bench/peer_vigie.h"

namespace vigie::bench {
namespace {

using enum PeerKind;

VigiePeer& hub_of(Run& run) {
  return static_cast<VigiePeer&>(*run.peer);
}

/// The whole region, a little larger for each console, so that no two views are the same.
wire::Area area_of(std::size_t console) {
  const auto grown = static_cast<std::int32_t>(console) * 1000;
  return {10'000'000 - grown, 150'000'000 - grown, 20'000'000 + grown, 170'000'000 + grown};
}

Result<void> areas_round(Bench& bench, const Pinning& pinning) {
  constexpr std::size_t kConsoles = 100;
  auto run = bench.begin(Vigie, {.publishers = 1, .consoles = 0}, pinning);
  if (!run) return run.fault();
  (*run)->account.open(1, kConsoles, true);
  for (std::size_t i = 0; i < kConsoles; ++i) {
    ConsoleOptions options = VigiePeer::live_options();
    options.open.view = std::make_unique<wire::ViewT>();
    options.open.view->area = std::make_unique<wire::Area>(area_of(i));
    if (auto opened = hub_of(**run).open_console(std::move(options), i); !opened) {
      return opened.fault();
    }
  }
  if (auto done = open_loop(**run, {.rate = 10'000, .seconds = bench.by_form(3.0, 10.0)}); !done) {
    return done;
  }
  const Histogram& latency = (*run)->account.latency();
  bench.add("areas", "100 areas, 10k/s", Vigie, "p50 us", latency.percentile_us(0.5));
  bench.add("areas", "100 areas, 10k/s", Vigie, "p99 us", latency.percentile_us(0.99));
  return {};
}

/// Ten consoles at 10k/s, with or without an eleventh that opens and then never reads.
Result<void> stalled_round(Bench& bench, bool with_stalled) {
  const std::string variant = with_stalled ? "with a console that never reads" : "without";
  auto begun =
      bench.begin(Vigie, {.publishers = 1, .consoles = 10, .single = false, .latencies = true},
                  server_on_one_core());
  if (!begun) return begun.fault();
  Run& run = **begun;
  VigieConsole* stalled = nullptr;
  if (with_stalled) {
    ConsoleOptions options = VigiePeer::live_options();
    options.counts = false;
    options.reads = false;
    options.receive_buffer = 16 * 1024;
    auto opened = hub_of(run).open_console(std::move(options), 10);
    if (!opened) return opened.fault();
    stalled = *opened;
  }
  std::int64_t alive_at = now_ns();
  const std::uint64_t before = run.peer->server()->rss_bytes();
  OpenPlan plan{.rate = 10'000, .seconds = bench.by_form(10.0, 600.0)};
  plan.each_step = [&] {
    if (stalled == nullptr || now_ns() < alive_at) return;
    stalled->say_alive();
    alive_at = now_ns() + 2 * kNsPerSecond;
  };
  if (auto done = open_loop(run, plan); !done) return done;
  const std::uint64_t after = run.peer->server()->rss_bytes();
  bench.add("stalled", variant, Vigie, "RSS growth KiB",
            (static_cast<double>(after) - static_cast<double>(before)) / 1024);
  bench.add("stalled", variant, Vigie, "others' p50 us", run.account.latency().percentile_us(0.5));
  bench.add("stalled", variant, Vigie, "others' p99 us", run.account.latency().percentile_us(0.99));
  return {};
}

constexpr std::size_t kUnits = 10'000;
constexpr std::size_t kReopening = 500;
constexpr std::size_t kOpenedATurn = 4;  // so that the bystander is served in between

Result<void> reopen_round(Bench& bench) {
  auto begun =
      bench.begin(Vigie, {.publishers = 1, .consoles = 1, .single = false, .latencies = true}, {},
                  {.units = kUnits, .section_max = 1});
  if (!begun) return begun.fault();
  Run& run = **begun;
  const ClosedPlan fill{.warm_seconds = 0, .seconds = 60, .messages_max = kUnits};
  if (auto filled = closed_loop(run, fill); !filled) return filled.fault();
  std::vector<VigieConsole*> consoles;
  std::size_t live = 0;
  std::optional<Fault> fault;
  const std::int64_t open_at = now_ns() + kNsPerSecond;
  std::int64_t live_at = 0;
  OpenPlan plan{.rate = 1000, .warm_seconds = 0.9, .seconds = 0.2};
  plan.each_step = [&] {
    if (now_ns() < open_at || live_at != 0) return;
    for (std::size_t i = 0; i < kOpenedATurn && consoles.size() < kReopening; ++i) {
      ConsoleOptions options;
      options.counts = false;
      auto opened = hub_of(run).begin_console(std::move(options), 0);
      if (!opened) {
        run.poller.fail(opened.fault().sentence);
        return;
      }
      consoles.push_back(*opened);
    }
    // Live in the order of opening, nearly: walk on from the first that was not.
    while (live < consoles.size() && consoles[live]->live() && consoles[live]->fed()) ++live;
    if (live == kReopening) live_at = now_ns();
  };
  plan.until = [&] { return live_at != 0; };
  if (auto done = open_loop(run, plan); !done) return done;
  if (live_at == 0) {
    return Fault{FaultCode::Unavailable, fmt::format("{} of {} were live", live, kReopening)};
  }
  bench.add("reopen", "500 consoles, 10,000 units", Vigie, "all live s",
            static_cast<double>(live_at - open_at) / 1e9);
  bench.add("reopen", "500 consoles, 10,000 units", Vigie, "bystander's p99 us",
            run.account.latency().percentile_us(0.99));
  return {};
}

}  // namespace

void measure_areas(Bench& bench) {
  bench.report().set_conditions("areas", "each console has everything; unpinned");
  bench.interleave(
      "areas", "100 areas, 10k/s", {Vigie}, [&](PeerKind) { return areas_round(bench, {}); },
      bench.few_rounds());
}

void measure_stalled(Bench& bench) {
  const Pinning pinning = server_on_one_core();
  bench.report().set_conditions(
      "stalled", fmt::format("10 consoles and 10k/s for {} s, credit window 1 MiB, {}",
                             bench.by_form(10, 600), pinning.text()));
  // Ten minutes are long: one round of each says what is to be said.
  const int rounds = bench.by_form(bench.few_rounds(), 1);
  for (int i = 0; i < 2 * rounds && !interrupted(); ++i) {
    const bool with_stalled = i % 2 == 1;
    fmt::print(stderr, "stalled, round {}, {}\n", i / 2 + 1, with_stalled ? "with" : "without");
    if (auto done = stalled_round(bench, with_stalled); !done) {
      bench.add_fault("stalled", with_stalled ? "with" : "without", Vigie, done.fault());
    }
  }
}

void measure_reopen(Bench& bench) {
  bench.report().set_conditions(
      "reopen", "a publisher at 1k/s and one bystander; all consoles in the generator; unpinned");
  bench.interleave(
      "reopen", "500 consoles, 10,000 units", {Vigie},
      [&](PeerKind) { return reopen_round(bench); }, bench.few_rounds());
}

}  // namespace vigie::bench
