#pragma once
// The hub's HTTP pages, for people, Prometheus and service managers. Read only.
//
//   GET /metrics   the figures in Prometheus' text form
//   GET /healthz   200 while the process runs and answers
//   GET /readyz    200 when it can serve, else 503 with the reasons
//   GET /status    what `vigie status` shows, as JSON; 503 before there is any
//
// A few threads of its own answer; a client that is slow to ask or to read is cut off after a
// bounded time and never touches the hub's other threads.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "schemas/words/result.h"

struct mg_context;

namespace vigie::ops {

/// What the pages say. Called on the server's threads, several at once; must be quick and must not
/// throw.
struct StatusPages {
  std::function<std::string()> metrics;
  /// Empty when ready, else why not (Readiness::against).
  std::function<std::string()> not_ready;
  /// A JSON document; empty: none yet.
  std::function<std::string()> status;
};

struct StatusOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 7702;  // 0: any free one
  int threads = 4;  // clients served at once; the next 16 wait their turn, more are refused
  int slow_client_ms = 3000;  // a request not yet read or an answer not yet taken is given up
};

class StatusServer {
 public:
  /// Fails with Unavailable when the address is taken or cannot be bound.
  static Result<std::unique_ptr<StatusServer>> open(const StatusOptions& options,
                                                    StatusPages pages);
  /// Stops answering and waits for the requests under way, at most about slow_client_ms.
  ~StatusServer();
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

  /// The port it serves on.
  std::uint16_t port() const { return port_; }

 private:
  StatusServer(StatusPages pages) : pages_(std::move(pages)) {}
  Result<void> start(const StatusOptions& options);

  StatusPages pages_;  // fixed after construction
  mg_context* server_ = nullptr;
  std::uint16_t port_ = 0;
};

}  // namespace vigie::ops
