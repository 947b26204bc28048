#include "tests/unit/clients/cpp/zmq_fake_hub.h"

#include <array>

namespace vigie::client {
namespace {

void send(zmq::socket_t& socket, const std::string& routing_id, const Message& message) {
  socket.send(zmq::buffer(routing_id), zmq::send_flags::sndmore);
  socket.send(zmq::buffer(message.data(), message.size()), zmq::send_flags::none);
}

}  // namespace

ZmqFakeHub::ZmqFakeHub() {
  for (std::uint16_t port = 21'700; port_ == 0; port = static_cast<std::uint16_t>(port + 2)) {
    try {
      bind(port);
      port_ = port;
    } catch (const zmq::error_t&) {
      continue;
    }
  }
  thread_ = std::thread([this] { run(); });
}

ZmqFakeHub::~ZmqFakeHub() {
  stop_ = true;
  thread_.join();
}

void ZmqFakeHub::bind(std::uint16_t port) {
  publish_.reset();
  listen_.reset();
  publish_.emplace(context_, zmq::socket_type::router);
  listen_.emplace(context_, zmq::socket_type::router);
  for (auto* socket : {&*publish_, &*listen_}) socket->set(zmq::sockopt::linger, 0);
  publish_->bind("tcp://127.0.0.1:" + std::to_string(port));
  listen_->bind("tcp://127.0.0.1:" + std::to_string(port + 1));
}

int ZmqFakeHub::peer(const std::string& routing_id) {
  const auto [found, fresh] = peers_.try_emplace(routing_id, static_cast<int>(peers_.size()) + 1);
  if (fresh) routing_ids_[found->second] = routing_id;
  return found->second;
}

void ZmqFakeHub::restart() {
  std::unique_lock lock(mutex_);
  const int wanted = ++restarts_wanted_;
  restarted_.wait(lock, [&] { return restarts_ >= wanted; });
}

void ZmqFakeHub::run() {
  while (!stop_) {
    if (restarts_wanted_ != restarts_) {
      publish_.reset();
      listen_.reset();
      hub_.crash();
      peers_.clear();
      routing_ids_.clear();
      bool bound = false;
      while (!bound) {
        try {
          bind(port_);
          bound = true;
        } catch (const zmq::error_t&) {  // the old sockets are still closing
        }
      }
      const std::lock_guard lock(mutex_);
      restarts_ = restarts_wanted_;
      restarted_.notify_all();
    }
    std::array<zmq::pollitem_t, 2> polled{
        {{publish_->handle(), 0, ZMQ_POLLIN, 0}, {listen_->handle(), 0, ZMQ_POLLIN, 0}}};
    zmq::poll(polled.data(), polled.size(), std::chrono::milliseconds(5));
    for (auto* socket : {&*publish_, &*listen_}) {
      zmq::message_t id;
      while (socket->recv(id, zmq::recv_flags::dontwait)) {
        zmq::message_t message;
        [[maybe_unused]] const auto got = socket->recv(message);
        const std::string routing_id = id.to_string();
        const int from = peer((socket == &*publish_ ? "p" : "l") + routing_id);
        const Bytes bytes(static_cast<const std::byte*>(message.data()), message.size());
        const auto answers =
            socket == &*publish_ ? hub_.on_publish(from, bytes) : hub_.on_listen(from, bytes);
        for (const Message& answer : answers) send(*socket, routing_id, answer);
      }
    }
    if (durable_) {
      for (const auto& [to, ack] : hub_.sync()) send(*publish_, routing_ids_[to].substr(1), ack);
    }
    for (const auto& [routing_id, to] : peers_) {
      for (const Message& frame : hub_.feed(to, false)) send(*listen_, routing_id.substr(1), frame);
    }
  }
}

}  // namespace vigie::client
