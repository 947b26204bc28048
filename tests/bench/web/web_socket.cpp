#include "tests/bench/web/web_socket.h"

#include <fmt/format.h>

namespace vigie::bench {
namespace {

constexpr unsigned kContinuation = 0;
constexpr unsigned kText = 1;
constexpr unsigned kBinary = 2;
constexpr unsigned kClose = 8;
constexpr unsigned kPing = 9;
constexpr unsigned kPong = 10;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

Result<void> WebSocketClient::begin(int port, double seconds) {
  if (auto connected = connect(port, seconds); !connected) return connected;
  out() += fmt::format(
      "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nOrigin: http://127.0.0.1:{}\r\n"
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
      path_, port, port);
  if (!protocol_.empty()) out() += "Sec-WebSocket-Protocol: " + protocol_ + "\r\n";
  out() += "\r\n";
  flush();
  return {};
}

void WebSocketClient::send_message(std::string_view body, bool binary) {
  send_frame(binary ? kBinary : kText, body);
}

void WebSocketClient::send_frame(unsigned opcode, std::string_view body) {
  std::string& to = out();
  to += static_cast<char>(0x80 | opcode);
  if (body.size() < 126) {
    to += static_cast<char>(0x80 | body.size());
  } else {
    to += static_cast<char>(0x80 | 126);
    to += static_cast<char>(body.size() >> 8);
    to += static_cast<char>(body.size() & 0xff);
  }
  to.append(4, '\0');  // the mask: of zeros, it changes nothing
  to += body;
  flush();
}

void WebSocketClient::on_bytes() {
  if (!ready_ && !read_handshake()) return;
  while (open() && read_frame()) {
  }
}

bool WebSocketClient::read_handshake() {
  const std::size_t end = unread().find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  const std::string_view head = unread().substr(0, end);
  if (!head.starts_with("HTTP/1.1 101")) {
    poller().fail(fmt::format("no upgrade: {}", head.substr(0, head.find('\r'))));
    close();
    return false;
  }
  consume(end + 4);
  ready_ = true;
  on_ready();
  return true;
}

/// False: the rest of it has not come.
bool WebSocketClient::read_frame() {
  const std::string_view bytes = unread();
  if (bytes.size() < 2) return false;
  const unsigned opcode = static_cast<unsigned char>(bytes[0]) & 0x0f;
  const bool last = (static_cast<unsigned char>(bytes[0]) & 0x80) != 0;
  std::uint64_t size = static_cast<unsigned char>(bytes[1]) & 0x7f;
  std::size_t head = 2;
  if (size == 126) head = 4;
  if (size == 127) head = 10;
  if (bytes.size() < head) return false;
  if (head > 2) size = big_endian(bytes.substr(2, head - 2));
  if (bytes.size() - head < size) return false;
  on_frame(opcode, last, bytes.substr(head, size));
  consume(head + size);
  return true;
}

void WebSocketClient::on_frame(unsigned opcode, bool last, std::string_view body) {
  if (opcode == kPing) return send_frame(kPong, body);
  if (opcode == kPong) return;
  if (opcode == kClose) {
    poller().fail(fmt::format("the server closed a socket: {} {}",
                              body.size() < 2 ? 0 : big_endian(body.substr(0, 2)),
                              body.size() < 2 ? "" : body.substr(2)));
    close();
    return;
  }
  if (opcode != kContinuation && last) return on_message(body, opcode == kBinary);
  if (opcode != kContinuation) {
    parts_.clear();
    parts_binary_ = opcode == kBinary;
  }
  parts_ += body;
  if (last) on_message(parts_, parts_binary_);
}

}  // namespace vigie::bench
