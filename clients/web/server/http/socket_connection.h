#pragma once
// One WebSocket over a connection that was HTTP: one message on its way at a time, pings, bounds in
// time and size. Owns the socket and its user. For this room's own files alone. Net thread.

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "clients/web/server/http/guests.h"
#include "clients/web/server/http/request_of.h"
#include "clients/web/server/http/tcp_figures.h"
#include "clients/web/server/http/wire.h"

namespace vigie::web {

class SocketConnection final : public WebSocket,
                               public Guest,
                               public std::enable_shared_from_this<SocketConnection> {
 public:
  SocketConnection(std::shared_ptr<Guests> guests, Wire wire, std::unique_ptr<Place> place,
                   std::unique_ptr<WebSocketUser> user);
  ~SocketConnection() override;

  void start(const BeastRequest& request, bool secure);

  void send(std::shared_ptr<const std::string> message, bool binary) override;
  bool sending() const override { return message_ != nullptr; }
  void close(const CloseKind& kind, std::string_view sentence) override;

  void drain() override;
  void cut() override { finish(); }

 private:
  using Error = boost::beast::error_code;

  void on_accepted(Error error);
  void read();
  void on_read(Error error);
  void on_written(Error error, std::size_t size);
  /// Waits when its sender is quicker than it may be.
  void read_at_pace();
  void watch();
  void look();
  void on_control();
  void flooded();
  void finish();
  void count(Error error);
  /// Runs a call of the user; one that throws ends this socket and no other.
  template <typename Call>
  void with_user(Call call);

  const std::shared_ptr<Guests> guests_;
  boost::beast::websocket::stream<Wire, false> stream_;
  std::unique_ptr<Place> place_;
  std::unique_ptr<WebSocketUser> user_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<const std::string> message_;  // on its way
  bool open_ = false;
  bool closing_ = false;
  bool finished_ = false;
  bool pinging_ = false;

  Net::Timer watch_timer_;
  Net::Timer pace_timer_;
  Net::Timer close_timer_;
  TcpProgress progress_;
  int looks_without_progress_ = 0;
  int looks_without_word_ = 0;
  std::size_t messages_ = 0;  // in the second that began at second_us_
  std::int64_t second_us_ = 0;
  int controls_ = 0;  // pings and pongs since the last look
};

}  // namespace vigie::web
