#pragma once
// ZMTP 3.0 with the NULL mechanism or CURVE, spoken by hand (RFC 23 and 26 of rfc.zeromq.org), so
// that a hundred ZeroMQ clients in one thread cost no more than a hundred of any other protocol.

#include <optional>

#include "tests/bench/curve.h"
#include "tests/bench/poller.h"

namespace vigie::bench {

class ZmtpConnection : public Connection {
 public:
  /// `socket_type`: what this side says it is, such as "DEALER". `keys`: with whom it speaks CURVE;
  /// without, it speaks in clear.
  ZmtpConnection(Poller& poller, std::string_view socket_type, std::optional<CurveKeys> keys = {})
      : Connection(poller), socket_type_(socket_type), keys_(std::move(keys)) {}
  /// Connects and greets; ready() when the other side has greeted too.
  Result<void> begin(int port, double seconds, int receive_buffer = 0);
  bool ready() const { return ready_; }

  /// Appends one message of one part; flush() sends it, or the end of the greeting does: libzmq
  /// refuses a peer that sends before its own greeting is out.
  void append_message(std::string_view body);
  /// Appends the head of a message whose `bytes` the caller appends to out() itself. REQUIRES:
  /// ready(), and no keys.
  void append_head(std::size_t bytes) { append_head(0, bytes); }

 protected:
  /// One part of a message; valid during the call.
  virtual void on_message(std::string_view body) = 0;
  /// A long one that was sealed, where peeks() says so: its reader takes single places of it.
  virtual void on_peeked(const CurveBox::Peeked& /*body*/) {}
  virtual bool peeks() const { return false; }

 private:
  void on_bytes() final;
  bool on_greeting();
  void on_frame(unsigned char flags, std::string_view body);
  void on_handshake(std::string_view command);
  void on_sealed(std::string_view body);
  void on_ready();
  void on_command(std::string_view body);
  std::string metadata() const;
  void append_head(unsigned char flags, std::size_t bytes);
  void append_command(std::string_view body);
  void append_sealed(unsigned char flags, std::string_view body);
  std::string socket_type_;
  std::optional<CurveKeys> keys_;
  std::optional<CurveClient> curve_;
  std::vector<std::string> early_;  // messages appended before ready()
  bool greeted_ = false;
  bool ready_ = false;
};

}  // namespace vigie::bench
