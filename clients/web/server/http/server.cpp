#include "clients/web/server/http/server.h"

#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "clients/web/server/http/connection.h"
#include "clients/web/server/http/guests.h"
#include "clients/web/server/http/tls.h"

namespace vigie::web {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Error = boost::system::error_code;

/// When the machine has no descriptors left, accepting at once again would turn in a circle.
constexpr std::chrono::milliseconds kAcceptPause{100};

constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Length: 0\r\n"
    "Cache-Control: no-store\r\nConnection: close\r\n\r\n";

class Server final : public HttpServer {
 public:
  Server(Net& net, const HttpOptions& options, HttpHandler& handler)
      : guests_(std::make_shared<Guests>(net, options, handler)),
        acceptor_(net.loop()),
        pause_(net),
        check_(net),
        patience_(net) {}
  ~Server() override;

  Result<void> listen();
  Result<void> secure();
  /// With TLS: looks at the files now and then.
  void watch_files() {
    if (tls_) check_files();
  }

  std::uint16_t port() const override { return port_; }
  HttpCounters counters() const override { return guests_->counters; }
  void drain(std::function<void()> done) override;
  Result<void> reload() override;

 private:
  void accept();
  void on_accepted(Error error, Tcp::socket socket);
  void admit(Tcp::socket socket);
  void check_files();

  const std::shared_ptr<Guests> guests_;
  Tcp::acceptor acceptor_;
  std::shared_ptr<asio::ssl::context> tls_;  // null: none
  std::uint64_t mark_ = 0;                   // of the files that `tls_` was read from
  std::uint64_t tried_ = 0;                  // of those that could not be read, told once
  std::uint16_t port_ = 0;
  bool drained_ = false;
  Net::Timer pause_;
  Net::Timer check_;
  Net::Timer patience_;
};

Server::~Server() {
  Error ignored;  // it ends either way
  acceptor_.close(ignored);
  guests_->on_empty = nullptr;
  guests_->cut_all();
  guests_->handler = nullptr;
}

Result<void> Server::listen() {
  const HttpOptions& options = guests_->options;
  const auto unavailable = [&](const Error& error) {
    return Fault{FaultCode::Unavailable, fmt::format("cannot listen on {} port {}: {}",
                                                     options.host, options.port, error.message())};
  };
  Error error;
  const std::string host = options.host == "localhost" ? "127.0.0.1" : options.host;
  const auto address = asio::ip::make_address(host, error);
  if (error) {
    return Fault{FaultCode::Invalid,
                 fmt::format("listen address '{}' is not an IPv4 or IPv6 address", options.host)};
  }
  const Tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  if (error) return unavailable(error);
  acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (error) return unavailable(error);
  acceptor_.bind(endpoint, error);
  if (error) return unavailable(error);
  acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return unavailable(error);
  port_ = acceptor_.local_endpoint(error).port();
  if (error) return unavailable(error);
  accept();
  return {};
}

Result<void> Server::secure() {
  const HttpOptions& options = guests_->options;
  if (options.certificate.empty()) return {};
  const std::uint64_t mark = files_mark(options.certificate, options.key);
  auto opened = open_tls(options.certificate, options.key);
  if (!opened) return opened.fault();
  tls_ = std::move(*opened);
  mark_ = mark;
  return {};
}

Result<void> Server::reload() {
  if (!tls_) return {};
  Result<void> read = secure();
  if (read) ++guests_->counters.certificates;
  return read;
}

/// Files that are half replaced do not fit together: the old ones serve until they change again.
void Server::check_files() {
  check_.after(guests_->options.certificate_check, [this] {
    const HttpOptions& options = guests_->options;
    const std::uint64_t mark = files_mark(options.certificate, options.key);
    if (mark != mark_ && mark != tried_ && mark != 0) {
      tried_ = mark;
      const Result<void> read = reload();
      if (!read) {
        guests_->warn("the changed certificate is not used: " + read.fault().sentence);
      }
    }
    check_files();
  });
}

void Server::accept() {
  acceptor_.async_accept([this, guests = guests_](Error error, Tcp::socket socket) {
    // Aborted: the server is gone or drains.
    if (error == asio::error::operation_aborted || guests->handler == nullptr) return;
    on_accepted(error, std::move(socket));
  });
}

void Server::on_accepted(Error error, Tcp::socket socket) {
  if (!error) {
    admit(std::move(socket));
    return accept();
  }
  if (error == asio::error::no_descriptors || error == asio::error::no_memory ||
      error == asio::error::no_buffer_space || error == Error(ENFILE, error.category())) {
    guests_->warn("cannot accept a connection: " + error.message());
    return pause_.after(kAcceptPause, [this] { accept(); });
  }
  accept();  // that one was gone before it was taken
}

void Server::admit(Tcp::socket socket) {
  Error error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;
  const auto local = socket.local_endpoint(error);
  if (error) return;
  Ends ends;
  ends.peer = plain_address(peer.address().to_string()).value_or(peer.address().to_string());
  ends.local = plain_address(local.address().to_string()).value_or(local.address().to_string());
  ends.tls = tls_ != nullptr;
  socket.set_option(Tcp::no_delay(true), error);
  if (!guests_->has_room(ends.peer)) {
    ++guests_->counters.refused_limit;
    // By TLS that would cost a handshake, which is what the limit is against.
    socket.non_blocking(true, error);
    if (!tls_ && !error) socket.write_some(asio::buffer(kFull), error);
    return;
  }
  auto place = std::make_unique<Place>(guests_, ends.peer);
  std::make_shared<Connection>(guests_, Wire(std::move(socket), tls_), std::move(ends),
                               std::move(place))
      ->start();
}

void Server::drain(std::function<void()> done) {
  if (drained_) return;
  drained_ = true;
  Error ignored;  // it ends either way
  acceptor_.close(ignored);
  pause_.cancel();
  check_.cancel();
  // Posted: its caller may destroy the server in it.
  guests_->on_empty = [this, told = std::move(done)] {
    patience_.cancel();
    if (told) guests_->net.post(told);
  };
  patience_.after(guests_->options.patience, [this] { guests_->cut_all(); });
  guests_->drain_all();
  if (guests_->empty() && guests_->on_empty) std::exchange(guests_->on_empty, nullptr)();
}

}  // namespace

Result<void> HttpServer::check(const HttpOptions& options) {
  for (const std::string& name : options.names) {
    if (!parse_authority(name)) {
      return Fault{FaultCode::Invalid, fmt::format("names: '{}' is not HOST or HOST:PORT", name)};
    }
  }
  for (const std::string& proxy : options.proxies) {
    if (!plain_address(proxy)) {
      return Fault{FaultCode::Invalid, fmt::format("proxies: '{}' is not an address", proxy)};
    }
  }
  if (options.certificate.empty() && options.key.empty()) return {};
  if (options.certificate.empty() || options.key.empty()) {
    return Fault{FaultCode::Invalid, "certificate and key are given together, or neither"};
  }
  const auto opened = open_tls(options.certificate, options.key);
  return opened ? Result<void>() : opened.fault();
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(Net& net, const HttpOptions& options,
                                                     HttpHandler& handler) {
  const Result<void> checked = check(options);
  if (!checked) return checked.fault();
  auto server = std::make_unique<Server>(net, options, handler);
  const Result<void> secured = server->secure();
  if (!secured) return secured.fault();
  const Result<void> listening = server->listen();
  if (!listening) return listening.fault();
  server->watch_files();
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace vigie::web
