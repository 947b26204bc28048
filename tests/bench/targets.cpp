// The targets, and how far they were reached: ratios of medians within the same run.

#include <fmt/format.h>

#include "tests/bench/bench.h"

namespace vigie::bench {
namespace {

struct Target {
  const char* text;
  std::string measure;
  std::string variant;
  std::string figure;
  std::string_view versus;          // a peer's name; empty: the bound is absolute
  std::string versus_variant = {};  // when it differs from `variant`
  bool least = true;                // at least the bound, else at most
  double bound = 1;                 // 0: none is set, and what was reached is told
  const char* unit = "x";
  std::string_view who = peer_name(PeerKind::Vigie);
};

std::vector<Target> rate_targets() {
  using enum PeerKind;
  const auto redis = peer_name(RedisEverysec);
  const auto jetstream = peer_name(JetStream);
  const auto forwarder = peer_name(Forwarder);
  const char* delivered = "published and delivered";
  std::vector<Target> targets{
      {delivered, "throughput", "1x1", "msg/s", redis, {}, true, 4},
      {delivered, "throughput", "1x10", "msg/s", redis, {}, true, 4},
      {delivered, "throughput", "1x10", "msg/s", jetstream, {}, true, 10},
      {delivered, "throughput", "1x10", "msg/s", forwarder, {}, true, 1.4},
      {delivered, "throughput", "1x100", "msg/s", redis, {}, true, 4},
      {delivered, "throughput", "1x100", "msg/s", jetstream, {}, true, 6},
      {delivered, "throughput", "1x100", "msg/s", forwarder, {}, true, 1.4},
      {delivered, "throughput", "50x10 single messages", "msg/s", redis, {}, true, 1.0},
      {delivered, "throughput", "50x10 single messages", "msg/s", forwarder, {}, true, 0.9},
      {"acknowledged after fsync",
       "acks",
       "pipelined",
       "msg/s",
       peer_name(RedisAlways),
       {},
       true,
       4}};
  const char* replay = "replay to one console";
  targets.push_back({replay, "replay", "everything", "msg/s", redis, {}, true, 3});
  targets.push_back({replay, "replay", "everything", "msg/s", jetstream, {}, true, 5});
  targets.push_back({"stored, indexes and all",
                     "bytes",
                     "everything",
                     "bytes a message",
                     "",
                     {},
                     false,
                     160,
                     " bytes"});
  return targets;
}

std::vector<Target> latency_targets() {
  using enum PeerKind;
  const auto forwarder = peer_name(Forwarder);
  std::vector<Target> targets;
  const auto add = [&](const char* variant, double p50, double p99) {
    const char* text = "latency to 10 consoles";
    targets.push_back({text, "latency", variant, "p50 us", forwarder, {}, false, p50});
    targets.push_back({text, "latency", variant, "p99 us", forwarder, {}, false, p99});
  };
  add("1k/s, server on one core", 1.3, 1.5);
  add("10k/s, server on one core", 1.8, 1.5);
  add("50k/s, server on one core", 1.8, 2);
  targets.push_back({"latency to 10 consoles",
                     "latency",
                     "10k/s, on two cores",
                     "p50 us",
                     forwarder,
                     {},
                     false,
                     1.2});
  targets.push_back({"acknowledgement, 10 consoles",
                     "ack latency",
                     "1k/s",
                     "p50 us",
                     peer_name(RedisAlways),
                     {},
                     false,
                     1.3});
  targets.push_back(
      {"100 different areas", "areas", "100 areas, 10k/s", "p99 us", "", {}, false, 20'000, " us"});
  return targets;
}

std::vector<Target> hub_targets() {
  const std::string_view vigie = peer_name(PeerKind::Vigie);
  const char* stalled = "with a console that never reads";
  const char* reopen = "500 consoles, 10,000 units";
  std::vector<Target> targets{
      {"the others beside it", "stalled", stalled, "others' p50 us", vigie, "without", false, 1.2},
      {"the others beside it", "stalled", stalled, "others' p99 us", vigie, "without", false, 1.5},
      {"open again at once", "reopen", reopen, "all live s", "", {}, false, 5, " s"},
      {"open again at once", "reopen", reopen, "bystander's p99 us", "", {}, false, 50'000, " us"},
      {"a fix on the hot thread", "hot", "1000000 units", "ns a fix", vigie, "1000 units", false,
       2}};
  for (const char* fixes : {"2M fixes, 1000 units", "10M fixes, 1000 units"}) {
    for (const char* ready : {"ready after a clean stop, s", "ready after kill -9, s"}) {
      targets.push_back({"start-up", "start", fixes, ready, "", {}, false, 2, " s"});
    }
    for (const char* picture :
         {"slowest of 20 pictures by known time, ms", "slowest of 20 pictures by true time, ms"}) {
      targets.push_back({"past pictures", "start", fixes, picture, "", {}, false, 200, " ms"});
    }
  }
  return targets;
}

/// What a guarded hub does of what the plain one does beside it.
std::vector<Target> curve_targets() {
  const auto plain = peer_name(PeerKind::Vigie);
  const auto guarded = peer_name(PeerKind::VigieGuarded);
  std::vector<Target> targets;
  const auto add = [&](const char* variant, const char* figure, bool least, double bound) {
    targets.push_back({"encrypted, of what is plain",
                       "curve",
                       variant,
                       figure,
                       plain,
                       {},
                       least,
                       bound,
                       "x",
                       guarded});
  };
  add("1x1", "msg/s", true, 0);
  add("50x10", "msg/s", true, 0.5);
  add("1x10, heads", "msg/s", true, 0.5);
  add("1x10", "msg/s", true, 0.5);
  add("1x100", "msg/s", true, 0);
  add("1x10, heads", "hub's processor ns a delivery", false, 0);
  add("1x10, heads", "generator's processor ns a delivery", false, 0);
  add("1x10", "hub's processor ns a delivery", false, 0);
  add("1x10", "generator's processor ns a delivery", false, 0);
  add("10k/s, 10 consoles", "p50 us", false, 0);
  add("10k/s, 10 consoles", "p99 us", false, 0);
  return targets;
}

/// The same by I/O threads, and each number of them beside one.
std::vector<Target> curve_threads_targets() {
  const auto plain = peer_name(PeerKind::Vigie);
  const auto guarded = peer_name(PeerKind::VigieGuarded);
  std::vector<Target> targets;
  for (const char* shape : {"50x10", "1x10, heads"}) {
    const std::string one = fmt::format("{}, 1 I/O", shape);
    for (const int threads : {1, 2, 3}) {
      const std::string variant = fmt::format("{}, {} I/O", shape, threads);
      const auto add = [&](const char* text, std::string_view versus, const std::string& beside,
                           std::string_view who) {
        targets.push_back(
            {text, "curve_threads", variant, "msg/s", versus, beside, true, 0, "x", who});
      };
      add("encrypted, of what is plain", plain, {}, guarded);
      if (threads == 1) continue;
      add("plain, of what one thread does", plain, one, plain);
      add("encrypted, of what one thread does", guarded, one, guarded);
    }
  }
  return targets;
}

std::string wanted(const Target& target) {
  if (target.bound == 0) return "to be told";
  return fmt::format("{} {}{}", target.least ? "at least" : "at most", short_number(target.bound),
                     target.unit);
}

std::string row(const Report& report, const Target& target) {
  const double mine = report.median_of(target.measure, target.variant, target.who, target.figure);
  const std::string& other_variant =
      target.versus_variant.empty() ? target.variant : target.versus_variant;
  const double theirs = target.versus.empty() ? 0
                                              : report.median_of(target.measure, other_variant,
                                                                 target.versus, target.figure);
  if (mine == 0 || (!target.versus.empty() && theirs == 0)) return {};
  const double reached = target.versus.empty() ? mine : mine / theirs;
  const bool good =
      target.bound == 0 || (target.least ? reached >= target.bound : reached <= target.bound);
  const std::string against =
      target.versus.empty() ? "-"
      : target.versus_variant.empty()
          ? fmt::format("{}: {}", target.versus, short_number(theirs))
          : fmt::format("{}: {}", target.versus_variant, short_number(theirs));
  return fmt::format("| {}: {}, {} | {} | {}{}{} | {} | {} | {} |\n", target.text, target.variant,
                     target.figure, wanted(target), good ? "" : "**missed** ",
                     short_number(reached), target.unit, short_number(mine), against,
                     report.conditions(target.measure));
}

/// The stalled console's price in memory: what the hub grew by more than without it.
std::string stalled_row(const Report& report) {
  const std::string_view vigie = peer_name(PeerKind::Vigie);
  if (!report.has("stalled")) return {};
  const double with =
      report.median_of("stalled", "with a console that never reads", vigie, "RSS growth KiB");
  const double without = report.median_of("stalled", "without", vigie, "RSS growth KiB");
  constexpr double kBoundKiB = 1024 + 64;
  return fmt::format(
      "| a console that never reads: growth of the hub's RSS beyond that without it | at most {} "
      "KiB | {}{:.0f} KiB | {:.0f} KiB | without: {:.0f} KiB | {} |\n",
      kBoundKiB, with - without <= kBoundKiB ? "" : "**missed** ", with - without, with, without,
      report.conditions("stalled"));
}

}  // namespace

std::string targets_table(const Report& report) {
  std::string text =
      "| measure | target | reached | Vigie | beside it | window and pinning |\n"
      "| --- | --- | --- | ---: | --- | --- |\n";
  for (const auto& targets : {rate_targets(), curve_targets(), curve_threads_targets(),
                              latency_targets(), hub_targets()}) {
    for (const Target& target : targets) text += row(report, target);
  }
  return text + stalled_row(report);
}

}  // namespace vigie::bench
