// vigie-hub: the wiring, in the order in which a fix passes.

#include <unistd.h>

#include <cstdio>

#include "hub/ops/command_line.h"
#include "hub/ops/log.h"
#include "hub/ops/metrics.h"
#include "hub/ops/signals.h"
#include "hub/ops/status.h"
#include "hub/threads.h"

namespace {

using namespace vigie;  // NOLINT: a program's own file

constexpr const char* kVersion = VIGIE_VERSION;

/// Exit codes, as the README and --help say.
enum Exit { Well = 0, Failed = 1, Usage = 2 };

int fail(const ops::Log& log, const Fault& fault) {
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
void warn(const ops::Log& log, const ops::HubConfig& config) {
  if (!ops::is_loopback(config.host)) {
    log.warning("anyone who reaches this address can read and publish everything",
                {{"host", config.host}});
  }
  if (config.sync == ops::SyncWhen::Never) {
    log.warning("sync is off: a power cut loses what was acknowledged last");
  }
}

int run(const ops::HubConfig& config, const ops::Log& log) {
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
  Result<HubSockets> sockets = HubSockets::open(context, config);
  if (!sockets) return fail(log, sockets.fault());
  std::unique_ptr<ops::StatusServer> pages;
  if (config.status) {
    const auto port = static_cast<std::uint16_t>(sockets->publish->port() + 2);
    Result<std::unique_ptr<ops::StatusServer>> opened = ops::StatusServer::open(
        {.host = config.host, .port = port},
        {.metrics = [&figures] { return ops::metrics_text(figures); },
         .not_ready = [&readiness] { return readiness.against(); },
         .status = [&status] { return status.get() ? *status.get() : std::string(); }});
    if (!opened) return fail(log, opened.fault());
    pages = std::move(*opened);
  }
  warn(log, config);
  const std::string publish = sockets->publish->bound().front();
  const std::string listen = sockets->listen->bound().front();

  bool well = true;
  std::uint64_t next_seq = 0;
  {
    HubThreads threads(config, std::move(*sockets), **store, mail, clock, figures, readiness,
                       status, log, std::move(picture), ledger);
    readiness.clear("starting");
    // Only now: who waits for this word may ask anything at once, the status page too.
    log.info("serving", {{"data", config.data},
                         {"publish", publish},
                         {"listen", listen},
                         {"status_port", pages ? pages->port() : 0}});
    const bool asked = wait_for_end(**signals, threads);
    readiness.set("stopping", "the hub is stopping");
    std::string why;
    well = threads.stop(why) && asked;
    if (!why.empty()) log.error("stopped without making everything durable", {{"why", why}});
    next_seq = threads.next_seq();
  }
  pages.reset();
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
  const Result<ops::Log> log = ops::Log::open(line->config.log);
  if (!log) {
    std::fprintf(stderr, "%s\n", log.fault().sentence.c_str());
    return Usage;
  }
  return run(line->config, log->in("hub"));
}
