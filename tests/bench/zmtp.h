#pragma once
// ZMTP 3.0 with the NULL mechanism, spoken by hand (RFC 23 of rfc.zeromq.org), so that a hundred
// ZeroMQ clients in one thread cost no more than a hundred of any other protocol.

#include "tests/bench/poller.h"

namespace vigie::bench {

class ZmtpConnection : public Connection {
 public:
  /// `socket_type`: what this side says it is, such as "DEALER".
  ZmtpConnection(Poller& poller, std::string_view socket_type)
      : Connection(poller), socket_type_(socket_type) {}
  /// Connects and greets; ready() when the other side has greeted too.
  Result<void> begin(int port, double seconds, int receive_buffer = 0);
  bool ready() const { return ready_; }

  /// Appends one message of one part; flush() sends it, or the end of the greeting does: libzmq
  /// refuses a peer that sends before its own greeting is out.
  void append_message(std::string_view body);
  /// Appends the head of a message whose `bytes` the caller appends to out() itself. REQUIRES:
  /// ready().
  void append_head(std::size_t bytes) { append_head(out(), bytes); }

 protected:
  /// One part of a message; valid during the call.
  virtual void on_message(std::string_view body) = 0;

 private:
  void on_bytes() final;
  bool on_greeting();
  void on_command(std::string_view body);
  static void append_head(std::string& to, std::size_t bytes);
  std::string socket_type_;
  std::string early_;  // messages appended before ready()
  bool greeted_ = false;
  bool ready_ = false;
};

}  // namespace vigie::bench
