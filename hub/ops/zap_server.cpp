#include "hub/ops/zap_server.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <vector>

#include "schemas/keys/key_pair.h"

namespace vigie::ops {
namespace {

constexpr const char* kEndpoint = "inproc://zeromq.zap.01";
constexpr std::size_t kKeyBytes = 32;
// Version, request id, domain, address, identity, mechanism; then what the mechanism brings.
constexpr std::size_t kAddress = 3;
constexpr std::size_t kMechanism = 5;
constexpr std::size_t kCredentials = 6;

using Frames = std::vector<std::string>;

/// A whole request; empty when none waits.
Frames take_request(void* socket) {
  Frames frames;
  bool more = true;
  while (more) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    if (zmq_msg_recv(&part, socket, frames.empty() ? ZMQ_DONTWAIT : 0) < 0) {
      zmq_msg_close(&part);
      return {};
    }
    frames.emplace_back(static_cast<const char*>(zmq_msg_data(&part)), zmq_msg_size(&part));
    more = zmq_msg_more(&part) != 0;
    zmq_msg_close(&part);
  }
  return frames;
}

void send_reply(void* socket, const Frames& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const int flags = i + 1 < frames.size() ? ZMQ_SNDMORE : 0;
    zmq_send(socket, frames[i].data(), frames[i].size(), flags);
  }
}

}  // namespace

Result<std::unique_ptr<ZapServer>> ZapServer::open(SocketContext& context, Decide decide,
                                                   Failed failed) {
  void* socket = zmq_socket(context.handle(), ZMQ_REP);
  if (socket == nullptr) {
    return Fault{FaultCode::Internal, fmt::format("no ZAP socket: {}", zmq_strerror(errno))};
  }
  const int linger = 0;
  zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
  if (zmq_bind(socket, kEndpoint) != 0) {
    const std::string why = zmq_strerror(errno);
    zmq_close(socket);
    return Fault{FaultCode::Unavailable, fmt::format("can't bind {}: {}", kEndpoint, why)};
  }
  const int wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return std::unique_ptr<ZapServer>(
      new ZapServer(socket, wake, std::move(decide), std::move(failed)));
}

ZapServer::ZapServer(void* socket, int wake, Decide decide, Failed failed)
    : socket_(socket),
      wake_(wake),
      decide_(std::move(decide)),
      failed_(std::move(failed)),
      thread_([this](const std::stop_token& s) {
        ::pthread_setname_np(::pthread_self(), "vigie-zap");
        run(s);
      }) {}

ZapServer::~ZapServer() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(wake_, &one, sizeof one);
  thread_.join();
  zmq_close(socket_);
  ::close(wake_);
}

void ZapServer::run(const std::stop_token& stop) {
  std::array<zmq_pollitem_t, 2> polled{
      {{socket_, 0, ZMQ_POLLIN, 0}, {nullptr, wake_, ZMQ_POLLIN, 0}}};
  while (!stop.stop_requested()) {
    if (zmq_poll(polled.data(), static_cast<int>(polled.size()), -1) < 0 && errno != EINTR) {
      if (failed_) failed_(zmq_strerror(errno));
      return;
    }
    if ((polled[0].revents & ZMQ_POLLIN) != 0) answer();
  }
}

void ZapServer::answer() {
  const Frames request = take_request(socket_);
  if (request.empty()) return;
  ZapReply reply;
  if (request.size() >= kCredentials && request[0] == "1.0") {
    ZapRequest asked{.address = request[kAddress], .mechanism = request[kMechanism], .key = {}};
    const bool has_key = asked.mechanism == "CURVE" && request.size() > kCredentials &&
                         request[kCredentials].size() == kKeyBytes;
    if (has_key) {
      asked.key = key_text(std::span<const unsigned char, kKeyBytes>(
          reinterpret_cast<const unsigned char*>(request[kCredentials].data()), kKeyBytes));
    }
    reply = decide_(asked);
  }
  const std::string id = request.size() > 1 ? request[1] : std::string();
  // RFC 27: 300 is an error that passes; libzmq ends the connection without a word.
  const char* const code = reply.allowed ? "200" : reply.later ? "300" : "400";
  const char* const text = reply.allowed ? "OK" : reply.later ? "later" : "unknown key";
  send_reply(socket_, {"1.0", id, code, text, reply.user, ""});
}

}  // namespace vigie::ops
