#pragma once
// A WebSocket client (RFC 6455) over the bench's connections: the handshake, frames in, masked
// frames out. It checks only what a measure stands on; the server under test is not an enemy.

#include <string>
#include <string_view>

#include "tests/bench/poller.h"

namespace vigie::bench {

class WebSocketClient : public Connection {
 public:
  /// `path` as in "/api/v1/feed"; `protocol`: the subprotocol, empty: none.
  WebSocketClient(Poller& poller, std::string path, std::string protocol)
      : Connection(poller), path_(std::move(path)), protocol_(std::move(protocol)) {}

  /// Connects and asks for the upgrade; ready() when the server agreed.
  Result<void> begin(int port, double seconds);
  bool ready() const { return ready_; }
  void send_message(std::string_view body, bool binary);

 protected:
  virtual void on_ready() = 0;
  /// A whole message; valid during the call.
  virtual void on_message(std::string_view body, bool binary) = 0;

 private:
  void on_bytes() final;
  bool read_handshake();
  bool read_frame();
  void on_frame(unsigned opcode, bool last, std::string_view body);
  void send_frame(unsigned opcode, std::string_view body);

  std::string path_;
  std::string protocol_;
  bool ready_ = false;
  std::string parts_;  // of a message that comes in several frames
  bool parts_binary_ = false;
};

}  // namespace vigie::bench
