#include "clients/web/server/http/connection.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "clients/web/server/http/request_of.h"
#include "clients/web/server/http/socket_connection.h"
#include "clients/web/server/http/target.h"

namespace vigie::web {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t kReadBytes = 4 * 1024;
/// A body comes at least this fast, beyond the patience that every request has.
constexpr std::size_t kBodyBytesPerSecondMin = 2 * 1024;
/// Beast reads that much at once, beyond what it has not parsed yet.
constexpr std::size_t kReadBytesMax = 64 * 1024;

/// The handler's way back to a connection: from any thread, once. Dropped without an answer it
/// answers by itself, so that no connection waits for ever.
class Way {
 public:
  Way(std::weak_ptr<Connection> to, Net& net, std::weak_ptr<Guests> guests)
      : to_(std::move(to)), net_(net), guests_(std::move(guests)) {}
  ~Way() {
    if (used_) return;
    net_.post([guests = guests_] {
      if (const auto alive = guests.lock()) ++alive->counters.failures;
    });
    give(problem(500, "unanswered", "the request was dropped without an answer"));
  }
  Way(const Way&) = delete;
  Way& operator=(const Way&) = delete;

  void give(Response response) {
    if (used_.exchange(true)) {
      if (response.stream) response.stream->abandon();
      return;
    }
    net_.post([to = to_, response = std::move(response)]() mutable {
      const auto connection = to.lock();
      if (connection) {
        connection->answer(std::move(response));
      } else if (response.stream) {
        response.stream->abandon();
      }
    });
  }

 private:
  const std::weak_ptr<Connection> to_;
  Net& net_;
  const std::weak_ptr<Guests> guests_;
  std::atomic<bool> used_ = false;
};

}  // namespace

Connection::Connection(std::shared_ptr<Guests> guests, Wire wire, Ends ends,
                       std::unique_ptr<Place> place)
    : guests_(std::move(guests)),
      wire_(std::move(wire)),
      ends_(std::move(ends)),
      place_(std::move(place)),
      // Bounded here: Beast's limits leave out the extensions of chunks and the trailer.
      buffer_(guests_->options.head_bytes_max + kReadBytesMax) {}

Connection::~Connection() {
  let_go();
}

void Connection::start() {
  guests_->enter(shared_from_this());
  if (!wire_.secure()) return rest();
  doing_ = Doing::Reading;
  wire_.due_within(guests_->options.patience);
  wire_.tls().async_handshake(
      asio::ssl::stream_base::server,
      [self = shared_from_this()](Error error) { self->on_secured(error); });
}

void Connection::on_secured(Error error) {
  if (error) ++guests_->counters.handshakes_failed;
  if (failed(error) || finished_) return finish();
  rest();
}

bool Connection::failed(Error error) {
  if (error == beast::error::timeout && doing_ != Doing::Resting) ++guests_->counters.timed_out;
  return static_cast<bool>(error);
}

void Connection::drain() {
  keep_alive_ = false;
  if (doing_ == Doing::Resting) finish();
}

void Connection::cut() {
  finish();
}

void Connection::finish() {
  if (finished_) return;
  finished_ = true;
  doing_ = Doing::Leaving;
  if (response_.stream) response_.stream->abandon();
  let_go();
  wire_.cut();
  place_.reset();
  guests_->leave(this);
}

/// The answer's bytes are not held for it any more.
void Connection::let_go() {
  guests_->answer_bytes -= std::exchange(held_bytes_, 0);
}

// --- the request ---

/// Between requests: a browser may rest for long, and says more whenever it likes.
void Connection::rest() {
  if (finished_) return;
  if (guests_->draining) return finish();
  doing_ = first_ ? Doing::Reading : Doing::Resting;
  request_.reset();
  head_only_ = false;
  old_protocol_ = false;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(guests_->options.head_bytes_max));
  parser_->body_limit(guests_->options.body_bytes_max);
  if (buffer_.size() > 0) return read_head();
  if (buffer_.capacity() > kReadBytes) buffer_.shrink_to_fit();
  wire_.due_within(first_ ? guests_->options.patience : guests_->options.idle);
  first_ = false;
  wire_.async_read_some(buffer_.prepare(kReadBytes),
                        [self = shared_from_this()](Error error, std::size_t size) {
                          if (self->failed(error) || self->finished_) return self->finish();
                          self->buffer_.commit(size);
                          self->read_head();
                        });
}

void Connection::read_head() {
  doing_ = Doing::Reading;
  wire_.due_within(guests_->options.patience);
  http::async_read_header(
      wire_, buffer_, *parser_,
      [self = shared_from_this()](Error error, std::size_t) { self->on_head(error); });
}

void Connection::on_head(Error error) {
  if (finished_) return;
  if (failed(error)) return on_bad_request(error);
  if (!admit()) return;
  keep_alive_ = parser_->keep_alive() && !old_protocol_ && !guests_->draining;
  if (wants_web_socket(parser_->get())) return upgrade();
  if (parser_->is_done()) return handle();
  read_body();
}

/// What Beast's parser refused: told when it is the other side's mistake.
void Connection::on_bad_request(Error error) {
  keep_alive_ = false;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    ++guests_->counters.refused_limit;
    return answer(problem(431, "head_too_large",
                          "the request's head is over " +
                              std::to_string(guests_->options.head_bytes_max) + " bytes"));
  }
  if (error == http::error::body_limit) {
    ++guests_->counters.refused_limit;
    return answer(
        problem(413, "body_too_large",
                "the body is over " + std::to_string(guests_->options.body_bytes_max) + " bytes"));
  }
  const bool ended = error == http::error::end_of_stream || error == http::error::partial_message ||
                     error.category() != make_error_code(http::error::bad_target).category();
  if (ended) return finish();
  ++guests_->counters.refused_malformed;
  answer(problem(400, "malformed", "the request cannot be read: " + error.message()));
}

void Connection::refuse(Refusal refusal) {
  switch (refusal.offence) {
    case Offence::Host:
      ++guests_->counters.refused_host;
      break;
    case Offence::Origin:
      ++guests_->counters.refused_origin;
      break;
    case Offence::Method:
    case Offence::Malformed:
      ++guests_->counters.refused_malformed;
      break;
  }
  // Its body was not read: what follows on this connection is not to be trusted as a request.
  keep_alive_ = false;
  answer(std::move(refusal.response));
}

bool Connection::admit() {
  ++guests_->counters.requests;
  const auto& message = parser_->get();
  old_protocol_ = message.version() < 11;
  request_ = std::make_shared<Request>();
  head_only_ = message.method() == http::verb::head;
  std::optional<Refusal> refused = framing_refusal(message);
  if (!refused) refused = fill_request(message, *request_);
  if (!refused) refused = guests_->rules.place(*request_, ends_);
  if (!refused) refused = guests_->rules.judge(*request_, ends_, wants_web_socket(message));
  if (!refused) return true;
  refuse(std::move(*refused));
  return false;
}

void Connection::read_body() {
  const std::size_t length = parser_->content_length().value_or(guests_->options.body_bytes_max);
  const std::chrono::milliseconds for_body(length * 1000 / kBodyBytesPerSecondMin);
  wire_.due_within(guests_->options.patience + for_body);
  const auto expected = request_->header("expect");
  if (!expected) return on_continued({});
  if (*expected != "100-continue") {
    return refuse({Offence::Malformed,
                   problem(417, "expectation_unknown", "Expect knows 100-continue alone")});
  }
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(
      wire_, asio::buffer(kContinue),
      [self = shared_from_this()](Error error, std::size_t) { self->on_continued(error); });
}

void Connection::on_continued(Error error) {
  if (failed(error) || finished_) return finish();
  http::async_read(
      wire_, buffer_, *parser_,
      [self = shared_from_this()](Error failure, std::size_t) { self->on_body(failure); });
}

void Connection::on_body(Error error) {
  if (finished_) return;
  if (failed(error)) return on_bad_request(error);
  request_->body = std::move(parser_->get().body());
  handle();
}

void Connection::handle() {
  doing_ = Doing::Waiting;
  wire_.never_due();
  if (guests_->handler == nullptr) return finish();
  const auto way = std::make_shared<Way>(weak_from_this(), guests_->net, guests_);
  try {
    guests_->handler->handle(request_,
                             [way](Response response) { way->give(std::move(response)); });
  } catch (const std::exception& error) {
    ++guests_->counters.failures;
    guests_->warn(std::string("a request's handler failed: ") + error.what());
    way->give(problem(500, "internal", "the server failed at this request; its log says why"));
  }
}

void Connection::upgrade() {
  if (guests_->handler == nullptr) return finish();
  // A body would be taken for the next request, when the upgrade is refused.
  if (buffer_.size() > 0 || !parser_->is_done()) {
    return refuse({Offence::Malformed,
                   problem(400, "too_early", "bytes before the WebSocket was agreed upon")});
  }
  std::variant<Response, std::unique_ptr<WebSocketUser>> decided;
  try {
    decided = guests_->handler->accept(*request_);
  } catch (const std::exception& error) {
    ++guests_->counters.failures;
    guests_->warn(std::string("a WebSocket's handler failed: ") + error.what());
    decided = problem(500, "internal", "the server failed at this request; its log says why");
  }
  if (auto* refused = std::get_if<Response>(&decided)) return answer(std::move(*refused));
  auto socket = std::make_shared<SocketConnection>(
      guests_, std::move(wire_), std::move(place_),
      std::move(std::get<std::unique_ptr<WebSocketUser>>(decided)));
  socket->start(parser_->get(), request_->secure);
  finished_ = true;
  guests_->leave(this);
}

}  // namespace vigie::web
