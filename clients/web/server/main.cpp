// vigie-web: the wiring, from the socket to the hub. The order of destruction is the reverse of the
// order in which Serving's members stand.

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "clients/web/server/accounts/accounts.h"
#include "clients/web/server/accounts/commands.h"
#include "clients/web/server/api/router.h"
#include "clients/web/server/figures.h"
#include "clients/web/server/http/map_files.h"
#include "clients/web/server/http/page_files.h"
#include "clients/web/server/http/server.h"
#include "clients/web/server/http/status_pages.h"
#include "clients/web/server/live/watches.h"
#include "clients/web/server/ops/build.h"
#include "clients/web/server/ops/command_line.h"
#include "clients/web/server/ops/descriptors.h"
#include "clients/web/server/ops/metrics.h"
#include "clients/web/server/ops/net.h"
#include "clients/web/server/ops/notify.h"
#include "clients/web/server/ops/signals.h"
#include "schemas/keys/core_dumps.h"
#include "schemas/programs/log.h"

namespace {

using namespace vigie;       // NOLINT: a program's own file
using namespace vigie::web;  // NOLINT

/// Exit codes, as the README and --help say.
enum Exit { Well = 0, Failed = 1, Usage = 2 };

std::string program() {
  return "vigie-web " + version();
}

std::chrono::milliseconds in_ms(std::int64_t us) {
  return std::chrono::milliseconds(us / 1000);
}

std::chrono::seconds in_s(std::int64_t us) {
  return std::chrono::seconds(us / kMicrosecondsPerSecond);
}

HttpOptions http_options(const WebConfig& config, const ListenAddress& listen, const Log& log) {
  HttpOptions options;
  options.host = listen.host;
  options.port = listen.port;
  options.certificate = config.certificate;
  options.key = config.key;
  options.names = config.names;
  options.proxies = config.proxies;
  options.connections_max = config.connections;
  options.connections_per_address = config.connections_per_address;
  options.head_bytes_max = config.head_bytes;
  options.body_bytes_max = config.body_bytes;
  options.message_bytes_max = config.message_bytes;
  options.messages_per_second = config.messages_per_second;
  options.patience = in_ms(config.patience_us);
  options.idle = in_ms(config.idle_us);
  options.stalled = in_ms(config.stalled_us);
  options.warn = [log](std::string_view sentence) { log.warning(sentence); };
  return options;
}

/// The pages for whoever watches the server: plain, and few connections are enough.
HttpOptions pages_options(const WebConfig& config, const ListenAddress& listen, const Log& log) {
  HttpOptions options;
  options.host = listen.host;
  options.port = listen.port;
  options.names = config.names;
  options.connections_max = 64;
  options.connections_per_address = 64;
  options.body_bytes_max = 1024;
  options.warn = [log](std::string_view sentence) { log.warning(sentence); };
  return options;
}

AccountsOptions accounts_options(const WebConfig& config, const std::string& folder,
                                 const Log& log) {
  AccountsOptions options;
  options.folder = folder;
  options.open = config.open;
  options.identity = config.identity;
  options.base_url = config.base_url;
  options.program = program();
  options.idle = in_s(config.session_idle_us);
  options.absolute = in_s(config.session_length_us);
  options.link_valid = in_s(config.link_valid_us);
  options.audit = [log](const std::string& line) { log.info(line); };
  return options;
}

LiveOptions live_options(const WebConfig& config) {
  LiveOptions options;
  options.hub = config.hub;
  options.server = program();
  options.picture.ring_bytes_max = config.ring_bytes;
  options.picture.events_max = config.events_kept;
  options.picture.event_bytes_max = config.event_bytes;
  options.linger = in_ms(config.linger_us);
  options.watches_max = config.identities;
  options.browsers_max = config.browsers;
  options.browsers_per_account = config.browsers_per_account;
  options.catch_ups_max = config.catch_ups;
  options.replays_max = config.replays;
  options.replays_per_account = config.replays_per_account;
  options.deaf = in_ms(config.deaf_us);
  return options;
}

api::ApiOptions api_options(const WebConfig& config, const std::string& folder) {
  api::ApiOptions options;
  options.program = program();
  options.data_folder = folder;
  options.base_url = config.base_url;
  options.exports_max = config.exports;
  options.exports_per_viewer = config.exports_per_account;
  options.readings_max = config.readings;
  options.readings_per_viewer = config.readings_per_account;
  return options;
}

/// Everything of a running server.
class Serving {
 public:
  Serving(const WebConfig& config, const Log& log) : config_(config), log_(log) {}

  Result<void> open();
  void run();

 private:
  Result<void> open_files();
  Result<void> open_rooms(const std::string& folder);
  Result<void> open_listeners();
  void answer_file(std::shared_ptr<const Request> request, Respond respond);
  std::string metrics() const;
  void on_signal(int number);
  void stop();
  void watchdog();
  void tell_systemd(std::string_view state) const;

  const WebConfig& config_;
  const Log log_;
  const SystemClock clock_;
  Net net_;
  std::optional<PageFiles> page_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<Watches> watches_;
  std::unique_ptr<api::Router> router_;
  std::unique_ptr<MapFiles> maps_;
  std::unique_ptr<StatusPages> status_;
  std::unique_ptr<HttpServer> pages_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Net::Timer> watchdog_timer_;
  std::unique_ptr<Signals> signals_;
  bool stopping_ = false;
};

Result<void> Serving::open() {
  const Result<std::string> folder = data_folder(config_);
  if (!folder) return folder.fault();
  Result<void> done = open_files();
  if (done) done = open_rooms(*folder);
  if (done) done = open_listeners();
  return done;
}

Result<void> Serving::open_files() {
  const std::string folder = config_.page.empty() ? page_beside_program() : config_.page;
  if (folder.empty()) {
    log_.warning("there is no page beside the program: the API and the feed are served alone");
  } else {
    auto page = PageFiles::open(folder);
    if (!page) return page.fault();
    page_ = std::move(*page);
    log_.info("page", {{"folder", folder}, {"files", page_->count()}, {"bytes", page_->bytes()}});
  }
  auto maps = MapFiles::open(config_.maps);
  if (!maps) return maps.fault();
  maps_ = std::move(*maps);
  return {};
}

Result<void> Serving::open_rooms(const std::string& folder) {
  auto accounts =
      Accounts::open(net_, accounts_options(config_, folder, log_.in("accounts")), clock_);
  if (!accounts) return accounts.fault();
  accounts_ = std::move(*accounts);
  LiveOptions live = live_options(config_);
  live.revoked = [this](const std::string& path) { accounts_->identity_refused(path); };
  watches_ = std::make_unique<Watches>(std::move(live), net_, accounts_->gate(), clock_);
  api::RouterParts parts{
      .net = net_,
      .gate = accounts_->gate(),
      .watches = *watches_,
      .clock = clock_,
      .is_of_accounts = &Accounts::handles,
      .accounts = [this](auto request, auto respond) { accounts_->handle(request, respond); },
      .files = [this](auto request, auto respond) { answer_file(request, respond); },
      .http_counters = [this] { return server_ ? server_->counters() : HttpCounters{}; },
      .warn = [log = log_.in("api")](const std::string& sentence) { log.warning(sentence); }};
  auto router = api::Router::open(std::move(parts), api_options(config_, folder));
  if (!router) return router.fault();
  router_ = std::move(*router);
  return {};
}

Result<void> Serving::open_listeners() {
  const auto listen = parse_listen(config_.listen);
  if (!listen) return listen.fault();
  HttpOptions options = http_options(config_, *listen, log_.in("http"));
  const std::size_t granted = connections_granted();
  if (granted < options.connections_max) {
    log_.warning("fewer descriptors than http.connections needs: fewer connections are taken",
                 {{"wanted", options.connections_max}, {"taken", granted}});
    options.connections_max = granted;
  }
  auto server = HttpServer::open(net_, options, *router_);
  if (!server) return server.fault();
  server_ = std::move(*server);
  if (config_.metrics_listen.empty()) return {};
  const auto pages = parse_listen(config_.metrics_listen);
  if (!pages) return pages.fault();
  status_ = std::make_unique<StatusPages>(StatusPages::Sources{
      .metrics = [this] { return metrics(); },
      .not_ready = [this] { return stopping_ ? "the server is stopping" : ""; }});
  auto opened =
      HttpServer::open(net_, pages_options(config_, *pages, log_.in("metrics")), *status_);
  if (!opened) return opened.fault();
  pages_ = std::move(*opened);
  return {};
}

/// The user's maps are for those who are signed in; the page is for everybody who has to sign in.
void Serving::answer_file(std::shared_ptr<const Request> request, Respond respond) {
  if (MapFiles::handles(request->path)) {
    const auto viewer = accounts_->gate().viewer_of(*request);
    if (!viewer) return respond(problem(401, "not_signed_in", viewer.fault().sentence));
    return maps_->handle(std::move(request), std::move(respond));
  }
  if (page_) return respond(page_->page(*request));
  respond(problem(404, "no_page", "this server was started without the page; see the option page"));
}

std::string Serving::metrics() const {
  std::vector<Figure> all = figures_of(server_->counters(), watches_->counters(),
                                       accounts_->counters(), router_->counters());
  add_process_figures(all);
  return metrics_text(all);
}

void Serving::tell_systemd(std::string_view state) const {
  const Result<void> told = notify_systemd(state);
  if (!told) log_.warning(told.fault().sentence);
}

void Serving::watchdog() {
  const auto interval = watchdog_interval();
  if (interval.count() == 0) return;
  tell_systemd("WATCHDOG=1");
  watchdog_timer_->after(interval, [this] { watchdog(); });
}

void Serving::on_signal(int number) {
  if (number != SIGHUP) return stop();
  const Result<void> read = server_->reload();
  if (read) {
    log_.info("SIGHUP: the certificate was read anew");
  } else {
    log_.warning("SIGHUP: the certificate stays as it was: " + read.fault().sentence);
  }
}

/// Once: all answers out, browsers told to come back. Again: at once.
void Serving::stop() {
  if (stopping_) return net_.stop();
  stopping_ = true;
  tell_systemd("STOPPING=1");
  log_.info("stopping", {{"browsers", server_->counters().sockets_open}});
  server_->drain([this] { net_.stop(); });
}

void Serving::run() {
  signals_ = std::make_unique<Signals>(net_, [this](int number) { on_signal(number); });
  watchdog_timer_ = std::make_unique<Net::Timer>(net_);
  const auto listen = parse_listen(config_.listen);
  const std::string host =
      listen->host.find(':') == std::string::npos ? listen->host : "[" + listen->host + "]";
  if (config_.open) {
    log_.warning("open: everybody who reaches this address sees and sends without signing in");
  }
  const auto pages = parse_listen(config_.metrics_listen);
  if (pages && !is_loopback(pages->host)) {
    log_.warning("the metrics are shown to everybody who reaches them", {{"host", pages->host}});
  }
  log_.info("serving",
            {{"address", fmt::format("{}://{}:{}", config_.certificate.empty() ? "http" : "https",
                                     host, server_->port())},
             {"hub", config_.hub},
             {"metrics_port", pages_ ? pages_->port() : 0}});
  tell_systemd("READY=1");
  watchdog();
  net_.run();
}

int serve(const WebConfig& config, const Log& log) {
  Serving serving(config, log);
  const Result<void> opened = serving.open();
  if (!opened) {
    log.error(opened.fault().sentence);
    return opened.fault().code == FaultCode::Invalid ? Usage : Failed;
  }
  serving.run();
  log.info("stopped");
  return Well;
}

/// --check: the options were read; now the files that they name.
int check(const WebConfig& config) {
  std::vector<std::string> wrong;
  const auto listen = parse_listen(config.listen);
  const Result<void> http = HttpServer::check(http_options(config, *listen, Log()));
  if (!http) wrong.push_back(http.fault().sentence);
  if (!config.page.empty()) {
    const auto page = PageFiles::open(config.page);
    if (!page) wrong.push_back(page.fault().sentence);
  }
  const auto maps = MapFiles::open(config.maps);
  if (!maps) wrong.push_back(maps.fault().sentence);
  std::error_code error;
  if (!config.identity.empty() && !std::filesystem::is_regular_file(config.identity, error)) {
    wrong.push_back(fmt::format("identity '{}' is not a file", config.identity));
  }
  for (const std::string& sentence : wrong) std::fprintf(stderr, "%s\n", sentence.c_str());
  if (wrong.empty()) std::printf("the configuration is good\n");
  return wrong.empty() ? Well : Usage;
}

}  // namespace

int main(int argc, char** argv) {
  // Keys of identities are read and sessions' secrets kept.
  if (const auto kept = keep_out_of_core_dumps(); !kept) {
    std::fprintf(stderr, "%s\n", kept.fault().sentence.c_str());
    return Failed;
  }
  if (argc > 1 && std::string_view(argv[1]) == "account") {
    return run_account_command(argc - 1, argv + 1);
  }
  const Result<CommandLine> line =
      read_command_line({argv + 1, static_cast<std::size_t>(argc - 1)}, version());
  if (!line) {
    std::fprintf(stderr, "%s\n", line.fault().sentence.c_str());
    return Usage;
  }
  if (!line->run) {
    std::printf("%s\n", line->text.c_str());
    return Well;
  }
  if (line->check) return check(line->config);
  const Result<Log> log = Log::open(line->config.log);
  if (!log) {
    std::fprintf(stderr, "%s\n", log.fault().sentence.c_str());
    return Usage;
  }
  return serve(line->config, log->in("web"));
}
