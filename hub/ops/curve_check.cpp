#include "hub/ops/curve_check.h"

#include <fmt/format.h>
#include <zmq.h>

#include <cstring>

#include "schemas/keys/key_pair.h"

namespace vigie::ops {
namespace {

constexpr int kPatienceMs = 10'000;
constexpr int kHeard = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;

/// A socket that closes itself.
class Socket {
 public:
  Socket(SocketContext& context, int kind) : handle_(zmq_socket(context.handle(), kind)) {
    const int none = 0;
    zmq_setsockopt(handle_, ZMQ_LINGER, &none, sizeof none);
  }
  ~Socket() { zmq_close(handle_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  void* handle() const { return handle_; }
  bool set(int option, std::span<const unsigned char> value) {
    return zmq_setsockopt(handle_, option, value.data(), value.size()) == 0;
  }

 private:
  void* handle_;
};

/// What a client would connect to.
std::string reachable(std::string endpoint) {
  for (const auto& [any, loopback] :
       {std::pair{"//0.0.0.0:", "//127.0.0.1:"}, std::pair{"//[::]:", "//[::1]:"}}) {
    const std::size_t at = endpoint.find(any);
    if (at != std::string::npos) endpoint.replace(at, std::strlen(any), loopback);
  }
  return endpoint;
}

/// The first event of the monitor; 0 when none comes in time.
int first_event(void* monitor) {
  zmq_pollitem_t polled{monitor, 0, ZMQ_POLLIN, 0};
  if (zmq_poll(&polled, 1, kPatienceMs) <= 0) return 0;
  zmq_msg_t part;
  zmq_msg_init(&part);
  std::uint16_t event = 0;
  if (zmq_msg_recv(&part, monitor, 0) >= static_cast<int>(sizeof event)) {
    std::memcpy(&event, zmq_msg_data(&part), sizeof event);
  }
  zmq_msg_close(&part);
  return event;
}

}  // namespace

Result<void> check_refuses(SocketContext& context, std::string endpoint,
                           const std::string& server_key) {
  endpoint = reachable(std::move(endpoint));
  const auto server = key_bytes(server_key);
  if (!server) return server.fault();
  const KeyPair stranger = make_key_pair();
  Socket monitor(context, ZMQ_PAIR);
  Socket socket(context, ZMQ_DEALER);
  const int six = endpoint.find('[') == std::string::npos ? 0 : 1;
  zmq_setsockopt(socket.handle(), ZMQ_IPV6, &six, sizeof six);
  const auto key = key_bytes(stranger.key);
  const std::string watched = fmt::format("inproc://vigie-check-{}-{}", endpoint, server_key);
  const bool tried = socket.set(ZMQ_CURVE_SERVERKEY, *server) &&
                     socket.set(ZMQ_CURVE_PUBLICKEY, *key) &&
                     socket.set(ZMQ_CURVE_SECRETKEY, stranger.secret.bytes()) &&
                     zmq_socket_monitor(socket.handle(), watched.c_str(), kHeard) == 0 &&
                     zmq_connect(monitor.handle(), watched.c_str()) == 0 &&
                     zmq_connect(socket.handle(), endpoint.c_str()) == 0;
  if (!tried) {
    return Fault{FaultCode::Internal, fmt::format("can't try whether {} turns strangers away: {}",
                                                  endpoint, zmq_strerror(errno))};
  }
  const int event = first_event(monitor.handle());
  zmq_socket_monitor(socket.handle(), nullptr, 0);
  if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) return {};
  if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
    return Fault{
        FaultCode::Internal,
        fmt::format("{} lets a key in that nobody knows: this hub does not serve", endpoint)};
  }
  return Fault{FaultCode::Unavailable,
               fmt::format("{} did not say in time whether it turns strangers away", endpoint)};
}

}  // namespace vigie::ops
