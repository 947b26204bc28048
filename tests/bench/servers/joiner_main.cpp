// vigie-bench-joiner PORT FOLDER sync=always|sync=never: takes frames of messages on PORT (ROUTER),
// joins what waits into one body, sends it to all subscribers on PORT+1 (PUB), stores it in RocksDB
// beside that, and acknowledges to each publisher how many of its messages are stored. None of
// Vigie's checks, names, indexes or promises: the price of ZeroMQ and RocksDB alone.
//
// vigie-bench-joiner PORT FOLDER replay: pushes everything stored, in order, to a PULL on PORT.

#include <fmt/format.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <cstdlib>
#include <unordered_map>
#include <vector>
#include <zmq.hpp>

#include "tests/bench/servers/body_store.h"

namespace vigie::bench {
namespace {

constexpr std::size_t kMessageBytes = 128;
constexpr std::size_t kBodyBytes =
    std::size_t{128} * 1024;  // a body is closed when it is this large

/// A message of ZeroMQ's that shares the body instead of copying it.
zmq::message_t shared_message(const SharedBody& body) {
  auto* hold = new SharedBody(body);
  return zmq::message_t(
      const_cast<char*>(body->data()), body->size(),
      [](void*, void* hint) { delete static_cast<SharedBody*>(hint); }, hold);
}

class Joiner {
 public:
  Joiner(int port, const std::string& folder, bool synced)
      : in_(context_, zmq::socket_type::router),
        out_(context_, zmq::socket_type::pub),
        store_(folder, synced) {
    in_.set(zmq::sockopt::rcvhwm, 0);
    in_.set(zmq::sockopt::sndhwm, 0);
    out_.set(zmq::sockopt::sndhwm, 0);
    in_.bind(fmt::format("tcp://127.0.0.1:{}", port));
    out_.bind(fmt::format("tcp://127.0.0.1:{}", port + 1));
  }
  /// Until `stop_fd` can be read.
  void serve(int stop_fd) {
    for (;;) {
      zmq::pollitem_t items[] = {{in_, 0, ZMQ_POLLIN, 0},
                                 {nullptr, store_.signal_fd(), ZMQ_POLLIN, 0},
                                 {nullptr, stop_fd, ZMQ_POLLIN, 0}};
      zmq::poll(items, 3, std::chrono::milliseconds(-1));
      if ((items[2].revents & ZMQ_POLLIN) != 0) return;
      if ((items[0].revents & ZMQ_POLLIN) != 0) take_what_waits();
      if ((items[1].revents & ZMQ_POLLIN) != 0) acknowledge();
    }
  }

 private:
  struct Pending {
    std::vector<std::pair<std::string, std::uint64_t>> totals;  // by publisher, after this body
  };
  void take_what_waits() {
    auto body = std::make_shared<std::string>();
    Pending pending;
    while (body->size() < kBodyBytes) {
      zmq::message_t id;
      zmq::message_t frame;
      if (!in_.recv(id, zmq::recv_flags::dontwait)) break;
      if (!in_.recv(frame, zmq::recv_flags::none)) break;
      body->append(frame.data<char>(), frame.size());
      std::string name(id.data<char>(), id.size());
      const std::uint64_t total = totals_[name] += frame.size() / kMessageBytes;
      if (!pending.totals.empty() && pending.totals.back().first == name) {
        pending.totals.back().second = total;
      } else {
        pending.totals.emplace_back(std::move(name), total);
      }
    }
    if (body->empty()) return;
    const SharedBody closed = std::move(body);
    out_.send(shared_message(closed), zmq::send_flags::none);
    pending_.push_back(std::move(pending));
    store_.submit(closed);
  }
  void acknowledge() {
    eventfd_t count = 0;
    eventfd_read(store_.signal_fd(), &count);
    std::unordered_map<std::string, std::uint64_t> newest;
    for (const std::uint64_t committed = store_.committed(); acknowledged_ < committed;
         ++acknowledged_) {
      for (auto& [name, total] : pending_.front().totals) newest[name] = total;
      pending_.pop_front();
    }
    for (const auto& [name, total] : newest) {
      in_.send(zmq::const_buffer(name.data(), name.size()), zmq::send_flags::sndmore);
      in_.send(zmq::const_buffer(&total, sizeof total), zmq::send_flags::none);
    }
  }

  zmq::context_t context_{1};
  zmq::socket_t in_;
  zmq::socket_t out_;
  BodyStore store_;
  std::unordered_map<std::string, std::uint64_t> totals_;
  std::deque<Pending> pending_;
  std::uint64_t acknowledged_ = 0;
};

void replay(int port, const std::string& folder) {
  const BodyStore store(folder, false);
  zmq::context_t context(1);
  zmq::socket_t out(context, zmq::socket_type::push);
  out.set(zmq::sockopt::sndhwm, 64);
  out.bind(fmt::format("tcp://127.0.0.1:{}", port));
  store.scan([&](std::string_view body) {
    out.send(zmq::const_buffer(body.data(), body.size()), zmq::send_flags::none);
  });
}

}  // namespace
}  // namespace vigie::bench

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: vigie-bench-joiner PORT FOLDER sync=always|sync=never|replay\n");
    return 2;
  }
  const int port = std::atoi(argv[1]);
  const std::string_view mode = argv[3];
  try {
    if (mode == "replay") {
      vigie::bench::replay(port, argv[2]);
      return 0;
    }
    // Before any thread starts, so that all of them leave the signal to the descriptor.
    sigset_t stopping;
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGTERM);
    sigprocmask(SIG_BLOCK, &stopping, nullptr);
    const int stop_fd = signalfd(-1, &stopping, SFD_CLOEXEC);
    vigie::bench::Joiner(port, argv[2], mode == "sync=always").serve(stop_fd);
  } catch (const zmq::error_t& error) {
    fmt::print(stderr, "zmq: {}\n", error.what());
    return 1;
  }
}
