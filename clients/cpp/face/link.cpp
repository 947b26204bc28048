#include "clients/cpp/face/link.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <random>
#include <zmq.hpp>

#include "clients/cpp/face/hub_key.h"

namespace vigie::client {
namespace {

/// Messages handed over in one turn, so that sending has its share.
constexpr int kMessagesATurn = 64;
/// What was sent last may still leave after the end.
constexpr int kLingerMs = 500;
/// Messages that may wait in the socket to be sent: batches are bounded by credit.
constexpr int kSendQueue = 256;

constexpr int kHandshakeFailed = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

std::string monitor_name(const void* owner, unsigned round) {
  return fmt::format("inproc://vigie-link-{}-{}", owner, round);
}

}  // namespace

Random system_random() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(),
                     device(), device(), device(), device()};
  return [engine = std::mt19937_64(seed)]() mutable { return engine(); };
}

class Link::Sockets {
 public:
  Sockets(std::string endpoint, LinkOptions options, std::size_t message_bytes_max, Random random)
      : endpoint_(std::move(endpoint)),
        options_(std::move(options)),
        message_bytes_max_(message_bytes_max),
        random_(std::move(random)),
        hub_key_(options_.identity, options_.on_warning),
        wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        context_(1) {}
  ~Sockets() {
    close();
    ::close(wake_);
  }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  Result<void> open();
  void close();
  Result<void> reconnect();
  void turn(std::int64_t wait_us, const Handler& handler);
  bool send(std::span<const std::byte> message);
  /// True once: the next connection is to be made with the hub's other key.
  bool take_other_key() { return std::exchange(other_key_, false); }
  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(wake_, &one, sizeof one);
  }

 private:
  void set_options(zmq::socket_t& socket);
  Result<void> set_keys(zmq::socket_t& socket);
  void turn_away(std::uint16_t event, const Handler& handler);
  void hear_monitor(const Handler& handler);
  void set_up(bool up, const Handler& handler);

  const std::string endpoint_;
  const LinkOptions options_;
  const std::size_t message_bytes_max_;
  const Random random_;
  HubKey hub_key_;
  const int wake_;
  zmq::context_t context_;
  std::optional<zmq::socket_t> dealer_;
  std::optional<zmq::socket_t> monitor_;
  unsigned round_ = 0;
  bool up_ = false;
  bool wants_room_ = false;
  bool was_cut_ = false;    // reconnect() ended a connection that was up
  bool other_key_ = false;  // the connection is to be tried with the hub's other key
};

void Link::Sockets::set_options(zmq::socket_t& socket) {
  namespace opt = zmq::sockopt;
  socket.set(opt::linger, kLingerMs);
  // Nothing is queued to a connection that is not there: what is not sent is known to be not sent.
  socket.set(opt::immediate, true);
  socket.set(opt::ipv6, true);
  socket.set(opt::sndhwm, kSendQueue);
  socket.set(opt::rcvhwm, 0);  // bounded by credit
  socket.set(opt::maxmsgsize, static_cast<std::int64_t>(message_bytes_max_));
  const auto first = static_cast<int>(options_.reconnect_ms);
  const int jitter = static_cast<int>(random_() % static_cast<std::uint64_t>(first / 2 + 1));
  socket.set(opt::reconnect_ivl, first - first / 4 + jitter);
  socket.set(opt::reconnect_ivl_max, static_cast<int>(options_.reconnect_ms_max));
  const auto beat = static_cast<int>(options_.heartbeat_ms);
  socket.set(opt::heartbeat_ivl, beat);
  socket.set(opt::heartbeat_timeout, 3 * beat);
  socket.set(opt::heartbeat_ttl, 4 * beat);
  socket.set(opt::tcp_keepalive, 1);
  socket.set(opt::tcp_keepalive_idle, 30);
  socket.set(opt::tcp_keepalive_intvl, 10);
  socket.set(opt::tcp_keepalive_cnt, 3);
}

Result<void> Link::Sockets::set_keys(zmq::socket_t& socket) {
  if (options_.identity.empty()) return {};
  const Result<KeyFile> file = hub_key_.read();
  if (!file) return file.fault();
  const auto hub_key = key_bytes(file->hub_key);
  const auto key = key_bytes(file->keys.key);
  zmq_setsockopt(socket.handle(), ZMQ_CURVE_SERVERKEY, hub_key->data(), hub_key->size());
  zmq_setsockopt(socket.handle(), ZMQ_CURVE_PUBLICKEY, key->data(), key->size());
  const auto secret = file->keys.secret.bytes();
  if (zmq_setsockopt(socket.handle(), ZMQ_CURVE_SECRETKEY, secret.data(), secret.size()) != 0) {
    return Fault{FaultCode::Internal, "this ZeroMQ can't encrypt"};
  }
  return {};
}

Result<void> Link::Sockets::open() {
  dealer_.emplace(context_, zmq::socket_type::dealer);
  set_options(*dealer_);
  if (Result<void> set = set_keys(*dealer_); !set) return set;
  const std::string name = monitor_name(this, ++round_);
  constexpr int kEvents = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | kHandshakeFailed;
  if (zmq_socket_monitor(dealer_->handle(), name.c_str(), kEvents) != 0) throw zmq::error_t();
  monitor_.emplace(context_, zmq::socket_type::pair);
  monitor_->set(zmq::sockopt::linger, 0);
  monitor_->connect(name);
  dealer_->connect(endpoint_);
  return {};
}

void Link::Sockets::close() {
  if (dealer_) zmq_socket_monitor(dealer_->handle(), nullptr, 0);
  monitor_.reset();
  dealer_.reset();
}

Result<void> Link::Sockets::reconnect() {
  was_cut_ = was_cut_ || up_;
  close();
  Result<void> opened = open();
  if (opened) return opened;
  // The key file can't be read now: nothing to connect with, and something to wait on.
  monitor_.emplace(context_, zmq::socket_type::pair);
  return opened;
}

void Link::Sockets::set_up(bool up, const Handler& handler) {
  if (up_ == up) return;
  up_ = up;
  (up ? handler.up : handler.down)();
}

void Link::Sockets::turn_away(std::uint16_t event, const Handler& handler) {
  // A hub that is about to go ends handshakes without a word, too, and one that has two keys those
  // that met the other one.
  if (event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL) {
    const HubKey::After after = hub_key_.failed();
    other_key_ = after == HubKey::After::Other;
    if (after != HubKey::After::Over) return;
  }
  if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
    hub_key_.worked();
    handler.turned_away(Refusal::Revoked,
                        fmt::format("the hub at {} does not know this key: it was revoked or "
                                    "replaced, has ended, or never was enrolled",
                                    endpoint_));
    return;
  }
  handler.turned_away(
      Refusal::NotReady,
      options_.identity.empty()
          ? fmt::format("the hub at {} asks who is there: an identity is needed", endpoint_)
          : fmt::format("the hub at {} has not the key that the identity {} is for: it has taken "
                        "another one since and the old one has ended (then join anew, with a code "
                        "of its administrator), or is another hub, or asks nobody who is there "
                        "(plain), or takes no more connections from here at present",
                        endpoint_, options_.identity));
}

void Link::Sockets::hear_monitor(const Handler& handler) {
  zmq::message_t event;
  zmq::message_t address;
  while (monitor_->recv(event, zmq::recv_flags::dontwait)) {
    [[maybe_unused]] const auto got = monitor_->recv(address);
    std::uint16_t kind = 0;
    std::memcpy(&kind, event.data(), sizeof kind);
    if ((kind & kHandshakeFailed) != 0) {
      turn_away(kind, handler);
      continue;
    }
    if (kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
      hub_key_.worked();
      other_key_ = false;
    }
    set_up(kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED, handler);
  }
}

bool Link::Sockets::send(std::span<const std::byte> message) {
  const auto sent =
      dealer_->send(zmq::buffer(message.data(), message.size()), zmq::send_flags::dontwait);
  wants_room_ = !sent;
  return sent.has_value();
}

void Link::Sockets::turn(std::int64_t wait_us, const Handler& handler) {
  if (std::exchange(was_cut_, false)) set_up(false, handler);
  const auto wanted = static_cast<short>(ZMQ_POLLIN | (wants_room_ && up_ ? ZMQ_POLLOUT : 0));
  std::array<zmq::pollitem_t, 3> polled{{{dealer_->handle(), 0, wanted, 0},
                                         {monitor_->handle(), 0, ZMQ_POLLIN, 0},
                                         {nullptr, wake_, ZMQ_POLLIN, 0}}};
  // Rounded up, so that a wake-up wanted in less than a millisecond does not spin.
  const std::int64_t wait_ms =
      wait_us == kNever ? -1 : (std::max<std::int64_t>(wait_us, 0) + 999) / 1000;
  constexpr std::int64_t kWaitMsMax = 3'600'000;
  zmq::poll(polled.data(), polled.size(), std::chrono::milliseconds(std::min(wait_ms, kWaitMsMax)));
  if ((polled[2].revents & ZMQ_POLLIN) != 0) {
    std::uint64_t woken = 0;
    [[maybe_unused]] const auto got = ::read(wake_, &woken, sizeof woken);
  }
  // Before the messages: what comes after a hub's return belongs to the new connection.
  hear_monitor(handler);
  zmq::message_t message;
  for (int i = 0; i < kMessagesATurn && dealer_->recv(message, zmq::recv_flags::dontwait); ++i) {
    const std::span bytes(static_cast<const std::byte*>(message.data()), message.size());
    hub_key_.hear(bytes);
    handler.message(bytes);
  }
}

Link::Link(std::unique_ptr<Sockets> sockets) : sockets_(std::move(sockets)) {}
Link::~Link() = default;

Result<std::unique_ptr<Link>> Link::open(const std::string& endpoint, const LinkOptions& options,
                                         std::size_t message_bytes_max, const Random& random) {
  try {
    auto sockets = std::make_unique<Sockets>(endpoint, options, message_bytes_max, random);
    if (Result<void> opened = sockets->open(); !opened) return opened.fault();
    return std::unique_ptr<Link>(new Link(std::move(sockets)));
  } catch (const zmq::error_t& error) {
    return Fault{FaultCode::Invalid,
                 fmt::format("cannot connect to {}: {}", endpoint, error.what())};
  }
}

void Link::turn(std::int64_t wait_us, const Handler& handler) {
  try {
    sockets_->turn(wait_us, handler);
  } catch (const zmq::error_t& error) {
    // An interrupted wait (a signal of the user's program) is no fault; the caller comes again.
    if (error.num() != EINTR) throw;
  }
  if (!sockets_->take_other_key()) return;
  if (const Result<void> made = reconnect(); !made) {
    handler.turned_away(Refusal::NotReady, made.fault().sentence);
  }
}

bool Link::send(std::span<const std::byte> message) {
  try {
    return sockets_->send(message);
  } catch (const zmq::error_t&) {
    return false;
  }
}

Result<void> Link::reconnect() {
  try {
    return sockets_->reconnect();
  } catch (const zmq::error_t& error) {
    return Fault{FaultCode::Io, fmt::format("cannot connect again: {}", error.what())};
  }
}

void Link::wake() const {
  sockets_->wake();
}

}  // namespace vigie::client
