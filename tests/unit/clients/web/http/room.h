#pragma once
// A server on loopback with a handler of its own, on a net thread of its own; and a bare socket
// that says to it exactly what a test wants.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "clients/web/server/http/server.h"

namespace vigie::web::test {

/// Says back what it hears; "big N" is answered by N bytes; "close WHY" closes.
class Echo final : public WebSocketUser {
 public:
  explicit Echo(int& closed) : closed_(closed) {}
  void on_open(WebSocket& socket) override { socket_ = &socket; }
  void on_text(std::string_view text) override {
    if (text.rfind("close", 0) == 0) {
      return socket_->close({4001, "as_told"}, text.substr(std::min<std::size_t>(6, text.size())));
    }
    if (text == "throw") throw std::runtime_error("a user that fails");
    std::string said(text);
    if (text.rfind("big ", 0) == 0) said = std::string(std::stoul(said.substr(4)), 'b');
    waiting_.push_back(std::make_shared<const std::string>(std::move(said)));
    go_on();
  }
  void on_sent() override { go_on(); }
  void on_closed() override { ++closed_; }

 private:
  void go_on() {
    if (waiting_.empty() || socket_->sending()) return;
    const auto next = waiting_.front();
    waiting_.erase(waiting_.begin());
    socket_->send(next, false);
  }
  WebSocket* socket_ = nullptr;
  std::vector<std::shared_ptr<const std::string>> waiting_;
  int& closed_;
};

class Answers : public HttpHandler {
 public:
  void handle(std::shared_ptr<const Request> request, Respond respond) override {
    ++handled;
    if (request->path == "/throws") throw std::runtime_error("a handler that fails");
    if (request->path == "/forgets") return;
    if (request->path == "/never") return kept.push_back(std::move(respond));
    if (request->path == "/stream") return stream(*request, std::move(respond));
    Response response;
    response.headers = {{"Content-Type", "text/plain"}, {"X-Split", "a\r\nX-Injected: b"}};
    response.body = request->method + " " + request->path + " from " + request->remote +
                    (request->secure ? " secure " : " plain ") + request->host + " [" +
                    request->body + "]";
    if (const auto size = request->parameter("size")) {
      response.shared = std::make_shared<const std::string>(std::stoul(std::string(*size)), 's');
    }
    respond(std::move(response));
  }
  std::variant<Response, std::unique_ptr<WebSocketUser>> accept(const Request& request) override {
    if (request.path != "/feed") return problem(404, "not_found", "no feed here");
    return std::make_unique<Echo>(closed);
  }
  void stream(const Request& request, Respond respond) {
    Response response;
    response.stream = std::make_shared<BodyStream>();
    const bool fails = request.parameter("fails").has_value();
    producers.emplace_back([body = response.stream, fails, this] {
      for (int i = 0; i < 1000; ++i) {
        if (!body->write(std::string(1000, 'c'))) {
          ++gone;
          return;
        }
        if (fails && i == 500) return body->fail();
      }
      body->finish();
    });
    respond(std::move(response));
  }
  void join() {
    for (std::thread& producer : producers) producer.join();
    producers.clear();
  }

  std::vector<Respond> kept;
  std::vector<std::thread> producers;
  std::atomic<int> gone = 0;
  int handled = 0;  // net thread
  int closed = 0;   // WebSockets that are gone; net thread
};

class Room {
 public:
  explicit Room(HttpOptions options = {}) {
    options.port = 0;
    auto opened = HttpServer::open(net, options, answers);
    if (!opened) throw std::runtime_error(opened.fault().sentence);
    server = std::move(*opened);
    thread_ = std::thread([this] { net.run(); });
  }
  ~Room() {
    net.stop();
    thread_.join();
    server.reset();
    answers.kept.clear();
    answers.join();
  }

  /// On the net thread, waited for.
  template <typename Work>
  auto on_net(Work work) {
    std::promise<decltype(work())> result;
    net.post([&] { result.set_value(work()); });
    return result.get_future().get();
  }
  HttpCounters counters() {
    return on_net([this] { return server->counters(); });
  }
  /// Until the counters satisfy it: each look is a turn of the net thread.
  template <typename Test>
  bool becomes(Test test) {
    for (int i = 0; i < 2'000'000; ++i) {
      if (test(counters())) return true;
    }
    return false;
  }

  Net net;
  Answers answers;
  std::unique_ptr<HttpServer> server;

 private:
  std::thread thread_;
};

class Bare {
 public:
  explicit Bare(std::uint16_t port, int receive_bytes = 0) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_bytes > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }
  ~Bare() { ::close(socket_); }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  Bare& say(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;  // the server has closed: what it said before is what counts
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }
  /// All until the end of the connection, at most ten seconds of silence.
  std::string rest() {
    while (more()) {
    }
    return std::exchange(had_, {});
  }
  /// One answer with a Content-Length, or without a body where `head_only`.
  std::string answer(bool head_only = false) {
    while (had_.find("\r\n\r\n") == std::string::npos) {
      if (!more()) return std::exchange(had_, {});
    }
    std::size_t size = had_.find("\r\n\r\n") + 4;
    const std::size_t at = had_.find("Content-Length: ");
    if (at < size && !head_only) size += std::stoul(had_.substr(at + 16));
    return take(size);
  }
  std::string take(std::size_t size) {
    while (had_.size() < size && more()) {
    }
    const std::string taken = had_.substr(0, size);
    had_.erase(0, taken.size());
    return taken;
  }
  bool ended() const { return ended_; }
  bool was_reset() const { return reset_; }
  int descriptor() const { return socket_; }

 private:
  bool more() {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, 10'000) <= 0) return false;
    std::array<char, 65536> bytes;
    const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
    reset_ = got < 0;
    ended_ = got <= 0;
    if (got <= 0) return false;
    had_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
  }
  int socket_ = -1;
  std::string had_;
  bool ended_ = false;
  bool reset_ = false;
};

inline std::string get(std::string_view path, std::string_view headers = "",
                       std::string_view method = "GET") {
  return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" +
         std::string(headers) + "\r\n";
}

}  // namespace vigie::web::test
