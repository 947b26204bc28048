#pragma once
// One WebSocket, as whoever uses it sees it. All on the net thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "clients/web/server/http/close_kinds.h"

namespace vigie::web {

/// Lives until WebSocketUser::on_closed() returns.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  /// One message on its way at a time: call it only while !sending(). The bytes are shared, never
  /// copied. on_sent() follows when the connection took it.
  virtual void send(std::shared_ptr<const std::string> message, bool binary) = 0;
  virtual bool sending() const = 0;
  /// Closes with the kind's number and "CODE: sentence", cut to what a close frame bears;
  /// on_closed() follows, within HttpOptions::close_ms at the latest. What was not sent is dropped.
  virtual void close(const CloseKind& kind, std::string_view sentence) = 0;
};

/// One browser's end of the conversation.
class WebSocketUser {
 public:
  virtual ~WebSocketUser() = default;
  virtual void on_open(WebSocket& socket) = 0;
  /// A whole text message, valid UTF-8, at most HttpOptions::message_bytes_max.
  virtual void on_text(std::string_view text) = 0;
  virtual void on_sent() = 0;
  /// The socket is gone; the user is destroyed after this.
  virtual void on_closed() = 0;
};

}  // namespace vigie::web
