// Who may come in: asked of a real ROUTER by real CURVE handshakes.

#include "hub/ops/zap_server.h"

#include <gmock/gmock.h>
#include <zmq.h>

#include <cstring>
#include <future>
#include <mutex>

#include "hub/ops/curve_check.h"
#include "tests/unit/support/curve_client.h"

namespace vigie::ops {
namespace {

using testing::HasSubstr;

constexpr int kPatienceMs = 60'000;
const KeyPair kHub = make_key_pair();
const KeyPair kKnown = make_key_pair();

struct Client : test::CurveClient {
  Client(SocketContext& context, const std::string& endpoint, const KeyPair* keys)
      : CurveClient(context, endpoint, kHub.key, keys) {}
};

struct Guarded : testing::Test {
  SocketContext context{1};
  std::unique_ptr<ZapServer> zap;
  std::unique_ptr<RouterSocket> socket;

  void answer(ZapServer::Decide decide) {
    auto opened = ZapServer::open(context, std::move(decide));
    ASSERT_TRUE(opened) << opened.fault().sentence;
    zap = std::move(*opened);
  }
  void answer_known() {
    answer([](const ZapRequest& asked) {
      const bool known = asked.key == kKnown.key;
      return ZapReply{.allowed = known, .user = known ? asked.key : ""};
    });
  }
  void open() {
    RouterOptions options{.endpoints = {"tcp://127.0.0.1:0"}};
    options.curve = CurveServer{kHub.secret};
    auto opened = RouterSocket::open(context, options);
    ASSERT_TRUE(opened) << opened.fault().sentence;
    socket = std::move(*opened);
  }
  ~Guarded() override { socket.reset(); }
  const std::string& endpoint() const { return socket->bound().front(); }
  struct Message {
    PeerId peer;
    std::string text;
  };
  /// Empty when none comes.
  Message next_message() {
    Poller poller;
    const std::size_t place = poller.add(*socket);
    poller.wait(kPatienceMs);
    Message got;
    while (poller.readable(place) && got.text.empty()) {
      socket->receive([&](const Received& received) {
        got = {
            .peer = PeerId(received.peer),
            .text = {reinterpret_cast<const char*>(received.bytes.data()), received.bytes.size()}};
      });
    }
    return got;
  }
};

TEST_F(Guarded, that_is_answered_no_more_says_so) {
  std::promise<std::string> why;
  auto opened = ZapServer::open(
      context, [](const ZapRequest&) { return ZapReply(); },
      [&](std::string_view said) { why.set_value(std::string(said)); });
  ASSERT_TRUE(opened) << opened.fault().sentence;
  zmq_ctx_shutdown(context.handle());  // what waits on a socket fails from here on
  EXPECT_THAT(why.get_future().get(), HasSubstr("terminated"));
}

TEST_F(Guarded, a_known_key_comes_in_and_its_messages_bear_it) {
  answer_known();
  open();
  Client client(context, endpoint(), &kKnown);
  ASSERT_TRUE(client.comes_in());
  client.send("first");
  Poller poller;
  const std::size_t place = poller.add(*socket);
  std::string user;
  while (user.empty()) {
    poller.wait(kPatienceMs);
    ASSERT_TRUE(poller.readable(place));
    socket->receive([&](const Received& received) { user = received.user; });
  }
  EXPECT_EQ(user, kKnown.key);
}

TEST_F(Guarded, while_an_answer_is_waited_for_those_who_are_in_are_heard_and_told) {
  const KeyPair late = make_key_pair();
  std::promise<void> asked, decided;
  answer([&, decision = decided.get_future().share()](const ZapRequest& request) {
    if (request.key == late.key) {
      asked.set_value();
      decision.wait();
    }
    return ZapReply{.allowed = true, .user = request.key};
  });
  open();
  Client known(context, endpoint(), &kKnown);
  ASSERT_TRUE(known.comes_in());
  Client second(context, endpoint(), &late);
  asked.get_future().wait();
  for (const std::string text : {"one", "two", "three"}) {
    known.send(text);
    const Message heard = next_message();
    ASSERT_EQ(heard.text, text);
    ASSERT_EQ(socket->send(heard.peer, std::as_bytes(std::span(text))), Sent::Ok);
    EXPECT_EQ(known.receive(), text);
  }
  EXPECT_EQ(second.take_event(), 0) << "nothing is decided of it yet";
  decided.set_value();
  EXPECT_TRUE(second.comes_in());
  second.send("here I am");
  EXPECT_EQ(next_message().text, "here I am");
}

TEST_F(Guarded, an_unknown_key_does_not_come_in) {
  answer_known();
  open();
  const KeyPair stranger = make_key_pair();
  EXPECT_FALSE(Client(context, endpoint(), &stranger).comes_in());
}

TEST_F(Guarded, who_does_not_speak_curve_does_not_come_in) {
  answer_known();
  open();
  EXPECT_FALSE(Client(context, endpoint(), nullptr).comes_in());
}

TEST_F(Guarded, nobody_comes_in_where_nobody_answers) {
  open();
  EXPECT_FALSE(Client(context, endpoint(), &kKnown).comes_in());
}

TEST_F(Guarded, the_key_is_asked_for_with_the_peers_address) {
  std::mutex mutex;
  std::string address, mechanism, key;
  answer([&](const ZapRequest& asked) {
    const std::lock_guard lock(mutex);
    address = asked.address;
    mechanism = asked.mechanism;
    key = asked.key;
    return ZapReply{.allowed = true, .user = "u"};
  });
  open();
  ASSERT_TRUE(Client(context, endpoint(), &kKnown).comes_in());
  const std::lock_guard lock(mutex);
  EXPECT_EQ(address, "127.0.0.1");
  EXPECT_EQ(mechanism, "CURVE");
  EXPECT_EQ(key, kKnown.key);
}

TEST_F(Guarded, a_request_that_is_none_of_the_protocols_is_answered_no) {
  answer([](const ZapRequest&) { return ZapReply{.allowed = true, .user = "u"}; });
  void* asker = zmq_socket(context.handle(), ZMQ_REQ);
  const int none = 0;
  zmq_setsockopt(asker, ZMQ_LINGER, &none, sizeof none);
  zmq_setsockopt(asker, ZMQ_RCVTIMEO, &kPatienceMs, sizeof kPatienceMs);
  zmq_connect(asker, "inproc://zeromq.zap.01");
  for (const char* version : {"", "2.0", "1.0"}) {
    zmq_send(asker, version, std::strlen(version), 0);
    std::vector<std::string> frames;
    int more = 1;
    while (more != 0) {
      char part[64];
      const int got = zmq_recv(asker, part, sizeof part, 0);
      ASSERT_GE(got, 0) << version;
      frames.emplace_back(part, static_cast<std::size_t>(got));
      std::size_t size = sizeof more;
      zmq_getsockopt(asker, ZMQ_RCVMORE, &more, &size);
    }
    ASSERT_EQ(frames.size(), 6u);
    EXPECT_EQ(frames[2], "400");
  }
  zmq_close(asker);
}

TEST_F(Guarded, only_one_answers_in_a_process) {
  answer_known();
  const auto second = ZapServer::open(context, {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.fault().sentence, HasSubstr("zap"));
}

TEST_F(Guarded, a_connection_is_cut_with_what_waits_on_it) {
  answer_known();
  open();
  Client client(context, endpoint(), &kKnown);
  ASSERT_TRUE(client.comes_in());
  client.send("here I am");
  Poller poller;
  poller.add(*socket);
  poller.wait(kPatienceMs);
  Origin origin;
  while (origin.descriptor < 0) {
    socket->receive([&](const Received& received) { origin = socket->origin(received); });
  }
  EXPECT_NE(origin.cookie, 0u);
  // Of another socket: nothing happens, and the one that is meant is cut.
  socket->cut({.descriptor = origin.descriptor, .cookie = origin.cookie + 1});
  socket->cut(origin);
  EXPECT_EQ(client.next_event(), ZMQ_EVENT_DISCONNECTED);
}

TEST_F(Guarded, the_check_passes_where_strangers_are_turned_away) {
  answer_known();
  open();
  const auto checked = check_refuses(context, endpoint(), kHub.key);
  EXPECT_TRUE(checked) << checked.fault().sentence;
}

TEST_F(Guarded, the_check_finds_a_hub_that_lets_everybody_in) {
  answer([](const ZapRequest&) { return ZapReply{.allowed = true, .user = "u"}; });
  open();
  const auto checked = check_refuses(context, endpoint(), kHub.key);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.fault().sentence, HasSubstr("lets a key in that nobody knows"));
}

}  // namespace
}  // namespace vigie::ops
