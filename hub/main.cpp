// vigie-hub: the wiring, in the order in which a fix passes.

#include <unistd.h>

#include <cstdio>

#include "hub/ops/command_line.h"
#include "hub/ops/metrics.h"
#include "hub/ops/signals.h"
#include "hub/ops/status.h"
#include "hub/threads.h"
#include "schemas/programs/log.h"

namespace {

using namespace vigie;  // NOLINT: a program's own file

constexpr const char* kVersion = VIGIE_VERSION;

/// Exit codes, as the README and --help say.
enum Exit { Well = 0, Failed = 1, Usage = 2 };

int fail(const Log& log, const Fault& fault) {
  log.error(fault.sentence);
  return Failed;
}

/// Waits for a signal or for the hub's own failure. True for a signal.
bool wait_for_end(ops::StopSignals& signals, const HubThreads& threads) {
  ops::Poller poller;
  const std::size_t signal = poller.add(signals.descriptor());
  const std::size_t failure = poller.add(threads.failure_descriptor());
  while (!poller.readable(signal) && !poller.readable(failure)) poller.wait(-1);
  return poller.readable(signal);
}

/// What the configuration gives up, said before anyone is served.
void warn(const Log& log, const ops::HubConfig& config) {
  if (config.plain) {
    log.warning("plain: everybody who reaches this address publishes and sees everything",
                {{"host", config.host}});
  }
  const std::string pages = ops::status_host(config);
  if (config.status && !ops::is_loopback(pages)) {
    log.warning("everybody who reaches the HTTP pages is shown the figures; /status is not served",
                {{"host", pages}});
  }
  if (config.sync == ops::SyncWhen::Never) {
    log.warning("sync is off: a power cut loses what was acknowledged last");
  }
}

/// Null where the configuration wants none.
Result<std::unique_ptr<ops::StatusServer>> open_pages(const ops::HubConfig& config,
                                                      int publish_port, ops::Figures& figures,
                                                      const ops::Readiness& readiness,
                                                      const ops::Published<std::string>& status) {
  if (!config.status) return std::unique_ptr<ops::StatusServer>();
  const std::string host = ops::status_host(config);
  ops::StatusPages pages{.metrics = [&figures] { return ops::metrics_text(figures); },
                         .not_ready = [&readiness] { return readiness.against(); },
                         .status = {}};
  if (ops::is_loopback(host)) {
    pages.status = [&status] { return status.get() ? *status.get() : std::string(); };
  }
  return ops::StatusServer::open(
      {.host = host, .port = static_cast<std::uint16_t>(publish_port + 2)}, std::move(pages));
}

int run(const ops::HubConfig& config, const Log& log) {
  const SystemClock clock;
  Result<std::unique_ptr<ops::StopSignals>> signals = ops::StopSignals::open();
  if (!signals) return fail(log, signals.fault());
  FrontMail mail;
  ops::Figures figures;
  ops::add_process_figures(figures);
  ops::Readiness readiness;
  ops::Published<std::string> status;

  Result<std::unique_ptr<store::Store>> store =
      store::Store::open(store_options(config, clock), store_notices(mail));
  if (!store) return fail(log, store.fault());
  Picture picture;
  Ledger ledger;
  const std::int64_t started_us = clock.monotonic_us();
  const Result<void> recovered = (*store)->recover(picture, ledger);
  if (!recovered) return fail(log, recovered.fault());
  log.info("recovered",
           {{"entries", (*store)->recovery().last_seq},
            {"units", picture.units().size()},
            {"after_crash", (*store)->recovery().after_crash},
            {"seconds", static_cast<double>(clock.monotonic_us() - started_us) / 1e6}});

  ops::SocketContext context(config.io_threads);
  std::unique_ptr<Guard> guard;
  if (!config.plain) {
    auto opened = Guard::open(context, config, picture, clock, log, readiness, key_notices(mail));
    if (!opened) return fail(log, opened.fault());
    guard = std::move(*opened);
    guard->show(figures);
  }
  Result<HubSockets> sockets = HubSockets::open(context, config, guard.get());
  if (!sockets) return fail(log, sockets.fault());
  const std::string publish = sockets->publish->bound().front();
  const std::string listen = sockets->listen->bound().front();
  if (guard != nullptr) {
    const Result<void> checked = guard->check(context, {publish, listen});
    if (!checked) return fail(log, checked.fault());
  }
  auto pages = open_pages(config, sockets->publish->port(), figures, readiness, status);
  if (!pages) return fail(log, pages.fault());
  warn(log, config);

  auto keeper = Keeper::open(config, clock, log);
  if (!keeper) return fail(log, keeper.fault());

  bool well = true;
  std::uint64_t next_seq = 0;
  {
    HubThreads threads(config, std::move(*sockets), **store, mail, clock, figures, readiness,
                       status, log, std::move(picture), ledger, **keeper, guard.get());
    readiness.clear("starting");
    // Only now: who waits for this word may ask anything at once, the status page too.
    log.info("serving", {{"data", config.data},
                         {"publish", publish},
                         {"listen", listen},
                         {"status_port", *pages ? (*pages)->port() : 0}});
    const bool asked = wait_for_end(**signals, threads);
    readiness.set("stopping", "the hub is stopping");
    std::string why;
    well = threads.stop(why) && asked;
    if (!why.empty()) log.error("stopped without making everything durable", {{"why", why}});
    next_seq = threads.next_seq();
  }
  keeper->reset();
  pages->reset();
  figures.forget_asked();
  if (well) {
    const Result<void> closed = (*store)->close_clean(next_seq);
    if (!closed) return fail(log, closed.fault());
  }
  log.info("stopped", {{"clean", well}});
  return well ? Well : Failed;
}

}  // namespace

int main(int argc, char** argv) {
  const Result<ops::CommandLine> line =
      ops::read_command_line({argv + 1, static_cast<std::size_t>(argc - 1)}, kVersion);
  if (!line) {
    std::fprintf(stderr, "%s\n", line.fault().sentence.c_str());
    return Usage;
  }
  if (!line->run) {
    std::printf("%s\n", line->text.c_str());
    return Well;
  }
  const Result<Log> log = Log::open(line->config.log);
  if (!log) {
    std::fprintf(stderr, "%s\n", log.fault().sentence.c_str());
    return Usage;
  }
  return run(line->config, log->in("hub"));
}
