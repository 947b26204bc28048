#pragma once
// What is told to whoever watches the server: /metrics, /healthz and /readyz, on a listener of
// their own, because they ask nobody who they are. Net thread.

#include <functional>
#include <string>

#include "clients/web/server/http/server.h"

namespace vigie::web {

class StatusPages final : public HttpHandler {
 public:
  struct Sources {
    std::function<std::string()> metrics = {};    // Prometheus' text
    std::function<std::string()> not_ready = {};  // empty: ready; else why not
  };
  explicit StatusPages(Sources sources) : sources_(std::move(sources)) {}

  void handle(std::shared_ptr<const Request> request, Respond respond) override;
  std::variant<Response, std::unique_ptr<WebSocketUser>> accept(const Request& request) override;

 private:
  Response answer(const Request& request) const;
  Sources sources_;
};

}  // namespace vigie::web
