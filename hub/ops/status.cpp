#include "hub/ops/status.h"

namespace vigie::ops {
namespace {

HttpAnswer answer(const StatusPages& pages, const std::string& path) {
  HttpAnswer page;
  if (path == "/metrics") {
    page.type = "text/plain; version=0.0.4; charset=utf-8";
    page.body = pages.metrics();
  } else if (path == "/healthz") {
    page.body = "ok\n";
  } else if (path == "/readyz") {
    page.body = pages.not_ready();
    page.code = page.body.empty() ? 200 : 503;
    if (page.body.empty()) page.body = "ready\n";
  } else if (path == "/status" && !pages.status) {
    page.code = 403;
    page.body = "/status is served on loopback alone: it tells of who is here\n";
  } else if (path == "/status") {
    page.body = pages.status();
    page.code = page.body.empty() ? 503 : 200;
    if (page.body.empty()) {
      page.body = "no status yet\n";
    } else {
      page.type = "application/json";
    }
  } else {
    page.code = 404;
    page.body = "pages: /metrics /healthz /readyz /status\n";
  }
  return page;
}

}  // namespace

Result<std::unique_ptr<StatusServer>> StatusServer::open(const HttpOptions& options,
                                                         StatusPages pages) {
  auto server = HttpServer::open(
      options, [pages = std::move(pages)](const std::string& path) { return answer(pages, path); });
  if (!server) return server.fault();
  return std::unique_ptr<StatusServer>(new StatusServer(std::move(*server)));
}

}  // namespace vigie::ops
