#pragma once
// A ZeroMQ ROUTER as a Link, with the settings that STACK asks of a server socket: bounded message
// size, handshake and heartbeats, routing ids chosen by the library, MANDATORY so that a gone peer
// is noticed. One thread owns it. One part a message; messages of another shape are dropped and
// counted.

#include <optional>
#include <vector>

#include "hub/ops/key_port.h"
#include "hub/ops/link.h"
#include "schemas/keys/key_pair.h"
#include "schemas/words/result.h"

namespace vigie::ops {

/// The process's ZeroMQ context. Outlives every socket made from it.
class SocketContext {
 public:
  explicit SocketContext(int io_threads);
  ~SocketContext();
  SocketContext(const SocketContext&) = delete;
  SocketContext& operator=(const SocketContext&) = delete;
  void* handle() const { return context_; }

 private:
  void* context_;
};

/// CURVE: connections are encrypted, and ZAP (zap_server.h) says who may come in.
/// With a second, older key both let in what ZAP lets in; a local socket (ipc) has one at a time,
/// and keeps the older one until it ends.
struct CurveServer {
  Secret<32> secret;
  std::optional<Secret<32>> old = {};
};

class Door;
class Part;

struct RouterOptions {
  std::vector<std::string> endpoints;  // tcp://HOST:PORT (PORT 0 or *: any free one) or ipc://PATH
  std::size_t message_bytes_max = 64 * 1024;
  int send_queue_messages = 64 * 1024;  // to one peer; the credit in bytes is the real bound
  int receive_queue_messages = 1000;
  std::optional<CurveServer> curve = {};  // absent: everybody may come in
  Door* door = nullptr;                   // lets connections on to their handshakes; null: all
};

class RouterSocket final : public Link {
 public:
  static Result<std::unique_ptr<RouterSocket>> open(SocketContext& context,
                                                    const RouterOptions& options);
  ~RouterSocket() override;
  std::shared_ptr<SharedMessage> share(std::shared_ptr<const void> owner,
                                       std::span<const std::byte> bytes) override;
  Sent send(const PeerId& peer, SharedMessage& message) override;
  Sent send(const PeerId& peer, std::span<const std::byte> bytes) override;
  bool receive(const Sink& sink) override;
  Origin origin(const Received& received) override;
  std::string address(const Received& received) override;
  void cut(const Origin& origin) override;
  /// Another server key: connections come in by it, and with `keep_old` by the newest one before,
  /// too. Connections that stand are left alone. REQUIRES: opened with CURVE.
  Result<void> add_key(const Secret<32>& secret, bool keep_old);
  /// From now on nobody comes in by a key before the newest.
  Result<void> end_old_keys();
  /// The endpoints as bound, with the ports that were chosen.
  const std::vector<std::string>& bound() const { return bound_; }
  /// The port of the first tcp endpoint; 0 when there is none.
  int port() const;
  void* handle() const { return socket_; }

 private:
  RouterSocket(void* socket, Door* door) : socket_(socket), door_(door) {}
  void hand_on(Part& payload, std::string_view peer, std::span<const std::byte> bytes,
               const Sink& sink);
  Sent send_id(const PeerId& peer);
  Result<void> bind_plain(const std::string& endpoint);
  Result<void> bind_keyed(const std::string& endpoint, const CurveServer& curve);
  Result<void> bind_newest(KeyPort& port, const Secret<32>& secret);
  void* socket_;
  Door* const door_;              // may be null
  std::uint8_t door_number_ = 0;  // of this socket, there
  Part* reading_ = nullptr;       // of the message that is being handed on
  std::vector<KeyPort> ports_;    // of tcp endpoints, with CURVE
  std::vector<std::string> bound_;
};

/// Waits until one of the sockets or file descriptors is readable, or the time is over.
class Poller {
 public:
  /// Both return the place for readable().
  std::size_t add(const RouterSocket& socket);
  std::size_t add(int descriptor);
  /// A socket that is not to be waited for at present (back-pressure).
  void enable(std::size_t place, bool enabled);
  void wait(long timeout_ms);
  bool readable(std::size_t place) const;

 private:
  struct Item {
    void* socket;
    int descriptor;
    bool enabled;
    bool readable;
  };
  std::vector<Item> items_;
};

}  // namespace vigie::ops
