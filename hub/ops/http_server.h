#pragma once
// A small HTTP/1.1 server for a few pages that are only read: one thread, bounded connections, a
// deadline for each request and each answer, one request a connection. It is ours because the
// servers in Debian either give a thread to each slow client, or take seconds to stop, or have no
// IPv6.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/ops/loop.h"
#include "schemas/words/result.h"
#include "schemas/words/times.h"

namespace vigie::ops {

struct HttpAnswer {
  int code = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body = {};
};

struct HttpOptions {
  std::string name = "http";  // of the thread
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;            // 0: any free one
  std::size_t connections_max = 64;  // beyond: the one that has waited longest is closed
  int patience_ms = 5000;            // for a request to arrive, and again for its answer to leave
};

class HttpServer {
 public:
  /// Answers GET and HEAD of a path (without what follows '?'). Called on the server's thread, one
  /// at a time; must be quick. What it throws becomes an answer 500.
  using Handler = std::function<HttpAnswer(const std::string& path)>;

  /// Fails with Unavailable when the address cannot be bound, naming it and why.
  static Result<std::unique_ptr<HttpServer>> open(const HttpOptions& options, Handler handler);
  /// Closes every connection at once.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  struct Connection;
  HttpServer(const HttpOptions& options, Handler handler);
  Result<void> listen();
  std::size_t step();
  int wait_ms(std::int64_t now_us) const;
  void accept_all(std::int64_t now_us);
  void serve(Connection& connection, std::int64_t now_us);
  void read_request(Connection& connection, std::int64_t now_us);
  void write_answer(Connection& connection);
  HttpAnswer answer(const std::string& method, const std::string& path) const;

  // Fixed after construction.
  const HttpOptions options_;
  const Handler handler_;
  const SystemClock clock_;
  int listening_ = -1;
  int wake_ = -1;
  std::uint16_t port_ = 0;
  // Owned by the loop's thread.
  std::vector<std::unique_ptr<Connection>> connections_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace vigie::ops
