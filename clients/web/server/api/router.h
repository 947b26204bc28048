#pragma once
// The server's handler: who is it, and whose path is it? /api/v1 and /ogc are answered here, the
// feed's WebSocket by the live room, accounts by theirs, everything else by the page's files.
// Net thread; destroyed before the rooms it borrows, after Net::run() has returned.

#include <functional>
#include <memory>

#include "clients/web/server/api/api.h"
#include "clients/web/server/http/server.h"
#include "schemas/words/result.h"

namespace vigie::web::api {

using HandleRequest = std::function<void(std::shared_ptr<const Request>, Respond)>;

/// What the router stands between; all are borrowed.
struct RouterParts {
  Net& net;
  Gate& gate;
  Watches& watches;
  const Clock& clock;
  std::function<bool(std::string_view path)> is_of_accounts = {};
  HandleRequest accounts = {};
  HandleRequest files = {};
  std::function<HttpCounters()> http_counters = {};   // may be empty
  std::function<void(const std::string&)> warn = {};  // for the operator's log; any thread
};

struct ApiCounters {
  DeskCounters exports = {};
  DeskCounters readings = {};
  std::uint64_t sent_events = 0;
  std::uint64_t refused_events = 0;
  std::uint64_t not_signed_in = 0;
  std::uint64_t not_found = 0;
};

class Router final : public HttpHandler {
 public:
  /// Fails with Io when the folder of the spools can't be made.
  static Result<std::unique_ptr<Router>> open(RouterParts parts, ApiOptions options);
  ~Router() override;

  void handle(std::shared_ptr<const Request> request, Respond respond) override;
  std::variant<Response, std::unique_ptr<WebSocketUser>> accept(const Request& request) override;
  ApiCounters counters() const;

 private:
  class Inner;
  explicit Router(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace vigie::web::api
