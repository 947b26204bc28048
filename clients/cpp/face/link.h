#pragma once
// One connection to a hub's endpoint: a DEALER socket that comes back by itself, and tells when it
// is up and down. All of ZeroMQ that the library knows is in link.cpp. One thread, but for wake().

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "clients/cpp/core/chance.h"
#include "schemas/words/result.h"
#include "vigie/values.h"
#include "vigie/view.h"

namespace vigie::client {

class Link {
 public:
  struct Handler {
    std::function<void()> up;
    std::function<void()> down;
    std::function<void(std::span<const std::byte>)> message;
    /// The hub turned the connection away, and why, as far as can be known. It is not tried again
    /// before reconnect().
    std::function<void(Refusal code, const std::string& reason)> turned_away;
  };

  static Result<std::unique_ptr<Link>> open(const std::string& endpoint, const LinkOptions& options,
                                            std::size_t message_bytes_max, const Random& random);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Waits until something came, wake() was called, room to send was missing and is there, or
  /// `wait_us` is over; then hands over what came (a bounded number of messages).
  void turn(std::int64_t wait_us, const Handler& handler);
  /// Never waits. False: there is no room now (turn() ends when there is), or no connection.
  bool send(std::span<const std::byte> message);
  /// Ends the connection and makes it anew; `down` is told in the next turn.
  Result<void> reconnect();
  /// Any thread: ends a wait in turn().
  void wake() const;

 private:
  class Sockets;
  explicit Link(std::unique_ptr<Sockets> sockets);
  std::unique_ptr<Sockets> sockets_;
};

}  // namespace vigie::client
