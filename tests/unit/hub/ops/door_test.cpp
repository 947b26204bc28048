// The door before real endpoints: connections of real sockets, from several addresses of loopback.

#include "hub/ops/door.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include <future>
#include <mutex>

#include "hub/ops/metrics.h"
#include "hub/ops/zap_server.h"
#include "tests/unit/support/curve_client.h"
#include "tests/unit/support/temporary_folder.h"

namespace vigie::ops {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr int kPatienceMs = 60'000;
const KeyPair kHub = make_key_pair();
const KeyPair kKnown = make_key_pair();

/// A connection that says nothing, or not what is wanted.
class Raw {
 public:
  explicit Raw(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Raw() { ::close(socket_); }
  Raw(Raw&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  Raw& operator=(Raw&&) = delete;

  void say(const std::string& bytes) const {
    ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  /// The hub's greeting comes: libzmq has taken up the connection.
  bool is_greeted() const {
    char byte = 0;
    pollfd polled{socket_, POLLIN, 0};
    return ::poll(&polled, 1, kPatienceMs) > 0 && ::recv(socket_, &byte, 1, 0) == 1;
  }
  /// Reads to the end.
  bool is_ended() const {
    char rest[256];
    while (true) {
      pollfd polled{socket_, POLLIN, 0};
      if (::poll(&polled, 1, kPatienceMs) <= 0) return false;
      if (::recv(socket_, rest, sizeof rest, 0) <= 0) return true;
    }
  }

 private:
  int socket_;
};

struct AtTheDoor : testing::Test {
  SystemClock clock;
  std::mutex mutex;
  std::vector<std::string> lines;
  Log log = Log::to([this](std::string_view line) {
    const std::lock_guard lock(mutex);
    lines.emplace_back(line);
  });
  SocketContext context{1};
  std::unique_ptr<ZapServer> zap;
  std::unique_ptr<Door> door;
  std::unique_ptr<RouterSocket> socket;

  ~AtTheDoor() override { socket.reset(); }

  void open(const DoorLimits& limits, std::vector<std::string> endpoints = {"tcp://127.0.0.1:0"}) {
    auto opened = ZapServer::open(context, [](const ZapRequest& asked) {
      return ZapReply{.allowed = asked.key == kKnown.key, .user = "known"};
    });
    ASSERT_TRUE(opened);
    zap = std::move(*opened);
    door = std::make_unique<Door>(context, limits, clock, log);
    RouterOptions options{.endpoints = std::move(endpoints)};
    options.curve = CurveServer{kHub.secret};
    options.door = door.get();
    auto bound = RouterSocket::open(context, options);
    ASSERT_TRUE(bound) << bound.fault().sentence;
    socket = std::move(*bound);
  }
  std::unique_ptr<test::CurveClient> dial(const std::string& from = {},
                                          const KeyPair& keys = kKnown) {
    return std::make_unique<test::CurveClient>(context, socket->bound().front(), kHub.key, &keys,
                                               from);
  }
  /// What the door's thread is to bring about; without a time of its own, so that a slow machine
  /// takes longer and no more.
  template <typename Holds>
  static bool await(const Holds& holds) {
    const SystemClock clock;
    const std::int64_t until_us = clock.monotonic_us() + kPatienceMs * 1000;
    while (!holds() && clock.monotonic_us() < until_us) ::sched_yield();
    return holds();
  }
};

TEST_F(AtTheDoor, that_lets_nobody_on_any_more_says_so) {
  std::promise<std::string> why;
  door = std::make_unique<Door>(context, DoorLimits(), clock, log,
                                [&](std::string_view said) { why.set_value(std::string(said)); });
  void* watched = zmq_socket(context.handle(), ZMQ_ROUTER);
  ASSERT_TRUE(door->watch(watched));
  zmq_ctx_shutdown(context.handle());  // what waits on a socket fails from here on
  EXPECT_THAT(why.get_future().get(), HasSubstr("terminated"));
  zmq_close(watched);
}

TEST_F(AtTheDoor, a_crowd_comes_in_one_after_the_other) {
  open({.under_way = 8, .handshakes_per_second = 500, .handshakes_per_address = 500});
  std::vector<std::unique_ptr<test::CurveClient>> crowd;
  for (int i = 0; i < 100; ++i) crowd.push_back(dial());
  for (const auto& one : crowd) ASSERT_TRUE(one->comes_in());
  EXPECT_TRUE(await([&] { return door->open() == 100 && door->under_way() == 0; }));
  EXPECT_EQ(door->waiting(), 0u);
  crowd.clear();
  EXPECT_TRUE(await([&] { return door->open() == 0; }));
}

TEST_F(AtTheDoor, the_next_connection_of_a_full_address_is_cut_until_one_leaves) {
  open({.connections_per_address = 2});
  const auto first = dial();
  auto second = dial();
  ASSERT_TRUE(first->comes_in());
  ASSERT_TRUE(second->comes_in());
  const auto third = dial();
  EXPECT_NE(third->next_event(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
  EXPECT_GE(door->cut(DoorLimit::ConnectionsPerAddress), 1u);
  EXPECT_TRUE(dial("127.0.0.2")->comes_in());
  EXPECT_EQ(first->take_event(), 0);  // not cut
  EXPECT_EQ(second->take_event(), 0);
  second.reset();
  EXPECT_TRUE(third->comes_in_at_last());
  const std::lock_guard lock(mutex);
  ASSERT_THAT(lines, SizeIs(1));  // a minute
  EXPECT_THAT(lines.front(), HasSubstr("127.0.0.1: connections_per_address"));
}

TEST_F(AtTheDoor, the_newest_of_too_many_connections_of_one_identity_is_cut_when_it_speaks) {
  open({.connections_per_identity = 2});
  std::vector<std::unique_ptr<test::CurveClient>> all;
  std::vector<std::string> heard;
  const auto hears = [&](std::size_t count) {
    return await([&] {
      socket->receive(
          [&](const Received& received) { heard.push_back(socket->address(received)); });
      return heard.size() == count;
    });
  };
  const auto speak = [&](const std::string& from) {
    all.push_back(dial(from));
    ASSERT_TRUE(all.back()->comes_in());
    all.back()->send("a word");
    ASSERT_TRUE(hears(all.size()));
  };
  speak("127.0.0.1");
  speak("127.0.0.2");
  EXPECT_EQ(door->cut(DoorLimit::ConnectionsPerIdentity), 0u);
  speak("127.0.0.3");
  EXPECT_EQ(all.back()->next_event(), ZMQ_EVENT_DISCONNECTED);
  EXPECT_GE(door->cut(DoorLimit::ConnectionsPerIdentity), 1u);
  for (std::size_t count = 4; count <= 6; ++count) {
    all[0]->send("another");
    ASSERT_TRUE(hears(count));
  }
  EXPECT_EQ(all[0]->take_event(), 0);  // not cut
  EXPECT_EQ(all[1]->take_event(), 0);
  EXPECT_THAT(heard, testing::ElementsAre("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1",
                                          "127.0.0.1", "127.0.0.1"));
  const std::lock_guard lock(mutex);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines.front(), HasSubstr("127.0.0.3: connections_per_identity"));
}

TEST_F(AtTheDoor, connections_on_which_nothing_is_said_are_nobodys) {
  open({.connections_per_identity = 1});
  std::vector<std::unique_ptr<test::CurveClient>> all;
  for (int i = 0; i < 5; ++i) {
    all.push_back(dial());
    ASSERT_TRUE(all.back()->comes_in());
  }
  EXPECT_TRUE(await([&] { return door->open() == 5 && door->under_way() == 0; }));
  EXPECT_EQ(door->cut(DoorLimit::ConnectionsPerIdentity), 0u);
}

TEST_F(AtTheDoor, who_says_nothing_has_a_bounded_place_and_keeps_no_other_address_out) {
  open({.waiting = 16, .under_way = 4, .wait_us_max = 400'000, .handshake_us_max = 200'000});
  std::vector<Raw> silent;
  for (int i = 0; i < 200; ++i) silent.emplace_back(socket->port());
  EXPECT_TRUE(await([&] { return door->cut(DoorLimit::WaitingPerAddress) > 0; }));
  EXPECT_LE(door->open(), 20u);
  EXPECT_TRUE(dial("127.0.0.2")->comes_in());
  for (const Raw& one : silent) EXPECT_TRUE(one.is_ended());
  EXPECT_TRUE(await([&] { return door->cut(DoorLimit::HandshakeTime) > 0; }));
}

TEST_F(AtTheDoor, what_is_said_before_its_turn_wakes_nobody) {
  open({.under_way = 2, .handshakes_per_second = 1, .wait_us_max = 1'000'000'000});
  Raw first(socket->port());
  EXPECT_TRUE(await([&] { return door->under_way() == 1; }));
  Raw second(socket->port());
  EXPECT_TRUE(await([&] { return door->waiting() == 1; }));
  EXPECT_TRUE(second.is_greeted());
  // Neither speaks the protocol; only the one whose turn it is is read.
  second.say("GET / HTTP/1.1\r\n\r\n");
  first.say("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(first.is_ended());
  EXPECT_EQ(door->waiting(), 1u);
  EXPECT_TRUE(second.is_ended());  // its turn came
}

TEST_F(AtTheDoor, strangers_are_counted_by_how_they_failed) {
  open({});
  Figures figures;
  door->show(figures);
  const KeyPair stranger = make_key_pair();
  EXPECT_EQ(dial({}, stranger)->next_event(), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
  const Raw noise(socket->port());
  noise.say(std::string(64, 'x'));
  EXPECT_TRUE(noise.is_ended());
  // The socket tells of a failure after it has ended the connection.
  EXPECT_TRUE(await([&] {
    return metrics_text(figures).find("vigie_door_failed_total{kind=\"key\"} 1") !=
           std::string::npos;
  }));
  EXPECT_TRUE(await([&] { return door->open() == 0; }));
  EXPECT_THAT(metrics_text(figures), HasSubstr("vigie_door_cut_total{limit=\"waiting\"} 0"));
  figures.forget_asked();
}

TEST_F(AtTheDoor, local_sockets_have_no_door) {
  const test::TemporaryFolder folder;
  open({.connections_per_address = 1}, {"ipc://" + folder.path() + "/door"});
  const auto first = dial();
  const auto second = dial();
  EXPECT_TRUE(first->comes_in());
  EXPECT_TRUE(second->comes_in());
  EXPECT_EQ(door->open(), 0u);
}

}  // namespace
}  // namespace vigie::ops
