#pragma once
// A client of a ROUTER that asks for keys, with or without some of its own, and what became of its
// handshake.

#include <zmq.h>

#include <algorithm>
#include <string>

#include "hub/ops/router_socket.h"
#include "schemas/keys/key_pair.h"

namespace vigie::test {

constexpr int kHandshakePatienceMs = 60'000;

class CurveClient {
 public:
  /// `keys` null: it speaks without encryption. `from`: the address it comes from, on loopback.
  CurveClient(ops::SocketContext& context, const std::string& endpoint, const std::string& hub_key,
              const KeyPair* keys, const std::string& from = {})
      : socket_(zmq_socket(context.handle(), ZMQ_DEALER)),
        monitor_(zmq_socket(context.handle(), ZMQ_PAIR)) {
    const int none = 0;
    zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(monitor_, ZMQ_LINGER, &none, sizeof none);
    if (keys != nullptr) {
      zmq_setsockopt(socket_, ZMQ_CURVE_SERVERKEY, key_bytes(hub_key)->data(), 32);
      zmq_setsockopt(socket_, ZMQ_CURVE_PUBLICKEY, key_bytes(keys->key)->data(), 32);
      zmq_setsockopt(socket_, ZMQ_CURVE_SECRETKEY, keys->secret.bytes().data(), 32);
    }
    const std::string watched = "inproc://watch-" + std::to_string(++made_);
    zmq_socket_monitor(socket_, watched.c_str(),
                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                           ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED);
    zmq_connect(monitor_, watched.c_str());
    const std::string target =
        from.empty() ? endpoint : "tcp://" + from + ":0;" + endpoint.substr(6);
    zmq_connect(socket_, target.c_str());
  }
  ~CurveClient() {
    zmq_socket_monitor(socket_, nullptr, 0);
    zmq_close(socket_);
    zmq_close(monitor_);
  }
  CurveClient(const CurveClient&) = delete;
  CurveClient& operator=(const CurveClient&) = delete;

  bool comes_in() { return next_event() == ZMQ_EVENT_HANDSHAKE_SUCCEEDED; }
  /// Whatever is tried in vain before: it connects again by itself.
  bool comes_in_at_last() {
    for (int event = next_event(); event != 0; event = next_event()) {
      if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) return true;
    }
    return false;
  }
  /// 0 when none comes.
  int next_event() {
    zmq_pollitem_t polled{monitor_, 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&polled, 1, kHandshakePatienceMs) <= 0) return 0;
    return take_event();
  }
  /// Of those that are there; 0: none.
  int take_event() {
    std::uint16_t event = 0;
    if (zmq_recv(monitor_, &event, sizeof event, ZMQ_DONTWAIT) < 0) return 0;
    zmq_recv(monitor_, nullptr, 0, 0);  // the address
    return event;
  }
  void send(const std::string& text) { zmq_send(socket_, text.data(), text.size(), 0); }
  /// Empty when nothing comes.
  std::string receive() {
    zmq_pollitem_t polled{socket_, 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&polled, 1, kHandshakePatienceMs) <= 0) return {};
    std::string text(1024, '\0');
    const int got = zmq_recv(socket_, text.data(), text.size(), 0);
    text.resize(got < 0 ? 0 : std::min(text.size(), static_cast<std::size_t>(got)));
    return text;
  }

 private:
  static inline int made_ = 0;
  void* socket_;
  void* monitor_;
};

}  // namespace vigie::test
