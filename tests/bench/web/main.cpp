// vigie-bench-web: many browsers' sockets in one process, and the source that moves the units, in
// another. Usually started by web_bench.py. Each prints one line of JSON at its end.

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "tests/bench/clock.h"
#include "tests/bench/vigie_publisher.h"
#include "tests/bench/web/days.h"
#include "tests/bench/web/session.h"
#include "tests/bench/web/source.h"

namespace vigie::bench {
namespace {

struct Settings {
  Server server = Server::Vigie;
  int port = 0;
  double seconds = 10;
  std::size_t units = 1000;
  // watch
  std::size_t sessions = 500;
  std::size_t stalled = 0;
  std::size_t own = 0;  // units of each session's own; 0: all
  std::uint64_t events_wanted = 0;
  double grace_seconds = 15;
  double sample_seconds = 0.5;
  double warm_seconds = 1;
  // publish
  double rate = 10'000;
  double event_rate = 10;
};

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

int failed(const Fault& fault) {
  fmt::print(stderr, "vigie-bench-web: {}\n", fault.sentence);
  return 1;
}

/// How old what each session shows is, looked at regularly: stalls are in it, whoever they meet.
struct Ages {
  Histogram ages = {};
  std::int64_t oldest_us = 0;
  std::uint64_t looks = 0;
  std::uint64_t missing = 0;  // units that a session never heard of

  /// `units`: so many should be known.
  void look(const Session& session, std::size_t units, std::int64_t at_us) {
    std::size_t known = 0;
    for (const std::int64_t newest_us : session.newest()) {
      if (newest_us == 0) continue;
      ++known;
      ages.add((at_us - newest_us) * 1000);
      oldest_us = std::max(oldest_us, at_us - newest_us);
    }
    missing += units - std::min(units, known);
  }
};

class Watching {
 public:
  explicit Watching(const Settings& settings) : settings_(settings) {}

  int run() {
    if (auto begun = open(); !begun) return failed(begun.fault());
    fmt::print("{{\"ready\":{}}}\n", sessions_.size());
    std::fflush(stdout);
    watch();
    tell();
    return 0;
  }

 private:
  Result<void> open() {
    for (std::size_t i = 0; i < settings_.sessions + settings_.stalled; ++i) {
      sessions_.push_back(make_session(settings_.server, poller_, tally_, i, own_of(i)));
      if (auto begun = sessions_.back()->begin(settings_.port, 20); !begun) return begun;
      if (i % 50 == 49) {
        if (auto opened = all_opened(); !opened) return opened;
      }
    }
    if (auto opened = all_opened(); !opened) return opened;
    for (std::size_t i = settings_.sessions; i < sessions_.size(); ++i) {
      sessions_[i]->set_reading(false);
    }
    return {};
  }

  /// Each another part of the units, as each looks at a valley of its own.
  std::vector<std::string> own_of(std::size_t session) const {
    std::vector<std::string> own;
    for (std::size_t i = 0; i < settings_.own; ++i) {
      own.push_back(unit_name((session * settings_.own + i) % settings_.units));
    }
    return own;
  }

  Result<void> all_opened() {
    return step_until(poller_, 30, "the sessions' opening", [&] {
      return std::all_of(sessions_.begin(), sessions_.end(),
                         [](const auto& session) { return session->opened(); });
    });
  }

  void watch() {
    const std::int64_t first_fix = wait_for_news();
    const std::int64_t warm = first_fix + ns(settings_.warm_seconds);
    const std::int64_t end = first_fix + ns(settings_.seconds);
    const std::int64_t last = end + ns(settings_.grace_seconds);
    std::int64_t next_look = warm;
    bool warming = true;
    while (!interrupted()) {
      const std::int64_t now = now_ns();
      if (now >= last || (now >= end && everything_came())) break;
      if (warming && now >= warm) {
        warming = false;
        tally_.latency.clear();
        cpu_before_ = cpu_seconds();
        began_ns_ = now;
      }
      // The source ends a little before: what has stopped moving is no older than its last fix.
      if (now >= next_look && now < end - ns(1)) {
        look();
        next_look = now_ns() + ns(settings_.sample_seconds);
      }
      poller_.step(5'000'000);
      note_fault();
    }
    ended_ns_ = now_ns();
  }

  static std::int64_t ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

  std::int64_t wait_for_news() {
    const std::uint64_t before = tally_.fixes;
    while (!interrupted() && tally_.fixes == before) {
      poller_.step(20'000'000);
      note_fault();
    }
    return now_ns();
  }

  /// A server that throws a session out is a result, not the end of the run.
  void note_fault() {
    if (auto state = poller_.state(); !state && !interrupted()) {
      if (first_fault_.empty()) first_fault_ = state.fault().sentence;
      poller_.clear_fault();
    }
  }

  bool everything_came() const {
    return std::all_of(sessions_.begin(), sessions_.begin() + static_cast<long>(settings_.sessions),
                       [&](const auto& session) {
                         return !session->open() || session->events() >= settings_.events_wanted;
                       });
  }

  void look() {
    const std::int64_t at_us = utc_us();
    for (std::size_t i = 0; i < settings_.sessions; ++i) {
      const std::size_t units = settings_.own == 0 ? settings_.units : settings_.own;
      if (sessions_[i]->open()) ages_.look(*sessions_[i], units, at_us);
    }
    ++ages_.looks;
  }

  void tell() const {
    std::uint64_t fewest = UINT64_MAX;
    std::uint64_t most = 0;
    std::size_t thrown_out = 0;
    for (std::size_t i = 0; i < settings_.sessions; ++i) {
      fewest = std::min(fewest, sessions_[i]->events());
      most = std::max(most, sessions_[i]->events());
      if (!sessions_[i]->open()) ++thrown_out;
    }
    const double seconds = static_cast<double>(ended_ns_ - began_ns_) / 1e9;
    fmt::print(
        "{{\"sessions\":{},\"seconds\":{:.2f},\"fixes\":{},\"conflated\":{},\"bytes\":{},"
        "\"messages\":{},\"latency_p50_ms\":{:.3f},\"latency_p99_ms\":{:.3f},"
        "\"age_p50_ms\":{:.1f},\"age_p99_ms\":{:.1f},\"age_max_ms\":{:.1f},\"looks\":{},"
        "\"missing_units\":{},\"events_fewest\":{},\"events_most\":{},\"events_out_of_order\":{},"
        "\"event_p99_ms\":{:.3f},\"thrown_out\":{},\"generator_busy\":{:.3f},\"fault\":\"{}\"}}\n",
        settings_.sessions, seconds, tally_.fixes, tally_.conflated, tally_.bytes, tally_.messages,
        tally_.latency.percentile_us(0.5) / 1e3, tally_.latency.percentile_us(0.99) / 1e3,
        ages_.ages.percentile_us(0.5) / 1e3, ages_.ages.percentile_us(0.99) / 1e3,
        static_cast<double>(ages_.oldest_us) / 1e3, ages_.looks, ages_.missing, fewest, most,
        tally_.out_of_order, tally_.event_latency.percentile_us(0.99) / 1e3, thrown_out,
        (cpu_seconds() - cpu_before_) / std::max(seconds, 0.001), first_fault_);
  }

  const Settings settings_;
  Poller poller_;
  Tally tally_;
  Ages ages_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::string first_fault_;
  double cpu_before_ = 0;
  std::int64_t began_ns_ = 0;
  std::int64_t ended_ns_ = 0;
};

int publish(const Settings& settings) {
  Poller poller;
  const auto source = make_source(settings.server, poller, settings.units);
  if (auto begun = source->begin(settings.port, 20); !begun) return failed(begun.fault());
  auto ready = step_until(poller, 20, "the server's welcome", [&] { return source->ready(); });
  if (!ready) return failed(ready.fault());
  const std::int64_t begin = now_ns();
  const auto total = static_cast<std::uint64_t>(settings.rate * settings.seconds);
  const auto events_total = static_cast<std::uint64_t>(settings.event_rate * settings.seconds);
  std::uint64_t sent = 0;
  std::uint64_t events = 0;
  while (sent < total || events < events_total) {
    const double passed = static_cast<double>(now_ns() - begin) / 1e9;
    if (passed > settings.seconds * 1.5) break;  // the server takes no more: said below
    const auto due = std::min(total, static_cast<std::uint64_t>(passed * settings.rate) + 1);
    if (due > sent) sent += source->publish(due - sent);
    if (events < events_total && passed * settings.event_rate >= static_cast<double>(events + 1)) {
      source->publish_event();
      ++events;
    }
    poller.step(1'000'000);
    if (auto state = poller.state(); !state) return failed(state.fault());
  }
  auto settled = step_until(poller, 20, "all to be taken", [&] { return source->settled(); });
  if (!settled) return failed(settled.fault());
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  fmt::print("{{\"published\":{},\"events\":{},\"seconds\":{:.2f},\"rate\":{:.0f}}}\n", sent,
             events, seconds, static_cast<double>(sent) / seconds);
  return 0;
}

int make(const Days& days) {
  const std::int64_t begin = now_ns();
  const auto made = make_days(days);
  if (!made) return failed(made.fault());
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  fmt::print("{{\"fixes\":{},\"events\":{},\"seconds\":{:.1f},\"rate\":{:.0f}}}\n", made->fixes,
             made->events, seconds, static_cast<double>(made->fixes) / seconds);
  return 0;
}

CLI::App* add_days(CLI::App& app, Days& days) {
  auto* const command = app.add_subcommand("days", "A recording of days, made in minutes");
  command->add_option("--port", days.port, "Of a hub that runs with vigie-bench-clock.so")
      ->required();
  command->add_option("--clock", days.clock_file, "The file that it reads its time of day from")
      ->required();
  command->add_option("--until-us", days.until_us, "The last fix, microseconds since 1970")
      ->required();
  command->add_option("--units", days.units, "Units that drive circles")->check(CLI::Range(1, 250));
  command->add_option("--every", days.every_s, "Seconds between two fixes of a unit")
      ->check(CLI::Range(1, 3600));
  command->add_option("--hours", days.hours, "How long it lasts")->check(CLI::Range(1, 24 * 31));
  return command;
}

}  // namespace
}  // namespace vigie::bench

int main(int argc, char** argv) {
  using vigie::bench::Server;
  vigie::bench::Settings settings;
  CLI::App app{
      "Loads a server with browsers' sockets, or with positions.\n"
      "Example: vigie-bench-web watch --port 7780 --sessions 500 --seconds 20 &\n"
      "         vigie-bench-web publish --port 7700 --rate 10000 --seconds 20"};
  app.require_subcommand(1);
  const std::map<std::string, Server> servers{
      {"vigie", Server::Vigie}, {"mqtt", Server::Mqtt}, {"nats", Server::Nats}};
  const auto common = [&](CLI::App* command) {
    command->add_option("--server", settings.server, "vigie, mqtt or nats")
        ->transform(CLI::CheckedTransformer(servers));
    command->add_option("--port", settings.port, "On 127.0.0.1")->required();
    command->add_option("--seconds", settings.seconds, "From the first position on");
    command->add_option("--units", settings.units, "Units, each in its turn");
  };
  auto* const watch = app.add_subcommand("watch", "Sessions that listen to everything");
  common(watch);
  watch->add_option("--sessions", settings.sessions, "Browsers that keep reading");
  watch->add_option("--stalled", settings.stalled, "More of them that stop reading once open");
  watch
      ->add_option("--own", settings.own,
                   "Units that each follows, of the rest it asks for a position each 10 s; 0: all")
      ->check(CLI::Range(0, 64));
  watch->add_option("--events", settings.events_wanted, "Ends when every session has so many");
  watch->add_option("--grace", settings.grace_seconds, "Seconds to wait for them beyond the end");
  auto* const publish = app.add_subcommand("publish", "Positions and events at a rate");
  common(publish);
  publish->add_option("--rate", settings.rate, "Positions a second");
  publish->add_option("--events-rate", settings.event_rate, "Events a second");
  vigie::bench::Days days;
  const auto* const make = vigie::bench::add_days(app, days);
  CLI11_PARSE(app, argc, argv);
  vigie::bench::catch_interrupts();
  prctl(PR_SET_TIMERSLACK, 1);
  if (*make) return vigie::bench::make(days);
  return *watch ? vigie::bench::Watching(settings).run() : vigie::bench::publish(settings);
}
