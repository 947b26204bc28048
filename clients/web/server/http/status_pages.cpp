#include "clients/web/server/http/status_pages.h"

namespace vigie::web {
namespace {

Response text(int status, std::string body, std::string type = "text/plain; charset=utf-8") {
  Response response;
  response.status = status;
  response.headers = {{"Content-Type", std::move(type)}};
  response.body = std::move(body);
  return response;
}

}  // namespace

Response StatusPages::answer(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Response refused = problem(405, "method_unknown", "these pages are read: GET or HEAD");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  if (request.path == "/metrics") {
    return text(200, sources_.metrics(), "text/plain; version=0.0.4; charset=utf-8");
  }
  // Answered at all, the net thread turns.
  if (request.path == "/healthz") return text(200, "ok\n");
  if (request.path == "/readyz") {
    const std::string why = sources_.not_ready();
    return why.empty() ? text(200, "ready\n") : text(503, why + "\n");
  }
  return problem(404, "not_found", "there are /metrics, /healthz and /readyz");
}

void StatusPages::handle(std::shared_ptr<const Request> request, Respond respond) {
  respond(answer(*request));
}

std::variant<Response, std::unique_ptr<WebSocketUser>> StatusPages::accept(const Request&) {
  return problem(404, "not_found", "there is no WebSocket here");
}

}  // namespace vigie::web
