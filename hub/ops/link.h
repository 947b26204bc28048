#pragma once
// How a room reaches its peers: an endpoint that many peers connect to. The real one is a ZeroMQ
// ROUTER (router_socket.h); the simulation brings its own. A link is used by one thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace vigie::ops {

/// A connection, named by the link; never reused while the link lives.
using PeerId = std::string;

/// A message that may be sent to many peers without copying its bytes.
class SharedMessage {
 public:
  virtual ~SharedMessage() = default;
  virtual std::size_t bytes() const = 0;
};

enum class Sent {
  Ok,
  Full,  // the peer's queue is full: try later
  Gone,  // there is no such peer any more
};

/// The connection below a peer, by which it can be cut. `cookie` is the kernel's own number of the
/// socket, never used twice: a descriptor that now is another's is told apart by it.
struct Origin {
  int descriptor = -1;
  std::uint64_t cookie = 0;
};

/// A message that came: from which connection, whose it is, and what. `user` is the public key that
/// the connection proved to hold, as 64 hexadecimal digits; empty where nobody is asked.
struct Received {
  std::string_view peer;
  std::string_view user;
  std::span<const std::byte> bytes;
  int descriptor = -1;  // of the connection; -1: not known
};

class Link {
 public:
  using Sink = std::function<void(const Received& received)>;
  virtual ~Link() = default;
  /// Makes a message of bytes that `owner` keeps alive and unchanged until the last peer has taken
  /// it.
  virtual std::shared_ptr<SharedMessage> share(std::shared_ptr<const void> owner,
                                               std::span<const std::byte> bytes) = 0;
  virtual Sent send(const PeerId& peer, SharedMessage& message) = 0;
  /// Copies the bytes.
  virtual Sent send(const PeerId& peer, std::span<const std::byte> bytes) = 0;
  /// Takes one message that waits; false when none does. The views are valid during the call of
  /// `sink`.
  virtual bool receive(const Sink& sink) = 0;
  /// Where a message came from. A system call: once a conversation, not for each message.
  virtual Origin origin(const Received& received) = 0;
  /// Where limits count the peer (connection.h); empty for a local one. No system call.
  virtual std::string address(const Received& received) = 0;
  /// Ends the connection, with what still waits to be sent on it; nothing when it is gone already.
  virtual void cut(const Origin& origin) = 0;
};

}  // namespace vigie::ops
