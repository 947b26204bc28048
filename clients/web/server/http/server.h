#pragma once
// HTTP/1.1 and WebSocket over TCP or TLS (Boost.Beast and OpenSSL stay behind this header). Owns
// the listening socket and the connections, on the net thread. It checks what every request has to
// satisfy (limits, Host, Origin of WebSockets and of all but GET and HEAD), adds the headers that
// every answer bears (content-security policy and the like), and hands the rest to its handler.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clients/web/server/http/request.h"
#include "clients/web/server/http/response.h"
#include "clients/web/server/http/web_socket.h"
#include "clients/web/server/ops/net.h"
#include "schemas/words/result.h"

namespace vigie::web {

struct HttpOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 7780;     // 0: any free one
  std::string certificate = {};  // PEM files; both empty: no TLS
  std::string key = {};
  /// Names that browsers may call this server by, besides its address and localhost: HOST or
  /// HOST:PORT. A request with another Host is refused (DNS rebinding).
  std::vector<std::string> names = {};
  /// Addresses of proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host count.
  std::vector<std::string> proxies = {};
  std::size_t connections_max = 2048;
  std::size_t connections_per_address = 512;
  std::size_t head_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 256 * 1024;
  std::size_t message_bytes_max = 64 * 1024;  // of a WebSocket
  /// Of one WebSocket; more wait unread, which slows their sender down.
  std::size_t messages_per_second = 64;
  std::chrono::milliseconds patience{10'000};  // for a request to arrive, for a handshake
  std::chrono::milliseconds idle{60'000};      // between requests
  std::chrono::milliseconds stalled{30'000};   // a browser that takes nothing of an answer
  std::chrono::milliseconds close{2'000};
  /// How often the files of certificate and key are looked at; changed, they are read anew.
  std::chrono::milliseconds certificate_check{10'000};
  /// Told what an operator should know (a certificate that cannot be read anew, no descriptors
  /// left, a handler that threw). Net thread.
  std::function<void(std::string_view sentence)> warn = {};
};

/// Counted since the start; any thread may read a copy by HttpServer::counters() on the net thread.
struct HttpCounters {
  std::uint64_t connections = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t requests = 0;
  std::uint64_t refused_host = 0;
  std::uint64_t refused_origin = 0;
  std::uint64_t refused_malformed = 0;
  std::uint64_t refused_limit = 0;  // too many connections, too large
  std::uint64_t timed_out = 0;
  std::uint64_t sockets = 0;
  std::uint64_t sockets_open = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t failures = 0;  // handlers that threw or never answered
  std::uint64_t handshakes_failed = 0;
  std::uint64_t certificates = 0;  // read anew
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Net thread; must be quick, and may answer later.
  virtual void handle(std::shared_ptr<const Request> request, Respond respond) = 0;
  /// An upgrade to WebSocket with the subprotocols the browser offers; Origin was checked. The
  /// answer refuses it.
  virtual std::variant<Response, std::unique_ptr<WebSocketUser>> accept(const Request& request) = 0;
};

class HttpServer {
 public:
  /// Fails with Unavailable when the address can't be bound, Invalid or Io for certificate and key.
  static Result<std::unique_ptr<HttpServer>> open(Net& net, const HttpOptions& options,
                                                  HttpHandler& handler);
  /// Whether names, proxies, certificate and key can be used, without listening. Fails as open().
  static Result<void> check(const HttpOptions& options);
  /// Closes every connection. Net thread, or after Net::run() has returned.
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;
  virtual HttpCounters counters() const = 0;
  /// Takes no new connection, closes WebSockets with 1012, ends when all answers are out or
  /// `patience` is over. Calls `done` then.
  virtual void drain(std::function<void()> done) = 0;
  /// Reads certificate and key anew; new connections use them. On a fault the old ones stay.
  /// Without TLS it does nothing.
  virtual Result<void> reload() = 0;
};

}  // namespace vigie::web
