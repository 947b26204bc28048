// Rates: messages published and delivered, acknowledged, replayed; bytes stored.

#include <fmt/format.h>

#include "tests/bench/bench.h"
#include "tests/bench/clock.h"

namespace vigie::bench {
namespace {

Result<void> rate_round(Bench& bench, std::string_view measure, std::string_view variant,
                        PeerKind kind, const ClosedPlan& plan) {
  auto run = bench.begin(kind, plan.shape);
  if (!run) return run.fault();
  Result<double> rate = closed_loop(**run, plan);
  if (!rate) return rate.fault();
  bench.add(measure, variant, kind, "msg/s", *rate);
  return {};
}

/// Waits until the folder has not changed its size for a second, so that what is built behind the
/// log is counted too.
void settle(const std::filesystem::path& folder, Poller& poller) {
  std::uint64_t before = 0;
  for (int i = 0; i < 30; ++i) {
    const std::uint64_t bytes = folder_bytes(folder);
    if (bytes == before) return;
    before = bytes;
    const std::int64_t next = deadline_ns(1);
    while (!past(next) && poller.state().ok()) poller.step(20'000'000);
  }
}

Result<void> replay_round(Bench& bench, PeerKind kind, std::uint64_t messages) {
  auto begun = bench.begin(kind, {.publishers = 1, .consoles = 0});
  if (!begun) return begun.fault();
  Run& run = **begun;
  const ClosedPlan fill{.shape = {.consoles = 0},
                        .window = 16'384,
                        .warm_seconds = 0,
                        .seconds = 120,
                        .messages_max = messages};
  if (auto filled = closed_loop(run, fill); !filled) return filled.fault();
  const std::uint64_t published = run.account.published();
  settle(run.peer->folder(), run.poller);
  run.account.open(1, 1, false);
  const std::int64_t started = now_ns();
  if (auto opened = run.peer->open_replay(); !opened) return opened;
  auto got = step_until(run.poller, 60, "the replay", [&] {
    return run.account.delivered_to(0) >= published || !run.account.spoilt().empty();
  });
  const double seconds = static_cast<double>(now_ns() - started) / 1e9;
  if (!got) return got;
  if (!run.account.spoilt().empty()) return Fault{FaultCode::Damaged, run.account.spoilt()};
  bench.add("replay", "everything", kind, "msg/s", static_cast<double>(published) / seconds);
  run.poller.clear_fault();
  run.peer->server()->stop(20);
  const auto stored = [&](const std::filesystem::path& folder, std::string_view extension) {
    return static_cast<double>(folder_bytes(folder, extension)) / static_cast<double>(published);
  };
  bench.add("bytes", "everything", kind, "bytes a message", stored(run.peer->folder(), {}));
  if (kind == PeerKind::Vigie) {
    // In the log still and not in a table: what is not flushed is not there twice.
    bench.add("bytes", "everything", kind, "of these in the write-ahead log",
              stored(run.peer->folder() / "data", ".log"));
  }
  return {};
}

}  // namespace

void measure_throughput(Bench& bench) {
  using enum PeerKind;
  const auto& settings = bench.settings();
  struct Case {
    const char* name;
    Shape shape;
    std::uint64_t window;
  };
  const Case cases[] = {{"1x1", {1, 1}, settings.window},
                        {"1x10", {1, 10}, settings.window},
                        {"1x100", {1, 100}, settings.window_100},
                        {"50x10 single messages", {50, 10, true}, settings.window}};
  bench.report().set_conditions(
      "throughput", fmt::format("window {} ({} with 100 consoles), unpinned", settings.window,
                                settings.window_100));
  for (const Case& each : cases) {
    const ClosedPlan plan{
        .shape = each.shape, .window = each.window, .seconds = bench.by_form(1.0, 3.0)};
    bench.interleave(
        "throughput", each.name,
        {Vigie, RedisEverysec, JetStream, Forwarder, Joined, Relay, RelayStored},
        [&](PeerKind kind) { return rate_round(bench, "throughput", each.name, kind, plan); });
  }
}

void measure_acks(Bench& bench) {
  using enum PeerKind;
  const std::uint64_t window = bench.settings().window * 4;
  const ClosedPlan plan{.shape = {1, 0}, .window = window, .seconds = bench.by_form(1.0, 3.0)};
  bench.report().set_conditions("acks", conditions_text(window, {}));
  bench.interleave("acks", "pipelined", {Vigie, RedisAlways, JoinedSynced}, [&](PeerKind kind) {
    return rate_round(bench, "acks", "pipelined", kind, plan);
  });
}

void measure_replay(Bench& bench) {
  using enum PeerKind;
  // Enough that what is not in its last place yet weighs little; fewer where storing takes long.
  const auto many = bench.by_form<std::uint64_t>(2'000'000, 5'000'000);
  const auto fewer = bench.by_form<std::uint64_t>(400'000, 2'000'000);
  bench.report().set_conditions(
      "replay", fmt::format("one console, {} messages from the beginning (Redis and JetStream {}), "
                            "unpinned",
                            short_number(static_cast<double>(many)),
                            short_number(static_cast<double>(fewer))));
  bench.report().set_conditions(
      "bytes", fmt::format("files of the data folder after a clean stop, {} messages of noise",
                           short_number(static_cast<double>(many))));
  bench.interleave("replay", "everything", {Vigie, RedisEverysec, JetStream, Joined},
                   [&](PeerKind kind) {
                     const bool slow = kind == RedisEverysec || kind == JetStream;
                     return replay_round(bench, kind, slow ? fewer : many);
                   });
}

}  // namespace vigie::bench
