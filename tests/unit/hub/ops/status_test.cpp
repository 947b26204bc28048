// The HTTP pages, asked over real sockets.

#include "hub/ops/status.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <stdexcept>

#include "hub/ops/readiness.h"

namespace vigie::ops {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// A connection to the server; reads give up after a minute.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{60, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;

  void write(const std::string& text) { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  /// Until the server has closed or reset the connection, without reading.
  void await_close() const {
    pollfd waiting{socket_, POLLRDHUP, 0};
    ::poll(&waiting, 1, 60'000);
  }
  std::string read_all() {
    std::string all;
    std::array<char, 4096> part{};
    for (;;) {
      const auto got = ::recv(socket_, part.data(), part.size(), 0);
      if (got <= 0) return all;
      all.append(part.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  int socket_;
};

std::string ask(std::uint16_t port, const std::string& path, const std::string& method = "GET") {
  Client client(port);
  client.write(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return client.read_all();
}

struct Pages : testing::Test {
  Readiness readiness;
  std::string document;
  std::unique_ptr<StatusServer> server;

  void SetUp() override {
    auto opened = StatusServer::open({}, {.metrics = [] { return std::string("vigie_x 1\n"); },
                                          .not_ready = [this] { return readiness.against(); },
                                          .status = [this] { return document; }});
    ASSERT_TRUE(opened) << opened.fault().sentence;
    server = std::move(*opened);
  }
};

TEST_F(Pages, metrics_are_served_in_prometheus_type) {
  EXPECT_THAT(ask(server->port(), "/metrics"),
              AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("text/plain; version=0.0.4"),
                    HasSubstr("vigie_x 1\n")));
}

TEST_F(Pages, healthz_answers_while_the_hub_is_not_ready) {
  EXPECT_THAT(ask(server->port(), "/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(Pages, readyz_gives_the_reasons_until_there_are_none) {
  EXPECT_THAT(ask(server->port(), "/readyz"),
              AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("starting: the hub is starting")));
  readiness.clear("starting");
  EXPECT_THAT(ask(server->port(), "/readyz"), StartsWith("HTTP/1.1 200"));
  readiness.set("disk full", "no space");
  EXPECT_THAT(ask(server->port(), "/readyz"),
              AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("disk full: no space")));
}

TEST_F(Pages, status_is_json_once_there_is_one) {
  EXPECT_THAT(ask(server->port(), "/status"), StartsWith("HTTP/1.1 503"));
  document = "{\"seq\":7}";
  EXPECT_THAT(
      ask(server->port(), "/status"),
      AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("application/json"), HasSubstr("{\"seq\":7}")));
}

TEST_F(Pages, other_paths_and_files_are_not_found) {
  for (const char* path : {"/", "/etc/passwd", "/../../etc/passwd", "/metricsx", "/status/x"}) {
    EXPECT_THAT(ask(server->port(), path), StartsWith("HTTP/1.1 404")) << path;
  }
}

TEST_F(Pages, methods_that_write_are_refused_and_head_has_no_body) {
  EXPECT_THAT(ask(server->port(), "/status", "DELETE"), StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(ask(server->port(), "/metrics", "HEAD"),
              AllOf(StartsWith("HTTP/1.1 200"), testing::EndsWith("\r\n\r\n")));
}

TEST_F(Pages, rubbish_does_no_harm) {
  for (const std::string& rubbish : {std::string(100'000, '\x01'), std::string("\r\n\r\n")}) {
    Client client(server->port());
    client.write(rubbish);
    client.read_all();
  }
  EXPECT_THAT(ask(server->port(), "/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST(Open, a_taken_port_is_a_fault_that_names_it) {
  const auto first = HttpServer::open({}, [](const std::string&) { return HttpAnswer{}; });
  ASSERT_TRUE(first) << first.fault().sentence;
  const std::uint16_t port = (*first)->port();
  const auto second = HttpServer::open({.port = port}, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.fault().code, FaultCode::Unavailable);
  EXPECT_THAT(second.fault().sentence, HasSubstr(std::to_string(port)));
}

TEST(Open, a_host_that_is_no_address_is_a_fault) {
  const auto server = HttpServer::open({.host = "hub.example"}, {});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.fault().code, FaultCode::Invalid);
}

TEST_F(Pages, a_large_answer_arrives_whole) {
  document = "{\"x\":\"" + std::string(3'000'000, 'a') + "\"}";
  const std::string answer = ask(server->port(), "/status");
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + document)) << answer.size();
}

HttpServer::Handler always(std::string body) {
  return [body = std::move(body)](const std::string&) { return HttpAnswer{.body = body}; };
}

TEST(SlowClients, one_that_does_not_end_its_request_is_cut_off_and_the_others_are_served) {
  const auto server = HttpServer::open({.patience_ms = 200}, always("hello"));
  ASSERT_TRUE(server) << server.fault().sentence;
  Client silent((*server)->port());
  Client half((*server)->port());
  half.write("GET / HTTP/1.1\r\nHost: x\r\n");
  EXPECT_THAT(ask((*server)->port(), "/"), HasSubstr("hello"));
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
}

TEST(SlowClients, one_that_does_not_read_its_answer_is_cut_off) {
  const auto server = HttpServer::open({.patience_ms = 200}, always(std::string(50'000'000, 'x')));
  ASSERT_TRUE(server) << server.fault().sentence;
  Client client((*server)->port());
  client.write("GET / HTTP/1.1\r\n\r\n");
  client.await_close();
  EXPECT_LT(client.read_all().size(), 50'000'000u);
}

TEST(SlowClients, beyond_the_bound_the_one_that_waits_longest_is_closed) {
  const auto server =
      HttpServer::open({.connections_max = 2, .patience_ms = 60'000}, always("hello"));
  ASSERT_TRUE(server) << server.fault().sentence;
  Client oldest((*server)->port());
  Client second((*server)->port());
  EXPECT_THAT(ask((*server)->port(), "/"), HasSubstr("hello"));
  EXPECT_EQ(oldest.read_all(), "");
  second.write("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(second.read_all(), HasSubstr("hello"));
}

TEST(SlowClients, they_do_not_hold_up_the_stop) {
  auto server = HttpServer::open({.patience_ms = 3'600'000}, always(std::string(50'000'000, 'x')));
  ASSERT_TRUE(server) << server.fault().sentence;
  Client silent((*server)->port());
  Client greedy((*server)->port());
  greedy.write("GET / HTTP/1.1\r\n\r\n");
  server->reset();
  EXPECT_EQ(silent.read_all(), "");
}

TEST(Handler, one_that_throws_is_an_error_page) {
  const auto server = HttpServer::open(
      {}, [](const std::string&) -> HttpAnswer { throw std::runtime_error("oh"); });
  ASSERT_TRUE(server) << server.fault().sentence;
  EXPECT_THAT(ask((*server)->port(), "/"), AllOf(StartsWith("HTTP/1.1 500"), HasSubstr("oh")));
}

TEST(Handler, gets_the_path_without_the_question) {
  const auto server = HttpServer::open(
      {}, [](const std::string& path) { return HttpAnswer{.body = "<" + path + ">"}; });
  ASSERT_TRUE(server) << server.fault().sentence;
  EXPECT_THAT(ask((*server)->port(), "/status?x=1"), HasSubstr("</status>"));
}

TEST(Addresses, ipv6_loopback_is_served_where_the_machine_has_it) {
  const int trial = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool there = ::bind(trial, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(trial);
  EXPECT_EQ(HttpServer::open({.host = "::1"}, always("")).ok(), there);
}

TEST_F(Pages, of_who_is_here_are_not_served_where_there_is_no_such_page) {
  auto outer = StatusServer::open({}, {.metrics = [] { return std::string("vigie_x 1\n"); },
                                       .not_ready = [this] { return readiness.against(); },
                                       .status = {}});
  ASSERT_TRUE(outer) << outer.fault().sentence;
  const std::string refused = ask((*outer)->port(), "/status");
  EXPECT_THAT(refused, AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("on loopback alone")));
  readiness.clear("starting");
  for (const char* page : {"/metrics", "/healthz", "/readyz"}) {
    EXPECT_THAT(ask((*outer)->port(), page), StartsWith("HTTP/1.1 200")) << page;
  }
}

}  // namespace
}  // namespace vigie::ops
