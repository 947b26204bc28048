// The CURVE that the generator speaks by hand, against a libzmq server: what passes, and what is
// refused by either side.

#include "tests/bench/zmtp.h"

#include <gmock/gmock.h>
#include <zmq.h>

#include <cstring>

namespace vigie::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kPatienceS = 20;

/// A ROUTER of libzmq on a loopback port.
class Server {
 public:
  Server() : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_ROUTER)) {
    const int on = 1;
    const int none = 0;
    const int patience_ms = static_cast<int>(kPatienceS * 1000);
    zmq_setsockopt(socket_, ZMQ_CURVE_SERVER, &on, sizeof on);
    zmq_setsockopt(socket_, ZMQ_CURVE_SECRETKEY, keys_.secret.bytes().data(), 32);
    zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
    EXPECT_EQ(zmq_bind(socket_, "tcp://127.0.0.1:*"), 0);
    char endpoint[128];
    std::size_t size = sizeof endpoint;
    zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, endpoint, &size);
    port_ = std::atoi(std::strrchr(endpoint, ':') + 1);
  }
  ~Server() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return port_; }
  const std::string& key() const { return keys_.key; }
  /// The next message; keeps who sent it.
  std::string receive() {
    peer_ = part();
    return part();
  }
  /// To whom the last message came from.
  void send(std::string_view body) {
    zmq_send(socket_, peer_.data(), peer_.size(), ZMQ_SNDMORE);
    zmq_send(socket_, body.data(), body.size(), 0);
  }

 private:
  std::string part() {
    zmq_msg_t message;
    zmq_msg_init(&message);
    EXPECT_GE(zmq_msg_recv(&message, socket_, 0), 0) << zmq_strerror(errno);
    std::string bytes(static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message));
    zmq_msg_close(&message);
    return bytes;
  }
  const KeyPair keys_ = make_key_pair();
  void* context_;
  void* socket_;
  int port_ = 0;
  std::string peer_;
};

class Client final : public ZmtpConnection {
 public:
  Client(Poller& poller, CurveKeys keys) : ZmtpConnection(poller, "DEALER", std::move(keys)) {}
  std::vector<std::string> got;

 private:
  void on_message(std::string_view body) override { got.emplace_back(body); }
};

class ZmtpTest : public testing::Test {
 protected:
  CurveKeys keys() const { return {make_key_pair(), server.key()}; }
  void begin(Client& client) { ASSERT_TRUE(client.begin(server.port(), kPatienceS)); }
  void begin_and_greet(Client& client) {
    begin(client);
    const auto greeted =
        step_until(poller, kPatienceS, "the handshake", [&] { return client.ready(); });
    ASSERT_TRUE(greeted) << greeted.fault().sentence;
  }
  /// What ended the conversation.
  std::string fault() {
    const auto waited = step_until(poller, kPatienceS, "an end", [] { return false; });
    poller.clear_fault();
    return waited.fault().sentence;
  }

  Server server;
  Poller poller;
};

TEST_F(ZmtpTest, messages_of_any_size_pass_both_ways_sealed) {
  Client client(poller, keys());
  begin_and_greet(client);
  // Around the sizes at which heads grow.
  for (const std::size_t bytes : {0, 1, 222, 223, 255, 256, 65'536, 300'000}) {
    const std::string body(bytes, 'v');
    client.append_message(body);
    client.flush();
    // The kernel takes large ones in pieces.
    const auto sent =
        step_until(poller, kPatienceS, "sending", [&] { return client.out().empty(); });
    ASSERT_TRUE(sent) << sent.fault().sentence;
    EXPECT_EQ(server.receive(), body);
    server.send(body);
    client.got.clear();
    const auto came =
        step_until(poller, kPatienceS, "the echo", [&] { return !client.got.empty(); });
    ASSERT_TRUE(came) << came.fault().sentence;
    EXPECT_THAT(client.got, ElementsAre(body));
  }
}

TEST_F(ZmtpTest, what_is_said_before_the_handshake_is_sent_after_it_in_order) {
  Client client(poller, keys());
  begin(client);
  client.append_message("one");
  client.append_message("two");
  EXPECT_THAT(client.out(), IsEmpty()) << "nothing is sent before it can be sealed";
  const auto greeted =
      step_until(poller, kPatienceS, "the handshake", [&] { return client.ready(); });
  ASSERT_TRUE(greeted) << greeted.fault().sentence;
  EXPECT_EQ(server.receive(), "one");
  EXPECT_EQ(server.receive(), "two");
}

TEST_F(ZmtpTest, a_client_that_takes_another_for_the_server_is_refused) {
  Client client(poller, {make_key_pair(), make_key_pair().key});
  begin(client);
  EXPECT_THAT(fault(), HasSubstr("closed"));
  EXPECT_FALSE(client.ready());
}

TEST_F(ZmtpTest, a_client_that_does_not_hold_the_secret_of_its_key_is_refused) {
  Client client(poller, {{make_key_pair().key, make_key_pair().secret}, server.key()});
  begin(client);
  EXPECT_THAT(fault(), HasSubstr("closed"));
  EXPECT_FALSE(client.ready());
}

TEST_F(ZmtpTest, a_key_that_is_none_is_refused_before_connecting) {
  Client client(poller, {make_key_pair(), "ab"});
  EXPECT_FALSE(client.begin(server.port(), kPatienceS));
}

TEST_F(ZmtpTest, the_server_refuses_a_message_of_which_one_bit_is_another) {
  constexpr std::string_view kSaid = "help";
  constexpr std::size_t kHead = 2;
  for (std::size_t bit = 0; bit < (kSaid.size() + CurveBox::kExtraBytes) * 8; ++bit) {
    Client client(poller, keys());
    begin_and_greet(client);
    client.append_message(kSaid);
    client.out()[kHead + bit / 8] ^= static_cast<char>(1 << bit % 8);
    client.flush();
    EXPECT_THAT(fault(), testing::AnyOf(HasSubstr("closed"), HasSubstr("reset"))) << "bit " << bit;
  }
  Client honest(poller, keys());
  begin_and_greet(honest);
  honest.append_message("the mark");
  honest.flush();
  EXPECT_EQ(server.receive(), "the mark") << "something came before it";
}

class CurveBoxTest : public testing::Test {
 protected:
  static std::string sealed_by(const CurveBox& box, std::uint64_t nonce) {
    std::string message;
    box.seal(message, nonce, 0, "text");
    return message;
  }
  const CurveBox::Key key{1, 2, 3};
  const CurveBox server{key, 'S', 'C'};
  CurveBox client{key, 'C', 'S'};
};

TEST_F(CurveBoxTest, a_message_of_which_one_bit_is_another_does_not_open) {
  const std::string message = sealed_by(server, 7);
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    std::string other = message;
    other[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(client.open(other)) << "bit " << bit;
  }
  const auto opened = client.open(message);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->body, "text");
  EXPECT_EQ(opened->flags, 0);
}

TEST_F(CurveBoxTest, a_message_that_is_cut_short_or_goes_on_does_not_open) {
  const std::string message = sealed_by(server, 7);
  for (std::size_t bytes = 0; bytes < message.size(); ++bytes) {
    EXPECT_FALSE(client.open(message.substr(0, bytes))) << bytes << " bytes";
  }
  EXPECT_FALSE(client.open(message + '\0'));
}

TEST_F(CurveBoxTest, a_message_that_came_before_does_not_open_again) {
  const std::string first = sealed_by(server, 7);
  const std::string second = sealed_by(server, 8);
  EXPECT_TRUE(client.open(first));
  EXPECT_FALSE(client.open(first));
  EXPECT_TRUE(client.open(second));
  EXPECT_FALSE(client.open(first));
}

TEST_F(CurveBoxTest, what_this_side_sealed_does_not_open_on_this_side) {
  EXPECT_FALSE(client.open(sealed_by(client, 7)));
}

}  // namespace
}  // namespace vigie::bench
