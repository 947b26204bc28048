// The part of a connection that sends the answer: whole, or as a stream.

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <utility>

#include "clients/web/server/http/connection.h"
#include "clients/web/server/http/head.h"

namespace vigie::web {

namespace asio = boost::asio;

namespace {

/// What a refused request may still send before its connection is closed under it.
constexpr std::size_t kWasteBytesMax = 256 * 1024;
/// Small chunks of a stream are sent together.
constexpr std::size_t kGatherBytes = 32 * 1024;
constexpr std::size_t kReadBytes = 4 * 1024;
/// A browser takes an answer at least this fast, beyond the time that a stalled one is borne: one
/// that takes a byte now and then holds no export for ever.
constexpr std::size_t kTakenBytesPerSecondMin = 256;
/// Answers made for one request that is larger than this count in Guests::answer_bytes.
constexpr std::size_t kLargeBytes = 64 * 1024;

bool bears_no_body(int status) {
  return status == 204 || status == 304;
}

}  // namespace

void Connection::answer(Response response) {
  if (finished_ || doing_ == Doing::Sending || doing_ == Doing::Leaving) {
    if (response.stream) response.stream->abandon();
    return;
  }
  doing_ = Doing::Sending;
  response_ = std::move(response);
  hold();
  if (guests_->draining) keep_alive_ = false;
  const bool empty = bears_no_body(response_.status);
  HeadOptions options;
  options.secure = request_ ? request_->secure : ends_.tls;
  options.utc_us = guests_->clock.utc_us();
  options.length = response_.shared ? response_.shared->size() : response_.body.size();
  if (empty) options.framing = Framing::None;
  if (response_.stream && !empty) {
    options.framing = old_protocol_ ? Framing::UntilClose : Framing::Chunked;
    if (old_protocol_) keep_alive_ = false;
  }
  options.keep_alive = keep_alive_;
  std::string head = head_of(response_, options);
  const bool with_body = !empty && !head_only_;
  const std::size_t body = with_body && !response_.stream ? options.length : 0;
  wire_.each_write_within(guests_->options.stalled, time_for(head.size() + body), guests_->clock);
  if (response_.stream && with_body) return send_stream(std::move(head));
  if (response_.stream) response_.stream->abandon();
  send_whole(std::move(head), with_body && !response_.stream);
}

/// What large answers take in memory is bounded for all connections together.
void Connection::hold() {
  const std::size_t bytes = response_.shared ? 0 : response_.body.size();
  if (bytes <= kLargeBytes) return;
  if (guests_->answer_bytes + bytes > Guests::kAnswerBytesMax) {
    ++guests_->counters.refused_limit;
    response_ = problem(503, "busy", "too many large answers are being sent: try again");
    response_.headers.emplace_back("Retry-After", "5");
    return;
  }
  guests_->answer_bytes += bytes;
  held_bytes_ = bytes;
}

std::chrono::milliseconds Connection::time_for(std::size_t bytes) const {
  return guests_->options.stalled +
         std::chrono::milliseconds(bytes * 1000 / kTakenBytesPerSecondMin);
}

void Connection::send_whole(std::string head, bool with_body) {
  head_ = std::move(head);
  const std::string& body = response_.shared ? *response_.shared : response_.body;
  const std::array<asio::const_buffer, 2> parts = {
      asio::buffer(head_), with_body ? asio::buffer(body) : asio::const_buffer()};
  asio::async_write(wire_, parts, [self = shared_from_this()](Error error, std::size_t size) {
    self->guests_->counters.bytes_sent += size;
    if (self->failed(error) || self->finished_) return self->finish();
    self->on_sent();
  });
}

void Connection::send_stream(std::string head) {
  head_ = std::move(head);
  response_.stream->when_failed(
      [weak = weak_from_this(), stream = response_.stream.get(), &net = guests_->net] {
        net.post([weak, stream] {
          const auto self = weak.lock();
          if (self && !self->finished_ && self->response_.stream.get() == stream) self->give_up();
        });
      });
  asio::async_write(wire_, asio::buffer(head_),
                    [self = shared_from_this()](Error error, std::size_t size) {
                      self->guests_->counters.bytes_sent += size;
                      if (self->failed(error) || self->finished_) return self->finish();
                      self->pump();
                    });
}

/// The stream failed: what is on its way is cut, too. A session that ended is not served on by what
/// the kernel holds for a slow reader.
void Connection::give_up() {
  wire_.abort();
  finish();
}

/// Takes what waits in the stream and sends it; with nothing there, waits for the producer.
void Connection::pump() {
  if (finished_) return;
  std::string bytes;
  while (bytes.size() < kGatherBytes) {
    std::string chunk;
    std::function<void()> again;
    if (bytes.empty()) {
      again = [weak = weak_from_this(), &net = guests_->net] {
        net.post([weak] {
          if (const auto self = weak.lock()) self->pump();
        });
      };
    }
    const BodyStream::State state = response_.stream->take(chunk, std::move(again));
    if (state == BodyStream::State::Failed) return give_up();
    if (state == BodyStream::State::Finished) return send_chunk(std::move(bytes), true);
    if (state == BodyStream::State::Waiting) {
      if (bytes.empty()) {
        wire_.never_due();
        return;
      }
      break;
    }
    bytes.append(chunk);
  }
  send_chunk(std::move(bytes), false);
}

void Connection::send_chunk(std::string bytes, bool last) {
  if (!old_protocol_) {
    std::string framed;
    framed.reserve(bytes.size() + 32);
    if (!bytes.empty()) {
      char size[20];
      std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
      framed.append(size).append(bytes).append("\r\n");
    }
    if (last) framed.append("0\r\n\r\n");
    bytes = std::move(framed);
  }
  head_ = std::move(bytes);
  wire_.each_write_within(guests_->options.stalled, time_for(head_.size()), guests_->clock);
  asio::async_write(wire_, asio::buffer(head_),
                    [self = shared_from_this(), last](Error error, std::size_t size) {
                      self->guests_->counters.bytes_sent += size;
                      if (self->failed(error) || self->finished_) return self->finish();
                      if (last) return self->on_sent();
                      self->pump();
                    });
}

void Connection::on_sent() {
  let_go();
  response_ = {};
  head_.clear();
  if (keep_alive_ && !guests_->draining) return rest();
  linger();
}

/// Closes so that the answer arrives: closed with unread bytes the kernel would throw it away.
void Connection::linger() {
  doing_ = Doing::Leaving;
  wire_.due_within(guests_->options.close);
  const auto shut = [self = shared_from_this()](Error) {
    Error ignored;  // the other side may be gone already
    self->wire_.tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    self->drain_input(kWasteBytesMax);
  };
  if (wire_.secure()) return wire_.tls().async_shutdown(shut);
  shut({});
}

void Connection::drain_input(std::size_t bytes_left) {
  if (finished_) return;
  buffer_.clear();
  wire_.tcp().async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this(), bytes_left](
                                                               Error error, std::size_t size) {
    if (error || size >= bytes_left) return self->finish();
    self->drain_input(bytes_left - size);
  });
}

}  // namespace vigie::web
