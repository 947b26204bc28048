// The ZeroMQ endpoint of many peers, spoken to by real sockets on loopback.

#include "hub/ops/router_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zmq.h>

#include <array>
#include <cstring>

#include "hub/ops/mailbox.h"
#include "tests/unit/support/temporary_folder.h"

namespace vigie::ops {
namespace {

using testing::HasSubstr;

constexpr long kPatienceMs = 60'000;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A client of the endpoint.
class Dealer {
 public:
  Dealer(SocketContext& context, const std::string& endpoint)
      : socket_(zmq_socket(context.handle(), ZMQ_DEALER)) {
    const int none = 0;
    const int patience = static_cast<int>(kPatienceMs);
    zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(zmq_connect(socket_, endpoint.c_str()), 0);
  }
  ~Dealer() { close(); }
  Dealer(const Dealer&) = delete;
  Dealer& operator=(const Dealer&) = delete;

  void close() {
    if (socket_ != nullptr) zmq_close(socket_);
    socket_ = nullptr;
  }
  void send(const std::string& text, int flags = 0) {
    zmq_send(socket_, text.data(), text.size(), flags);
  }
  std::string receive() {
    std::array<char, 1024> text{};
    const int got = zmq_recv(socket_, text.data(), text.size(), 0);
    return got < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(got));
  }

 private:
  void* socket_;
};

struct Router : testing::Test {
  std::unique_ptr<SocketContext> context = std::make_unique<SocketContext>(1);
  std::unique_ptr<RouterSocket> socket;

  void open(RouterOptions options = {}) {
    options.endpoints = {"tcp://127.0.0.1:0"};
    auto opened = RouterSocket::open(*context, options);
    ASSERT_TRUE(opened) << opened.fault().sentence;
    socket = std::move(*opened);
  }
  const std::string& endpoint() const { return socket->bound().front(); }

  /// Waits for one message; the peer's id goes to `peer`.
  std::string receive(PeerId* peer = nullptr) {
    Poller poller;
    const std::size_t place = poller.add(*socket);
    std::string text = "nothing";
    for (bool got = false; !got;) {
      poller.wait(kPatienceMs);
      if (!poller.readable(place)) return "nothing";
      socket->receive([&](const Received& received) {
        if (peer != nullptr) *peer = received.peer;
        text = text_of(received.bytes);
        got = true;
      });
    }
    return text;
  }
};

TEST_F(Router, a_message_comes_with_its_peer_and_the_answer_finds_the_way_back) {
  open();
  Dealer one(*context, endpoint());
  Dealer two(*context, endpoint());
  PeerId peer_one;
  PeerId peer_two;
  one.send("from one");
  EXPECT_EQ(receive(&peer_one), "from one");
  two.send("from two");
  EXPECT_EQ(receive(&peer_two), "from two");
  EXPECT_NE(peer_one, peer_two);
  EXPECT_EQ(socket->send(peer_two, bytes_of("to two")), Sent::Ok);
  EXPECT_EQ(socket->send(peer_one, bytes_of("to one")), Sent::Ok);
  EXPECT_EQ(one.receive(), "to one");
  EXPECT_EQ(two.receive(), "to two");
}

TEST_F(Router, shared_bytes_reach_several_peers_and_their_owner_is_let_go) {
  open();
  Dealer one(*context, endpoint());
  Dealer two(*context, endpoint());
  std::array<PeerId, 2> peers;
  one.send("a");
  receive(&peers[0]);
  two.send("b");
  receive(&peers[1]);
  auto owner = std::make_shared<const std::string>("a body that both get");
  const std::weak_ptr<const std::string> watched = owner;
  {
    const auto message = socket->share(owner, bytes_of(*owner));
    EXPECT_EQ(message->bytes(), owner->size());
    owner.reset();
    for (const PeerId& peer : peers) EXPECT_EQ(socket->send(peer, *message), Sent::Ok);
  }
  EXPECT_EQ(one.receive(), "a body that both get");
  EXPECT_EQ(two.receive(), "a body that both get");
  // The library lets go on its own thread, at the latest when the sockets are closed for good.
  one.close();
  two.close();
  socket.reset();
  context.reset();
  EXPECT_TRUE(watched.expired());
}

TEST_F(Router, a_message_of_several_parts_arrives_as_an_empty_one) {
  open();
  Dealer dealer(*context, endpoint());
  dealer.send("first", ZMQ_SNDMORE);
  dealer.send("second", ZMQ_SNDMORE);
  dealer.send("third");
  dealer.send("whole");
  EXPECT_EQ(receive(), "");
  EXPECT_EQ(receive(), "whole");
}

TEST_F(Router, a_message_beyond_the_bound_never_arrives_and_the_others_do) {
  open({.endpoints = {}, .message_bytes_max = 1000});
  Dealer greedy(*context, endpoint());
  Dealer modest(*context, endpoint());
  greedy.send(std::string(1001, 'x'));
  modest.send(std::string(1000, 'y'));
  EXPECT_EQ(receive(), std::string(1000, 'y'));
}

TEST_F(Router, a_peer_that_was_never_there_is_gone) {
  open();
  EXPECT_EQ(socket->send("nobody", bytes_of("x")), Sent::Gone);
}

TEST_F(Router, a_peer_that_left_is_gone) {
  open();
  Dealer dealer(*context, endpoint());
  PeerId peer;
  dealer.send("here");
  receive(&peer);
  dealer.close();
  Poller poller;
  poller.add(*socket);
  Sent sent = Sent::Ok;
  for (int i = 0; i < kPatienceMs && sent != Sent::Gone; ++i) {
    poller.wait(1);
    sent = socket->send(peer, bytes_of("are you there?"));
  }
  EXPECT_EQ(sent, Sent::Gone);
}

TEST_F(Router, a_peer_that_does_not_read_is_full_and_the_others_are_served) {
  open({.endpoints = {}, .send_queue_messages = 10});
  Dealer stalled(*context, endpoint());
  Dealer healthy(*context, endpoint());
  PeerId stalled_peer;
  PeerId healthy_peer;
  stalled.send("a");
  receive(&stalled_peer);
  healthy.send("b");
  receive(&healthy_peer);
  const std::string large(60'000, 'x');
  Sent sent = Sent::Ok;
  for (int i = 0; i < 100'000 && sent == Sent::Ok; ++i) {
    sent = socket->send(stalled_peer, bytes_of(large));
  }
  EXPECT_EQ(sent, Sent::Full);
  EXPECT_EQ(socket->send(healthy_peer, bytes_of("for you")), Sent::Ok);
  EXPECT_EQ(healthy.receive(), "for you");
}

TEST_F(Router, the_port_that_was_chosen_is_told_and_a_taken_one_is_a_fault) {
  open();
  EXPECT_GT(socket->port(), 1023);
  const auto second = RouterSocket::open(*context, {.endpoints = {endpoint()}});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.fault().code, FaultCode::Unavailable);
  EXPECT_THAT(second.fault().sentence, HasSubstr(endpoint()));
}

TEST_F(Router, only_tcp_and_ipc_are_served) {
  for (const char* endpoint : {"ws://127.0.0.1:0", "inproc://x", "udp://127.0.0.1:0", "x"}) {
    const auto refused = RouterSocket::open(*context, {.endpoints = {endpoint}});
    ASSERT_FALSE(refused) << endpoint;
    EXPECT_EQ(refused.fault().code, FaultCode::Invalid);
  }
}

TEST_F(Router, a_local_socket_is_served_beside_tcp) {
  const test::TemporaryFolder folder;
  const std::string path = "ipc://" + folder.file("socket");
  auto opened = RouterSocket::open(*context, {.endpoints = {path, "tcp://127.0.0.1:0"}});
  ASSERT_TRUE(opened) << opened.fault().sentence;
  socket = std::move(*opened);
  Dealer dealer(*context, path);
  dealer.send("locally");
  EXPECT_EQ(receive(), "locally");
  EXPECT_GT(socket->port(), 0);
}

TEST_F(Router, the_poller_waits_for_sockets_and_descriptors_that_are_enabled) {
  open();
  Mailbox<int> mailbox(1);
  Poller poller;
  const std::size_t for_socket = poller.add(*socket);
  const std::size_t for_mailbox = poller.add(mailbox.descriptor());
  poller.wait(0);
  EXPECT_FALSE(poller.readable(for_socket));
  EXPECT_FALSE(poller.readable(for_mailbox));

  EXPECT_TRUE(mailbox.post(1));
  poller.wait(kPatienceMs);
  EXPECT_TRUE(poller.readable(for_mailbox));
  mailbox.take_all();

  Dealer dealer(*context, endpoint());
  dealer.send("x");
  poller.wait(kPatienceMs);
  EXPECT_TRUE(poller.readable(for_socket));
  poller.enable(for_socket, false);
  poller.wait(0);
  EXPECT_FALSE(poller.readable(for_socket));
}

}  // namespace
}  // namespace vigie::ops
