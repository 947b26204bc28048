#include "tests/bench/zmtp.h"

#include <endian.h>

#include <cstring>

namespace vigie::bench {
namespace {

constexpr std::size_t kGreetingBytes = 64;
// Bits of a frame's first byte.
constexpr unsigned char kMore = 1;
constexpr unsigned char kLong = 2;
constexpr unsigned char kCommand = 4;

void append_u32(std::string& to, std::size_t value) {
  const std::uint32_t big = htobe32(static_cast<std::uint32_t>(value));
  to.append(reinterpret_cast<const char*>(&big), sizeof big);
}

}  // namespace

Result<void> ZmtpConnection::begin(int port, double seconds, int receive_buffer) {
  if (Result<void> connected = connect(port, seconds, receive_buffer); !connected) return connected;
  std::string greeting(kGreetingBytes, '\0');
  greeting[0] = '\xff';
  greeting[9] = '\x7f';
  greeting[10] = 3;  // version 3.0: subscriptions are messages
  std::memcpy(&greeting[12], "NULL", 4);
  out() += greeting;
  std::string body("\x05READY\x0bSocket-Type", 18);
  append_u32(body, socket_type_.size());
  body += socket_type_;
  out() += static_cast<char>(kCommand);
  out() += static_cast<char>(body.size());
  out() += body;
  flush();
  return {};
}

void ZmtpConnection::append_head(std::string& to, std::size_t bytes) {
  if (bytes < 256) {
    const char head[2] = {0, static_cast<char>(bytes)};
    to.append(head, sizeof head);
    return;
  }
  const std::uint64_t big = htobe64(bytes);
  to += static_cast<char>(kLong);
  to.append(reinterpret_cast<const char*>(&big), sizeof big);
}

void ZmtpConnection::append_message(std::string_view body) {
  std::string& to = ready_ ? out() : early_;
  append_head(to, body.size());
  to += body;
}

bool ZmtpConnection::on_greeting() {
  if (unread().size() < kGreetingBytes) return false;
  if (unread()[10] < 3) poller().fail("the server does not speak ZMTP 3");
  consume(kGreetingBytes);
  greeted_ = true;
  return true;
}

void ZmtpConnection::on_command(std::string_view body) {
  if (body.starts_with("\x05READY")) {
    ready_ = true;
    out() += early_;
    early_.clear();
    flush();
  }
  if (body.starts_with("\x05"
                       "ERROR"))
    poller().fail("the server refused the ZMTP handshake");
  if (!body.starts_with("\x04PING") || body.size() < 7) return;
  std::string pong("\x04PONG");
  pong += body.substr(7);
  out() += static_cast<char>(kCommand);
  out() += static_cast<char>(pong.size());
  out() += pong;
  flush();
}

void ZmtpConnection::on_bytes() {
  if (!greeted_ && !on_greeting()) return;
  for (;;) {
    const std::string_view bytes = unread();
    if (bytes.size() < 2) return;
    const auto flags = static_cast<unsigned char>(bytes[0]);
    std::size_t head = 2;
    std::uint64_t length = static_cast<unsigned char>(bytes[1]);
    if ((flags & kLong) != 0) {
      head = 9;
      if (bytes.size() < head) return;
      std::memcpy(&length, bytes.data() + 1, sizeof length);
      length = be64toh(length);
    }
    if (bytes.size() < head + length) return;
    const std::string_view body = bytes.substr(head, length);
    if ((flags & kCommand) != 0) {
      on_command(body);
    } else {
      if ((flags & kMore) != 0) poller().fail("a message of several parts");
      on_message(body);
    }
    if (!open()) return;
    consume(head + length);
  }
}

}  // namespace vigie::bench
