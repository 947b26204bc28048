#pragma once
// The hub's HTTP pages, for people, Prometheus and service managers. Read only.
//
//   GET /metrics   the figures in Prometheus' text form
//   GET /healthz   200 while the process runs and answers
//   GET /readyz    200 when it can serve, else 503 with the reasons, one a line
//   GET /status    what `vigie status` shows, as JSON; 503 before there is any, 403 where the pages
//                  are served beyond loopback
//
// One thread of its own answers. A client that is slow to ask or to read holds nobody up and is cut
// off.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "hub/ops/http_server.h"

namespace vigie::ops {

/// What the pages say. Called on the server's thread, one at a time; must be quick and must be safe
/// there.
struct StatusPages {
  std::function<std::string()> metrics;
  /// Empty when ready, else why not (Readiness::against).
  std::function<std::string()> not_ready;
  /// A JSON document; empty: none yet. No function: the page is not served.
  std::function<std::string()> status;
};

class StatusServer {
 public:
  /// Serves the pages until it is destroyed. Fails as HttpServer::open does.
  static Result<std::unique_ptr<StatusServer>> open(const HttpOptions& options, StatusPages pages);
  std::uint16_t port() const { return server_->port(); }

 private:
  explicit StatusServer(std::unique_ptr<HttpServer> server) : server_(std::move(server)) {}
  std::unique_ptr<HttpServer> server_;
};

}  // namespace vigie::ops
