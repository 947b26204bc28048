#pragma once
// ZAP (RFC 27): libzmq asks it about each connection before the connection may say anything. A
// thread of its own, so that neither the hot thread nor ZeroMQ's I/O threads wait for an answer.
// Made before the sockets that it guards are bound, destroyed after them.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "hub/ops/router_socket.h"

namespace vigie::ops {

/// Valid during the call.
struct ZapRequest {
  std::string_view address;    // of the peer, without its port; empty for a local socket
  std::string_view mechanism;  // "NULL", "PLAIN", "CURVE"
  std::string key;  // with CURVE the peer's public key, 64 hexadecimal digits; else empty
};

struct ZapReply {
  bool allowed = false;
  bool later = false;     // not allowed, but only now: the peer is not told that it never will be
  std::string user = {};  // becomes Received::user of all that the connection sends
};

class ZapServer {
 public:
  using Decide = std::function<ZapReply(const ZapRequest&)>;
  using Failed = std::function<void(std::string_view why)>;

  /// `decide` and `failed` run on the thread of this; they must not wait for anything. After
  /// `failed` nobody is answered any more.
  static Result<std::unique_ptr<ZapServer>> open(SocketContext& context, Decide decide,
                                                 Failed failed = {});
  ~ZapServer();
  ZapServer(const ZapServer&) = delete;
  ZapServer& operator=(const ZapServer&) = delete;

 private:
  ZapServer(void* socket, int wake, Decide decide, Failed failed);
  void run(const std::stop_token& stop);
  void answer();

  void* socket_;
  const int wake_;  // an eventfd that ends the wait
  const Decide decide_;
  const Failed failed_;
  std::jthread thread_;
};

}  // namespace vigie::ops
