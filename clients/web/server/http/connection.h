#pragma once
// One browser's HTTP connection: reads a request, has it checked, gives it to the handler, sends
// the answer, and begins again. Owns its socket until it is closed or becomes a WebSocket. For this
// room's own files alone. Net thread.

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "clients/web/server/http/guests.h"
#include "clients/web/server/http/wire.h"

namespace vigie::web {

class Connection final : public Guest, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Guests> guests, Wire wire, Ends ends, std::unique_ptr<Place> place);
  ~Connection() override;

  void start();
  void drain() override;
  void cut() override;
  /// What the handler says, once a request.
  void answer(Response response);

 private:
  using Error = boost::beast::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class Doing { Resting, Reading, Waiting, Sending, Leaving };

  void on_secured(Error error);
  void rest();
  void read_head();
  void on_head(Error error);
  void on_bad_request(Error error);
  /// True when the head is good; else it was answered.
  bool admit();
  void read_body();
  void on_continued(Error error);
  void on_body(Error error);
  void handle();
  void upgrade();
  void refuse(Refusal refusal);

  void hold();
  void let_go();
  /// A browser that takes this much has that long.
  std::chrono::milliseconds time_for(std::size_t bytes) const;
  void send_whole(std::string head, bool with_body);
  void send_stream(std::string head);
  void pump();
  void give_up();
  void send_chunk(std::string bytes, bool last);
  void on_sent();
  void linger();
  void drain_input(std::size_t bytes_left);
  void finish();
  /// Counts a time-out; true for any error.
  bool failed(Error error);

  const std::shared_ptr<Guests> guests_;
  Wire wire_;
  const Ends ends_;
  std::unique_ptr<Place> place_;
  Doing doing_ = Doing::Resting;
  bool first_ = true;
  bool finished_ = false;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::shared_ptr<Request> request_;
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool old_protocol_ = false;  // HTTP/1.0: no chunks

  Response response_;
  std::string head_;
  std::size_t held_bytes_ = 0;  // of it, in Guests::answer_bytes
};

}  // namespace vigie::web
