#include "clients/web/server/http/socket_connection.h"

#include <fmt/format.h>

#include <boost/beast/http/rfc7230.hpp>

#include "clients/web/server/http/head.h"

namespace vigie::web {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

constexpr std::string_view kProtocol = "vigie.1";
/// Looks at a connection in the time that a stalled one is borne.
constexpr int kLooks = 3;
/// A browser answers each ping; one whose machine takes bytes, but that says nothing for so many
/// looks, hangs.
constexpr int kLooksWithoutWordMax = 30;
constexpr std::size_t kKeptBytes = 4 * 1024;
/// Between two looks; a page says little, and a browser pings of itself never or seldom.
constexpr int kControlsMax = 1'000;
constexpr std::uint64_t kBytesPerSecondMax = 512 * 1024;

/// "CODE: sentence", in the 123 bytes that a close frame bears; a letter is not cut through.
std::string close_text(std::string_view code, std::string_view sentence) {
  constexpr std::size_t kReasonBytesMax = 123;
  std::string text = fmt::format("{}: {}", code, sentence);
  if (text.size() <= kReasonBytesMax) return text;
  std::size_t end = kReasonBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  text.resize(end);
  return text;
}

bool offers_ours(const BeastRequest& request) {
  const http::token_list offered(request[http::field::sec_websocket_protocol]);
  for (const auto& name : offered) {
    if (std::string_view(name.data(), name.size()) == kProtocol) return true;
  }
  return false;
}

}  // namespace

SocketConnection::SocketConnection(std::shared_ptr<Guests> guests, Wire wire,
                                   std::unique_ptr<Place> place,
                                   std::unique_ptr<WebSocketUser> user)
    : guests_(std::move(guests)),
      stream_(std::move(wire)),
      place_(std::move(place)),
      user_(std::move(user)),
      watch_timer_(guests_->net),
      pace_timer_(guests_->net),
      close_timer_(guests_->net) {}

SocketConnection::~SocketConnection() = default;

void SocketConnection::start(const BeastRequest& request, bool secure) {
  guests_->enter(shared_from_this());
  Wire& wire = stream_.next_layer();
  wire.never_due();
  bound_unsent(wire.descriptor());
  // Beast bounds the handshakes in time; rest and stalls are watched here, by the kernel's figures.
  stream_.set_option(websocket::stream_base::timeout{guests_->options.patience,
                                                     websocket::stream_base::none(), false});
  stream_.set_option(websocket::stream_base::decorator(
      [ours = offers_ours(request), secure](websocket::response_type& response) {
        for (const auto& [name, value] : fixed_headers(secure)) {
          response.set(beast::string_view(name.data(), name.size()),
                       beast::string_view(value.data(), value.size()));
        }
        if (ours) response.set(http::field::sec_websocket_protocol, "vigie.1");
      }));
  stream_.read_message_max(guests_->options.message_bytes_max);
  stream_.auto_fragment(false);
  // Borrowed: the stream is this object's.
  stream_.control_callback([this](websocket::frame_type, beast::string_view) { on_control(); });
  stream_.async_accept(request,
                       [self = shared_from_this()](Error error) { self->on_accepted(error); });
}

template <typename Call>
void SocketConnection::with_user(Call call) {
  try {
    call(*user_);
  } catch (const std::exception& error) {
    ++guests_->counters.failures;
    guests_->warn(std::string("a WebSocket's user failed: ") + error.what());
    close(closing::kInternal, "the server failed; its log says why");
  }
}

void SocketConnection::on_accepted(Error error) {
  if (finished_) return;
  if (error) {
    ++guests_->counters.refused_malformed;
    return finish();
  }
  ++guests_->counters.sockets;
  ++guests_->counters.sockets_open;
  open_ = true;
  progress_ = tcp_progress(stream_.next_layer().descriptor());
  watch();
  read();
  with_user([this](WebSocketUser& user) { user.on_open(*this); });
  if (guests_->draining) drain();
}

void SocketConnection::read() {
  // Once closing, the closing itself reads what comes until the other side's close frame.
  if (finished_ || closing_) return;
  stream_.async_read(
      buffer_, [self = shared_from_this()](Error error, std::size_t) { self->on_read(error); });
}

void SocketConnection::count(Error error) {
  if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) {
    ++guests_->counters.refused_limit;
  } else if (error == websocket::condition::protocol_violation) {
    ++guests_->counters.refused_malformed;
  }
}

void SocketConnection::on_read(Error error) {
  if (finished_) return;
  if (error) {
    count(error);
    // Closing, our own close frame may still be on its way: its handler or its timer ends this.
    if (!closing_) finish();
    return;
  }
  looks_without_word_ = 0;
  if (!closing_ && !stream_.got_text()) {
    ++guests_->counters.refused_malformed;
    close(closing::kNoText, "text messages alone are understood");
  } else if (!closing_) {
    const auto bytes = buffer_.data();
    const std::string_view text(static_cast<const char*>(bytes.data()), bytes.size());
    with_user([text](WebSocketUser& user) { user.on_text(text); });
  }
  if (finished_) return;
  buffer_.clear();
  if (buffer_.capacity() > kKeptBytes) buffer_.shrink_to_fit();
  read_at_pace();
}

void SocketConnection::read_at_pace() {
  const std::int64_t now_us = guests_->clock.monotonic_us();
  if (now_us - second_us_ >= kMicrosecondsPerSecond) {
    second_us_ = now_us;
    messages_ = 0;
  }
  if (++messages_ < guests_->options.messages_per_second) return read();
  const std::int64_t left_ms = (kMicrosecondsPerSecond - (now_us - second_us_)) / 1000 + 1;
  pace_timer_.after(std::chrono::milliseconds(left_ms),
                    [self = shared_from_this()] { self->read(); });
}

void SocketConnection::send(std::shared_ptr<const std::string> message, bool binary) {
  if (finished_ || closing_ || message_ || !message) return;
  message_ = std::move(message);
  stream_.binary(binary);
  stream_.async_write(asio::buffer(*message_),
                      [self = shared_from_this()](Error error, std::size_t size) {
                        self->on_written(error, size);
                      });
}

void SocketConnection::on_written(Error error, std::size_t size) {
  message_.reset();
  guests_->counters.bytes_sent += size;
  if (finished_) return;
  if (error) {
    if (!closing_) finish();
    return;
  }
  if (!closing_) with_user([](WebSocketUser& user) { user.on_sent(); });
}

void SocketConnection::close(const CloseKind& kind, std::string_view sentence) {
  if (finished_ || closing_) return;
  closing_ = true;
  const std::string text = close_text(kind.code, sentence);
  close_timer_.after(guests_->options.close, [self = shared_from_this()] { self->finish(); });
  stream_.async_close(websocket::close_reason(static_cast<websocket::close_code>(kind.number),
                                              beast::string_view(text.data(), text.size())),
                      [self = shared_from_this()](Error) { self->finish(); });
}

void SocketConnection::drain() {
  if (open_) close(closing::kRestarting, "the server is stopping");
}

/// Pings are answered by Beast itself: without a bound they would keep the net thread busy.
void SocketConnection::on_control() {
  if (++controls_ != kControlsMax) return;
  // Not from within Beast's reading.
  guests_->net.post([self = weak_from_this()] {
    if (const auto socket = self.lock()) socket->flooded();
  });
}

void SocketConnection::flooded() {
  if (finished_ || closing_) return;
  ++guests_->counters.refused_limit;
  close(closing::kFlooding, "sends more than a page has to say");
}

void SocketConnection::watch() {
  watch_timer_.after(guests_->options.stalled / kLooks,
                     [self = shared_from_this()] { self->look(); });
}

/// Ends a connection on which nothing arrives any more, in either direction.
void SocketConnection::look() {
  if (finished_) return;
  const TcpProgress now = tcp_progress(stream_.next_layer().descriptor());
  const bool heard = now.received != progress_.received;
  const bool moved = heard || now.acknowledged != progress_.acknowledged;
  // Frames without an end of the message are no message, and wait for nothing.
  const auto look_ms = static_cast<std::uint64_t>((guests_->options.stalled / kLooks).count());
  const std::uint64_t bytes_max =
      4 * guests_->options.message_bytes_max + look_ms * kBytesPerSecondMax / 1000;
  if (now.received - progress_.received > bytes_max) flooded();
  controls_ = 0;
  progress_ = now;
  looks_without_progress_ = moved ? 0 : looks_without_progress_ + 1;
  looks_without_word_ = heard ? 0 : looks_without_word_ + 1;
  if (looks_without_progress_ >= kLooks || looks_without_word_ >= kLooksWithoutWordMax) {
    ++guests_->counters.timed_out;
    return finish();
  }
  if (!pinging_ && !closing_) {
    pinging_ = true;
    stream_.async_ping({}, [self = shared_from_this()](Error) { self->pinging_ = false; });
  }
  watch();
}

void SocketConnection::finish() {
  if (finished_) return;
  finished_ = true;
  const auto self = shared_from_this();
  watch_timer_.cancel();
  pace_timer_.cancel();
  close_timer_.cancel();
  stream_.next_layer().cut();
  if (open_) {
    --guests_->counters.sockets_open;
    user_->on_closed();
  }
  user_.reset();
  place_.reset();
  guests_->leave(this);
}

}  // namespace vigie::web
