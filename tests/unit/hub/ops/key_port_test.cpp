// More than one server key on one port: real sockets, real CURVE handshakes.

#include "hub/ops/key_port.h"

#include <gmock/gmock.h>
#include <unistd.h>
#include <zmq.h>

#include <atomic>

#include "hub/ops/curve_check.h"
#include "hub/ops/zap_server.h"
#include "tests/unit/support/temporary_folder.h"

namespace vigie::ops {
namespace {

using testing::HasSubstr;

constexpr int kPatienceMs = 60'000;
/// By then one of two keys was met, but for once in 2^40 times.
constexpr int kTries = 40;
const KeyPair kClient = make_key_pair();

/// A client that wants a hub with a certain key, and comes again until it is in or has tried often
/// enough.
class Client {
 public:
  Client(SocketContext& context, const std::string& endpoint, const KeyPair& hub)
      : socket_(zmq_socket(context.handle(), ZMQ_DEALER)),
        monitor_(zmq_socket(context.handle(), ZMQ_PAIR)) {
    const int none = 0;
    const int soon_ms = 5;
    const int six = endpoint.find('[') == std::string::npos ? 0 : 1;
    zmq_setsockopt(socket_, ZMQ_IPV6, &six, sizeof six);
    zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(monitor_, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(socket_, ZMQ_RECONNECT_IVL, &soon_ms, sizeof soon_ms);
    zmq_setsockopt(socket_, ZMQ_CURVE_SERVERKEY, key_bytes(hub.key)->data(), 32);
    zmq_setsockopt(socket_, ZMQ_CURVE_PUBLICKEY, key_bytes(kClient.key)->data(), 32);
    zmq_setsockopt(socket_, ZMQ_CURVE_SECRETKEY, kClient.secret.bytes().data(), 32);
    static std::atomic<int> made{0};
    const std::string watched = "inproc://key-port-" + std::to_string(++made);
    zmq_socket_monitor(socket_, watched.c_str(),
                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                           ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    zmq_connect(monitor_, watched.c_str());
    zmq_connect(socket_, endpoint.c_str());
    for (tries_ = 1; tries_ <= kTries && !in_; ++tries_) {
      in_ = next_event() == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    }
  }
  ~Client() {
    zmq_socket_monitor(socket_, nullptr, 0);
    zmq_close(socket_);
    zmq_close(monitor_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool is_in() const { return in_; }
  void send() { zmq_send(socket_, "here", 4, 0); }

 private:
  int next_event() {
    zmq_pollitem_t polled{monitor_, 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&polled, 1, kPatienceMs) <= 0) return 0;
    std::uint16_t event = 0;
    zmq_recv(monitor_, &event, sizeof event, 0);
    zmq_recv(monitor_, nullptr, 0, 0);  // the address
    return event;
  }
  void* socket_;
  void* monitor_;
  int tries_ = 0;
  bool in_ = false;
};

struct Keys : testing::Test {
  SocketContext context{1};
  std::unique_ptr<ZapServer> zap;
  std::unique_ptr<RouterSocket> socket;
  const KeyPair first = make_key_pair();
  const KeyPair second = make_key_pair();
  const KeyPair third = make_key_pair();

  void SetUp() override {
    auto opened = ZapServer::open(context, [](const ZapRequest& asked) {
      return ZapReply{.allowed = asked.key == kClient.key, .user = asked.key};
    });
    ASSERT_TRUE(opened) << opened.fault().sentence;
    zap = std::move(*opened);
  }
  void open(CurveServer curve, std::vector<std::string> endpoints = {"tcp://127.0.0.1:*"}) {
    RouterOptions options{.endpoints = std::move(endpoints)};
    options.curve = std::move(curve);
    auto opened = RouterSocket::open(context, options);
    ASSERT_TRUE(opened) << opened.fault().sentence;
    socket = std::move(*opened);
  }
  const std::string& endpoint() const { return socket->bound().front(); }
  bool comes_in(const KeyPair& hub) { return Client(context, endpoint(), hub).is_in(); }
  bool is_heard(Client& client) {
    client.send();
    Poller poller;
    const std::size_t place = poller.add(*socket);
    poller.wait(kPatienceMs);
    return poller.readable(place) && socket->receive([](const Received&) {});
  }
};

TEST_F(Keys, of_before_and_now_both_let_in_and_a_third_does_not) {
  open({.secret = first.secret});
  EXPECT_TRUE(comes_in(first));
  EXPECT_FALSE(comes_in(second));
  const auto added = socket->add_key(second.secret, true);
  ASSERT_TRUE(added) << added.fault().sentence;
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(comes_in(first));
    EXPECT_TRUE(comes_in(second));
  }
  EXPECT_FALSE(comes_in(third));
}

TEST_F(Keys, of_before_end_and_connections_that_came_by_them_stay) {
  open({.secret = first.secret});
  Client early(context, endpoint(), first);
  ASSERT_TRUE(socket->add_key(second.secret, true));
  Client later(context, endpoint(), first);
  ASSERT_TRUE(socket->end_old_keys());
  EXPECT_FALSE(comes_in(first));
  EXPECT_TRUE(comes_in(second));
  EXPECT_TRUE(is_heard(early));
  EXPECT_TRUE(is_heard(later));
}

TEST_F(Keys, of_before_are_ended_at_once_where_that_is_asked) {
  open({.secret = first.secret, .old = {}});
  ASSERT_TRUE(socket->add_key(second.secret, false));
  EXPECT_FALSE(comes_in(first));
  EXPECT_TRUE(comes_in(second));
}

TEST_F(Keys, are_changed_again_and_again) {
  open({.secret = first.secret});
  KeyPair before = first;
  for (int i = 0; i < 5; ++i) {
    const KeyPair next = make_key_pair();
    ASSERT_TRUE(socket->add_key(next.secret, true));
    EXPECT_TRUE(comes_in(before));
    EXPECT_TRUE(comes_in(next));
    ASSERT_TRUE(socket->end_old_keys());
    EXPECT_FALSE(comes_in(before));
    before = next;
  }
}

TEST_F(Keys, both_stand_from_the_start) {
  open({.secret = second.secret, .old = first.secret});
  EXPECT_TRUE(comes_in(first));
  EXPECT_TRUE(comes_in(second));
  for (const KeyPair& key : {first, second}) {
    const auto checked = check_refuses(context, endpoint(), key.key);
    EXPECT_TRUE(checked) << checked.fault().sentence;
  }
  ASSERT_TRUE(socket->end_old_keys());
  EXPECT_FALSE(comes_in(first));
}

TEST_F(Keys, serve_an_ipv6_address) {
  open({.secret = second.secret, .old = first.secret}, {"tcp://[::1]:*"});
  EXPECT_THAT(endpoint(), HasSubstr("[::1]"));
  EXPECT_TRUE(comes_in(first));
  EXPECT_TRUE(comes_in(second));
}

TEST_F(Keys, of_a_local_socket_change_when_the_old_one_ends) {
  test::TemporaryFolder folder;
  open({.secret = first.secret}, {"ipc://" + folder.file("hub")});
  Client early(context, endpoint(), first);
  ASSERT_TRUE(socket->add_key(second.secret, true));
  EXPECT_TRUE(comes_in(first));
  ASSERT_TRUE(socket->end_old_keys());
  EXPECT_FALSE(comes_in(first));
  EXPECT_TRUE(comes_in(second));
  EXPECT_TRUE(is_heard(early));
}

TEST_F(Keys, do_not_share_a_port_with_another_hub) {
  open({.secret = first.secret});
  ASSERT_TRUE(socket->add_key(second.secret, true));
  RouterOptions options{.endpoints = {endpoint()}};
  options.curve = CurveServer{.secret = third.secret};
  for (const bool keyed : {true, false}) {
    if (!keyed) options.curve.reset();
    const auto other = RouterSocket::open(context, options);
    ASSERT_FALSE(other);
    EXPECT_THAT(other.fault().sentence, HasSubstr("Address already in use"));
    EXPECT_THAT(other.fault().sentence, HasSubstr(endpoint()));
  }
}

TEST(KeyPort, names_the_endpoint_that_is_none) {
  for (const char* endpoint : {"tcp://127.0.0.1", "tcp://nowhere.example:1", "tcp://:1"}) {
    const auto port = KeyPort::open(endpoint);
    ASSERT_FALSE(port);
    EXPECT_THAT(port.fault().sentence, HasSubstr(endpoint));
  }
}

}  // namespace
}  // namespace vigie::ops
