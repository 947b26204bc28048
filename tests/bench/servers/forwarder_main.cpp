// vigie-bench-forwarder PORT: a plain ZeroMQ forwarder. Publishers connect to PORT, subscribers to
// PORT+1; nothing is stored.

#include <fmt/format.h>

#include <cstdlib>
#include <zmq.hpp>

namespace {

/// Passes on what waits, up to a bound so that the other direction gets its turn.
void pass(zmq::socket_t& from, zmq::socket_t& to) {
  for (int i = 0; i < 1000; ++i) {
    zmq::message_t message;
    if (!from.recv(message, zmq::recv_flags::dontwait)) return;
    to.send(message, zmq::send_flags::none);
  }
}

void serve(int port) {
  zmq::context_t context(1);
  zmq::socket_t in(context, zmq::socket_type::xsub);
  zmq::socket_t out(context, zmq::socket_type::xpub);
  // Unbounded queues: the bench bounds what is under way, and a forwarder must lose nothing in it.
  in.set(zmq::sockopt::rcvhwm, 0);
  out.set(zmq::sockopt::sndhwm, 0);
  in.bind(fmt::format("tcp://127.0.0.1:{}", port));
  out.bind(fmt::format("tcp://127.0.0.1:{}", port + 1));
  for (;;) {
    zmq::pollitem_t items[] = {{in, 0, ZMQ_POLLIN, 0}, {out, 0, ZMQ_POLLIN, 0}};
    zmq::poll(items, 2, std::chrono::milliseconds(-1));
    if ((items[1].revents & ZMQ_POLLIN) != 0) pass(out, in);
    if ((items[0].revents & ZMQ_POLLIN) != 0) pass(in, out);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: vigie-bench-forwarder PORT\n");
    return 2;
  }
  try {
    serve(std::atoi(argv[1]));
  } catch (const zmq::error_t& error) {
    fmt::print(stderr, "zmq: {}\n", error.what());
    return 1;
  }
}
