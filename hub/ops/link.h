#pragma once
// How a room reaches its peers: an endpoint that many peers connect to. The real one is a ZeroMQ
// ROUTER (router_socket.h); the simulation brings its own. A link is used by one thread.

#include <cstddef>
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

class Link {
 public:
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
  virtual bool receive(
      const std::function<void(std::string_view peer, std::span<const std::byte> bytes)>& sink) = 0;
};

}  // namespace vigie::ops
