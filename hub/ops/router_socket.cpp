#include "hub/ops/router_socket.h"

#include <fmt/format.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "hub/ops/connection.h"
#include "hub/ops/door.h"

namespace vigie::ops {

/// A message part that closes itself.
class Part {
 public:
  Part() { zmq_msg_init(&part_); }
  ~Part() { zmq_msg_close(&part_); }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  zmq_msg_t* get() { return &part_; }
  bool more() { return zmq_msg_more(&part_) != 0; }
  std::span<const std::byte> bytes() {
    return {static_cast<const std::byte*>(zmq_msg_data(&part_)), zmq_msg_size(&part_)};
  }
  std::string_view text() {
    return {static_cast<const char*>(zmq_msg_data(&part_)), zmq_msg_size(&part_)};
  }
  /// Who the ZAP handler said it is; the payload's part alone tells (the id's loses it in 4.3.4).
  std::string_view user() {
    const char* user = zmq_msg_gets(&part_, "User-Id");
    return user == nullptr ? std::string_view() : std::string_view(user);
  }
  /// Where it came from, as libzmq tells it.
  std::string_view address() {
    const char* address = zmq_msg_gets(&part_, "Peer-Address");
    return address == nullptr ? std::string_view() : std::string_view(address);
  }
  int descriptor() { return zmq_msg_get(&part_, ZMQ_SRCFD); }

 private:
  zmq_msg_t part_;
};

namespace {

constexpr int kHandshakeMs = 4000;
constexpr int kHandshakeMsBehindDoor = 20'000;  // which has shorter ones of its own
constexpr int kHeartbeatMs = 5000;
constexpr int kHeartbeatTimeoutMs = 15000;
constexpr int kLingerMs = 500;  // the last acknowledgements of a stop

class ZmqMessage final : public SharedMessage {
 public:
  ZmqMessage(std::shared_ptr<const void> owner, std::span<const std::byte> bytes)
      : bytes_(bytes.size()) {
    auto* kept = new std::shared_ptr<const void>(std::move(owner));
    void* data = const_cast<std::byte*>(bytes.data());
    zmq_msg_init_data(&message_, data, bytes.size(), &release, kept);
  }
  ~ZmqMessage() override { zmq_msg_close(&message_); }
  ZmqMessage(const ZmqMessage&) = delete;
  ZmqMessage& operator=(const ZmqMessage&) = delete;
  std::size_t bytes() const override { return bytes_; }
  zmq_msg_t* get() { return &message_; }

 private:
  static void release(void*, void* kept) { delete static_cast<std::shared_ptr<const void>*>(kept); }
  zmq_msg_t message_;
  std::size_t bytes_;
};

template <typename Value>
void set(void* socket, int option, Value value) {
  zmq_setsockopt(socket, option, &value, sizeof value);
}

void set_options(void* socket, const RouterOptions& options) {
  set(socket, ZMQ_LINGER, kLingerMs);
  set(socket, ZMQ_ROUTER_MANDATORY, 1);
  set(socket, ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(options.message_bytes_max));
  set(socket, ZMQ_HANDSHAKE_IVL, options.door == nullptr ? kHandshakeMs : kHandshakeMsBehindDoor);
  set(socket, ZMQ_HEARTBEAT_IVL, kHeartbeatMs);
  set(socket, ZMQ_HEARTBEAT_TIMEOUT, kHeartbeatTimeoutMs);
  set(socket, ZMQ_HEARTBEAT_TTL, kHeartbeatTimeoutMs + kHeartbeatMs);
  set(socket, ZMQ_TCP_KEEPALIVE, 1);
  set(socket, ZMQ_BACKLOG, kListenBacklog);
  set(socket, ZMQ_SNDHWM, options.send_queue_messages);
  set(socket, ZMQ_RCVHWM, options.receive_queue_messages);
}

bool set_secret(void* socket, const Secret<32>& secret) {
  return zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret.bytes().data(), 32) == 0;
}

/// All of it or nothing: where one of these is missing, libzmq lets every key in.
bool set_curve(void* socket, const CurveServer& curve) {
  constexpr int kZapEnforceDomain = 93;  // its name is hidden in Debian's header, it works
  constexpr std::string_view kDomain = "vigie";
  const int on = 1;
  return zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on) == 0 &&
         set_secret(socket, curve.secret) &&
         zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, kDomain.data(), kDomain.size()) == 0 &&
         zmq_setsockopt(socket, kZapEnforceDomain, &on, sizeof on) == 0;
}

}  // namespace

SocketContext::SocketContext(int io_threads) : context_(zmq_ctx_new()) {
  if (context_ == nullptr) throw std::runtime_error("ZeroMQ gave no context");
  zmq_ctx_set(context_, ZMQ_IO_THREADS, io_threads);
  zmq_ctx_set(context_, ZMQ_MAX_SOCKETS, 1023);
}

SocketContext::~SocketContext() {
  zmq_ctx_term(context_);
}

Result<std::unique_ptr<RouterSocket>> RouterSocket::open(SocketContext& context,
                                                         const RouterOptions& options) {
  void* handle = zmq_socket(context.handle(), ZMQ_ROUTER);
  if (handle == nullptr) {
    return Fault{FaultCode::Internal, fmt::format("no socket: {}", zmq_strerror(errno))};
  }
  std::unique_ptr<RouterSocket> socket(new RouterSocket(handle, options.door));
  set_options(handle, options);
  if (options.curve && !set_curve(handle, *options.curve)) {
    return Fault{FaultCode::Internal,
                 fmt::format("this ZeroMQ can't encrypt: {}", zmq_strerror(errno))};
  }
  if (options.door != nullptr) {
    socket->door_number_ = options.door->watch(handle);
    if (socket->door_number_ == 0) {
      return Fault{FaultCode::Internal,
                   fmt::format("can't watch the connections: {}", zmq_strerror(errno))};
    }
  }
  for (const std::string& endpoint : options.endpoints) {
    if (!endpoint.starts_with("tcp://") && !endpoint.starts_with("ipc://")) {
      return Fault{FaultCode::Invalid,
                   fmt::format("endpoint '{}' is neither tcp:// nor ipc://", endpoint)};
    }
    Result<void> bound =
        options.curve ? socket->bind_keyed(endpoint, *options.curve) : socket->bind_plain(endpoint);
    if (!bound) return bound.fault();
    std::array<char, 512> last{};
    std::size_t size = last.size();
    zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, last.data(), &size);
    socket->bound_.emplace_back(last.data());
  }
  return socket;
}

Result<void> RouterSocket::bind_plain(const std::string& endpoint) {
  // Only where it is wanted: else a bound IPv4 address reads as a mapped one.
  set(socket_, ZMQ_IPV6, endpoint.find('[') == std::string::npos ? 0 : 1);
  if (zmq_bind(socket_, endpoint.c_str()) == 0) return {};
  return Fault{FaultCode::Unavailable,
               fmt::format("can't bind {}: {}", endpoint, zmq_strerror(errno))};
}

/// A listener reads the key when it is made.
Result<void> RouterSocket::bind_newest(KeyPort& port, const Secret<32>& secret) {
  set(socket_, ZMQ_USE_FD, port.newest());
  const bool bound = set_secret(socket_, secret) && zmq_bind(socket_, "tcp://127.0.0.1:0") == 0;
  const int why = errno;
  set(socket_, ZMQ_USE_FD, -1);
  if (bound) return {};
  port.drop_newest();
  return Fault{FaultCode::Unavailable, fmt::format("can't listen by a key: {}", zmq_strerror(why))};
}

Result<void> RouterSocket::bind_keyed(const std::string& endpoint, const CurveServer& curve) {
  if (!endpoint.starts_with("tcp://")) {
    set_secret(socket_, curve.old ? *curve.old : curve.secret);
    Result<void> bound = bind_plain(endpoint);
    set_secret(socket_, curve.secret);
    return bound;
  }
  set(socket_, ZMQ_IPV6, endpoint.find('[') == std::string::npos ? 0 : 1);
  Result<KeyPort> port = KeyPort::open(endpoint);
  if (!port) return port.fault();
  Result<void> done = bind_newest(*port, curve.old ? *curve.old : curve.secret);
  if (done && curve.old) {
    done = port->add();
    if (done) done = bind_newest(*port, curve.secret);
    if (done) done = port->share(2);
  }
  ports_.push_back(std::move(*port));
  return done;
}

Result<void> RouterSocket::add_key(const Secret<32>& secret, bool keep_old) {
  for (KeyPort& port : ports_) {
    Result<void> done = port.add();
    if (done) done = bind_newest(port, secret);
    if (done) done = port.share(keep_old ? 2 : 1);
    if (!done) return done;
  }
  set_secret(socket_, secret);
  return keep_old ? Result<void>() : end_old_keys();
}

Result<void> RouterSocket::end_old_keys() {
  for (const KeyPort& port : ports_) {
    if (Result<void> done = port.share(1); !done) return done;
  }
  // The path is taken over by a new listener; what came by the one before stays.
  for (const std::string& endpoint : bound_) {
    if (endpoint.starts_with("tcp://")) continue;
    if (Result<void> done = bind_plain(endpoint); !done) return done;
  }
  return {};
}

RouterSocket::~RouterSocket() {
  zmq_close(socket_);
}

int RouterSocket::port() const {
  for (const std::string& endpoint : bound_) {
    if (endpoint.starts_with("tcp://")) return std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
  }
  return 0;
}

std::shared_ptr<SharedMessage> RouterSocket::share(std::shared_ptr<const void> owner,
                                                   std::span<const std::byte> bytes) {
  return std::make_shared<ZmqMessage>(std::move(owner), bytes);
}

Sent RouterSocket::send_id(const PeerId& peer) {
  while (zmq_send(socket_, peer.data(), peer.size(), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
    if (errno == EAGAIN) return Sent::Full;
    if (errno != EINTR) return Sent::Gone;
  }
  return Sent::Ok;
}

Sent RouterSocket::send(const PeerId& peer, SharedMessage& message) {
  const Sent addressed = send_id(peer);
  if (addressed != Sent::Ok) return addressed;
  Part copy;
  zmq_msg_copy(copy.get(), static_cast<ZmqMessage&>(message).get());
  while (zmq_msg_send(copy.get(), socket_, ZMQ_DONTWAIT) < 0) {
    if (errno != EINTR) return Sent::Gone;
  }
  return Sent::Ok;
}

Sent RouterSocket::send(const PeerId& peer, std::span<const std::byte> bytes) {
  const Sent addressed = send_id(peer);
  if (addressed != Sent::Ok) return addressed;
  while (zmq_send(socket_, bytes.data(), bytes.size(), ZMQ_DONTWAIT) < 0) {
    if (errno != EINTR) return Sent::Gone;
  }
  return Sent::Ok;
}

bool RouterSocket::receive(const Sink& sink) {
  Part id;
  if (zmq_msg_recv(id.get(), socket_, ZMQ_DONTWAIT) < 0) return false;
  if (!id.more()) return true;
  Part payload;
  if (zmq_msg_recv(payload.get(), socket_, ZMQ_DONTWAIT) < 0) return true;
  if (payload.more()) {
    bool more = true;
    while (more) {
      Part rest;
      if (zmq_msg_recv(rest.get(), socket_, ZMQ_DONTWAIT) < 0) break;
      more = rest.more();
    }
    hand_on(payload, id.text(), {}, sink);
    return true;
  }
  hand_on(payload, id.text(), payload.bytes(), sink);
  return true;
}

void RouterSocket::hand_on(Part& payload, std::string_view peer, std::span<const std::byte> bytes,
                           const Sink& sink) {
  const Received received{
      .peer = peer, .user = payload.user(), .bytes = bytes, .descriptor = payload.descriptor()};
  reading_ = &payload;
  if (door_ != nullptr && door_->asks_whose(door_number_, received.descriptor)) {
    door_->tell_whose(door_number_, received.descriptor, received.user, address(received));
  }
  sink(received);
  reading_ = nullptr;
}

std::string RouterSocket::address(const Received&) {
  return reading_ == nullptr ? std::string() : counted_address(reading_->address());
}

Origin RouterSocket::origin(const Received& received) {
  return origin_of(received.descriptor);
}

void RouterSocket::cut(const Origin& origin) {
  cut_off(origin);
}

std::size_t Poller::add(const RouterSocket& socket) {
  items_.push_back({socket.handle(), -1, true, false});
  return items_.size() - 1;
}

std::size_t Poller::add(int descriptor) {
  items_.push_back({nullptr, descriptor, true, false});
  return items_.size() - 1;
}

void Poller::enable(std::size_t place, bool enabled) {
  items_[place].enabled = enabled;
}

void Poller::wait(long timeout_ms) {
  std::array<zmq_pollitem_t, 16> polled{};
  int count = 0;
  for (Item& item : items_) {
    item.readable = false;
    if (!item.enabled) continue;
    polled[static_cast<std::size_t>(count++)] = {item.socket, item.descriptor, ZMQ_POLLIN, 0};
  }
  if (zmq_poll(polled.data(), count, timeout_ms) <= 0) return;
  int at = 0;
  for (Item& item : items_) {
    if (!item.enabled) continue;
    item.readable = (polled[static_cast<std::size_t>(at++)].revents & ZMQ_POLLIN) != 0;
  }
}

bool Poller::readable(std::size_t place) const {
  return items_[place].readable;
}

}  // namespace vigie::ops
