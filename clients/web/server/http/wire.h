#pragma once
// One connection's bytes, plain or by TLS, as one type: so that Beast's machinery is compiled once
// and not for each. For this room's own files alone. Net thread.

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "schemas/words/times.h"

namespace vigie::web {

class Wire {
 public:
  using Tcp = boost::beast::tcp_stream;
  using Tls = boost::beast::ssl_stream<Tcp>;
  using executor_type = Tcp::executor_type;

  /// `tls` null: plain.
  Wire(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> tls)
      : context_(std::move(tls)) {
    if (context_) {
      tls_ = std::make_unique<Tls>(Tcp(std::move(socket)), *context_);
    } else {
      plain_ = std::make_unique<Tcp>(std::move(socket));
    }
  }

  bool secure() const { return tls_ != nullptr; }
  Tcp& tcp() { return tls_ ? tls_->next_layer() : *plain_; }
  Tls& tls() { return *tls_; }
  executor_type get_executor() { return tcp().get_executor(); }

  /// All reads and writes from here on must end by then.
  void due_within(std::chrono::milliseconds time) {
    each_write_.reset();
    tcp().expires_after(time);
  }
  /// Each write that takes some bytes gets that time anew, and all until the next call `all`: slow
  /// is allowed, stalled is not.
  void each_write_within(std::chrono::milliseconds time, std::chrono::milliseconds all,
                         const Clock& clock) {
    tcp().expires_never();
    const std::int64_t all_us = std::chrono::microseconds(all).count();
    each_write_ = std::make_unique<Due>(Due{time, clock.monotonic_us() + all_us, clock});
  }
  void never_due() {
    each_write_.reset();
    tcp().expires_never();
  }

  /// Ends what is under way with an error. Again: nothing.
  void cut() {
    boost::beast::error_code ignored;  // it is gone either way
    tcp().socket().shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
    tcp().close();
  }
  /// As cut(), but the other side is told that what came is not the whole.
  void abort() {
    boost::beast::error_code ignored;
    tcp().socket().set_option(boost::asio::socket_base::linger(true, 0), ignored);
    tcp().close();
  }

  int descriptor() { return tcp().socket().native_handle(); }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      plain_->async_read_some(buffers, std::forward<Handler>(handler));
    }
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (each_write_) tcp().expires_after(each_write_->left());
    if (!tls_) {
      plain_->async_write_some(buffers, std::forward<Handler>(handler));
    } else if (const auto large = after_empty(buffers); large.size() != 0) {
      tls_->async_write_some(large, std::forward<Handler>(handler));
    } else {
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

 private:
  /// What stands behind an empty buffer in front; empty: there is none in front. Beast's TLS stream
  /// joins small buffers, and where an empty one stands before a large one it writes nothing and
  /// calls that done: Asio leaves one there when a head was written and its body is to come.
  template <typename Buffers>
  static boost::asio::const_buffer after_empty(const Buffers& buffers) {
    auto one = boost::asio::buffer_sequence_begin(buffers);
    const auto end = boost::asio::buffer_sequence_end(buffers);
    if (one == end || boost::asio::const_buffer(*one).size() != 0) return {};
    while (++one != end) {
      if (boost::asio::const_buffer(*one).size() != 0) return boost::asio::const_buffer(*one);
    }
    return {};
  }

  std::shared_ptr<boost::asio::ssl::context> context_;  // its TLS stream needs it
  std::unique_ptr<Tcp> plain_;
  std::unique_ptr<Tls> tls_;
  struct Due {
    std::chrono::milliseconds time;
    std::int64_t until_us;
    const Clock& clock;  // borrowed: it outlives the writes

    std::chrono::microseconds left() const {
      const std::int64_t left_us = std::max<std::int64_t>(until_us - clock.monotonic_us(), 1);
      return std::min(std::chrono::microseconds(time), std::chrono::microseconds(left_us));
    }
  };
  std::unique_ptr<Due> each_write_;
};

/// Beast's WebSocket ends a connection by these two.
inline void beast_close_socket(Wire& wire) {
  wire.cut();
}

template <typename Handler>
void async_teardown(boost::beast::role_type, Wire& wire, Handler&& handler) {
  boost::beast::error_code ignored;  // the closing frames were exchanged: nothing can be lost
  wire.tcp().socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  boost::asio::post(
      wire.get_executor(),
      boost::beast::bind_front_handler(std::forward<Handler>(handler), boost::beast::error_code()));
}

}  // namespace vigie::web
