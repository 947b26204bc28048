#include "hub/ops/http_server.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace vigie::ops {
namespace {

constexpr std::size_t kRequestBytesMax = 8 * 1024;
constexpr int kBacklog = 64;

const char* words_of(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

std::string text_of(const HttpAnswer& answer, bool with_body) {
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "{}Connection: close\r\n\r\n",
      answer.code, words_of(answer.code), answer.type, answer.body.size(),
      answer.code == 405 ? "Allow: GET, HEAD\r\n" : "");
  if (with_body) text += answer.body;
  return text;
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  // The port lies at the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

/// Binds and listens; -1 with errno set when it fails.
int open_listening(const addrinfo& address) {
  const int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket, address.ai_addr, address.ai_addrlen) == 0 && ::listen(socket, kBacklog) == 0) {
    return socket;
  }
  const int why = errno;
  ::close(socket);
  errno = why;
  return -1;
}

}  // namespace

struct HttpServer::Connection {
  explicit Connection(int opened) : socket(opened) {}
  ~Connection() { ::close(socket); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Closed by a reset, so that the kernel does not keep an answer that nobody takes.
  void cut_off() {
    const linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    done = true;
  }

  const int socket;
  std::int64_t deadline_us = 0;
  std::string request;
  std::string answer;  // empty while the request is read
  std::size_t written = 0;
  bool done = false;
};

HttpServer::HttpServer(const HttpOptions& options, Handler handler)
    : options_(options), handler_(std::move(handler)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::open(const HttpOptions& options, Handler handler) {
  auto server = std::unique_ptr<HttpServer>(new HttpServer(options, std::move(handler)));
  const auto listening = server->listen();
  if (!listening) return listening.fault();
  HttpServer* const self = server.get();
  LoopOptions loop{.name = options.name};
  loop.on_stop = [self] {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(self->wake_, &one, sizeof one);
  };
  self->loop_ = std::make_unique<Loop>(std::move(loop),
                                       [self](const std::stop_token&) { return self->step(); });
  return server;
}

Result<void> HttpServer::listen() {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(options_.port);
  const std::string place = options_.host + " port " + port;
  if (const int error = ::getaddrinfo(options_.host.c_str(), port.c_str(), &hints, &found);
      error != 0) {
    return Fault{FaultCode::Invalid,
                 fmt::format("HTTP cannot be served at {}: {}", place, ::gai_strerror(error))};
  }
  listening_ = open_listening(*found);
  const int why = errno;
  ::freeaddrinfo(found);
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (listening_ < 0 || wake_ < 0) {
    return Fault{FaultCode::Unavailable,
                 fmt::format("HTTP cannot be served at {}: {}", place, std::strerror(why))};
  }
  port_ = bound_port(listening_);
  return {};
}

HttpServer::~HttpServer() {
  loop_.reset();
  connections_.clear();
  if (listening_ >= 0) ::close(listening_);
  if (wake_ >= 0) ::close(wake_);
}

std::size_t HttpServer::step() {
  std::vector<pollfd> waiting{{wake_, POLLIN, 0}, {listening_, POLLIN, 0}};
  for (const auto& connection : connections_) {
    const short wanted = connection->answer.empty() ? POLLIN : POLLOUT;
    waiting.push_back({connection->socket, wanted, 0});
  }
  ::poll(waiting.data(), waiting.size(), wait_ms(clock_.monotonic_us()));

  const std::int64_t now_us = clock_.monotonic_us();
  for (std::size_t i = 2; i < waiting.size(); ++i) {
    Connection& connection = *connections_[i - 2];
    if (waiting[i].revents != 0) serve(connection, now_us);
    if (now_us >= connection.deadline_us) connection.cut_off();
  }
  std::erase_if(connections_, [](const auto& connection) { return connection->done; });
  if (waiting[1].revents != 0) accept_all(now_us);
  return 1;
}

/// Until the next deadline, rounded up.
int HttpServer::wait_ms(std::int64_t now_us) const {
  if (connections_.empty()) return -1;
  std::int64_t first_us = connections_.front()->deadline_us;
  for (const auto& connection : connections_)
    first_us = std::min(first_us, connection->deadline_us);
  return static_cast<int>(std::max<std::int64_t>(0, (first_us - now_us + 999) / 1000));
}

void HttpServer::accept_all(std::int64_t now_us) {
  // At most one backlog a step, so that a flood of connections does not starve those that are open.
  for (int i = 0; i < kBacklog; ++i) {
    const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      // Out of descriptors: give one back, or poll() would spin on the connection that cannot be
      // taken.
      if ((errno == EMFILE || errno == ENFILE) && !connections_.empty()) {
        connections_.erase(connections_.begin());
      }
      return;
    }
    if (connections_.size() >= options_.connections_max) connections_.erase(connections_.begin());
    auto connection = std::make_unique<Connection>(socket);
    connection->deadline_us = now_us + std::int64_t{options_.patience_ms} * 1000;
    connections_.push_back(std::move(connection));
  }
}

void HttpServer::serve(Connection& connection, std::int64_t now_us) {
  if (connection.answer.empty()) read_request(connection, now_us);
  if (!connection.answer.empty()) write_answer(connection);
}

void HttpServer::read_request(Connection& connection, std::int64_t now_us) {
  std::array<char, 4096> part{};
  const auto got = ::recv(connection.socket, part.data(), part.size(), 0);
  if (got <= 0) {
    connection.done = got == 0 || (errno != EAGAIN && errno != EINTR);
    return;
  }
  std::string& request = connection.request;
  request.append(part.data(), static_cast<std::size_t>(got));
  const bool whole = request.find("\r\n\r\n") != std::string::npos;
  if (!whole && request.size() < kRequestBytesMax) return;

  const std::string line = request.substr(0, request.find("\r\n"));
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first + 1);
  if (!whole || first == std::string::npos || second == std::string::npos) {
    connection.answer = text_of({400, "text/plain; charset=utf-8", "not an HTTP request\n"}, true);
  } else {
    const std::string method = line.substr(0, first);
    const std::string target = line.substr(first + 1, second - first - 1);
    connection.answer =
        text_of(answer(method, target.substr(0, target.find('?'))), method != "HEAD");
  }
  connection.deadline_us = now_us + std::int64_t{options_.patience_ms} * 1000;
}

void HttpServer::write_answer(Connection& connection) {
  const auto put =
      ::send(connection.socket, connection.answer.data() + connection.written,
             connection.answer.size() - connection.written, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (put < 0) {
    connection.done = errno != EAGAIN && errno != EINTR;
    return;
  }
  connection.written += static_cast<std::size_t>(put);
  connection.done = connection.written == connection.answer.size();
}

HttpAnswer HttpServer::answer(const std::string& method, const std::string& path) const {
  if (method != "GET" && method != "HEAD") {
    return {405, "text/plain; charset=utf-8", "this page is only read\n"};
  }
  try {
    return handler_(path);
  } catch (const std::exception& error) {
    return {500, "text/plain; charset=utf-8", fmt::format("{}\n", error.what())};
  }
}

}  // namespace vigie::ops
