#include "hub/ops/status.h"

#include <civetweb.h>

#include <array>
#include <cstring>
#include <exception>

namespace vigie::ops {
namespace {

struct Answer {
  int code = 200;
  const char* type = "text/plain; charset=utf-8";
  std::string body;
};

const char* words_of(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 405:
      return "Method Not Allowed";
    case 500:
      return "Internal Server Error";
    default:
      return "Service Unavailable";
  }
}

int send(mg_connection* connection, const Answer& answer, bool with_body) {
  mg_printf(connection,
            "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
            "Cache-Control: no-store\r\nConnection: close\r\n%s\r\n",
            answer.code, words_of(answer.code), answer.type, answer.body.size(),
            answer.code == 405 ? "Allow: GET, HEAD\r\n" : "");
  if (with_body) mg_write(connection, answer.body.data(), answer.body.size());
  return answer.code;
}

template <Answer (*Make)(const StatusPages&)>
int handle(mg_connection* connection, void* pages) {
  const char* method = mg_get_request_info(connection)->request_method;
  const bool head = std::strcmp(method, "HEAD") == 0;
  if (!head && std::strcmp(method, "GET") != 0) {
    return send(connection, {405, "text/plain; charset=utf-8", "this page is only read\n"}, true);
  }
  try {
    return send(connection, Make(*static_cast<const StatusPages*>(pages)), !head);
  } catch (const std::exception& error) {
    return send(connection, {500, "text/plain; charset=utf-8", std::string(error.what()) + "\n"},
                !head);
  }
}

Answer metrics_page(const StatusPages& pages) {
  return {200, "text/plain; version=0.0.4; charset=utf-8", pages.metrics()};
}

Answer health_page(const StatusPages&) {
  return {200, "text/plain; charset=utf-8", "ok\n"};
}

Answer ready_page(const StatusPages& pages) {
  const std::string against = pages.not_ready();
  if (!against.empty()) return {503, "text/plain; charset=utf-8", against};
  return {200, "text/plain; charset=utf-8", "ready\n"};
}

Answer status_page(const StatusPages& pages) {
  std::string document = pages.status();
  if (document.empty()) return {503, "text/plain; charset=utf-8", "no status yet\n"};
  return {200, "application/json", std::move(document)};
}

/// The server's own file serving is not wanted: all other paths end here.
int handle_other(mg_connection* connection, void*) {
  mg_send_http_error(connection, 404, "%s", "pages: /metrics /healthz /readyz /status");
  return 404;
}

int be_quiet(const mg_connection*, const char*) {
  return 1;
}

std::string listening(const StatusOptions& options) {
  const bool six = options.host.find(':') != std::string::npos;
  return (six ? "[" + options.host + "]" : options.host) + ":" + std::to_string(options.port);
}

}  // namespace

Result<std::unique_ptr<StatusServer>> StatusServer::open(const StatusOptions& options,
                                                         StatusPages pages) {
  auto server = std::unique_ptr<StatusServer>(new StatusServer(std::move(pages)));
  const auto started = server->start(options);
  if (!started) return started.fault();
  return server;
}

Result<void> StatusServer::start(const StatusOptions& options) {
  const std::string ports = listening(options);
  const std::string threads = std::to_string(options.threads);
  const std::string patience = std::to_string(options.slow_client_ms);
  const std::array<const char*, 15> settings{"listening_ports",
                                             ports.c_str(),
                                             "num_threads",
                                             threads.c_str(),
                                             "request_timeout_ms",
                                             patience.c_str(),
                                             "enable_keep_alive",
                                             "no",
                                             "connection_queue",
                                             "16",
                                             "listen_backlog",
                                             "16",
                                             "max_request_size",
                                             "4096",
                                             nullptr};
  mg_callbacks callbacks{};
  callbacks.log_message = be_quiet;
  mg_init_library(0);
  std::array<char, 256> text{};
  unsigned code = 0;
  mg_init_data init{&callbacks, this, const_cast<const char**>(settings.data())};
  mg_error_data error{&code, text.data(), text.size()};
  server_ = mg_start2(&init, &error);
  std::array<mg_server_port, 1> bound{};
  if (server_ == nullptr || mg_get_server_ports(server_, 1, bound.data()) < 1) {
    return Fault{FaultCode::Unavailable,
                 "status pages cannot be served on " + ports + ": " + text.data()};
  }
  port_ = static_cast<std::uint16_t>(bound[0].port);
  StatusPages* const pages = &pages_;
  mg_set_request_handler(server_, "/", handle_other, nullptr);
  mg_set_request_handler(server_, "/metrics$", handle<metrics_page>, pages);
  mg_set_request_handler(server_, "/healthz$", handle<health_page>, pages);
  mg_set_request_handler(server_, "/readyz$", handle<ready_page>, pages);
  mg_set_request_handler(server_, "/status$", handle<status_page>, pages);
  return {};
}

StatusServer::~StatusServer() {
  if (server_ != nullptr) mg_stop(server_);
  mg_exit_library();
}

}  // namespace vigie::ops
