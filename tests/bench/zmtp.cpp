#include "tests/bench/zmtp.h"

#include <endian.h>

#include <cstring>

namespace vigie::bench {
namespace {

/// Shorter messages are opened whole.
constexpr std::size_t kPeekedFrom = 2048;
constexpr std::size_t kGreetingBytes = 64;
// Bits of a frame's first byte.
constexpr unsigned char kMore = 1;
constexpr unsigned char kLong = 2;
constexpr unsigned char kCommand = 4;
// Bits of a sealed message's first byte.
constexpr unsigned char kSealedMore = 1;
constexpr unsigned char kSealedCommand = 2;

constexpr std::string_view kError{
    "\x05"
    "ERROR",
    6};

void append_u32(std::string& to, std::size_t value) {
  const std::uint32_t big = htobe32(static_cast<std::uint32_t>(value));
  to.append(reinterpret_cast<const char*>(&big), sizeof big);
}

}  // namespace

Result<void> ZmtpConnection::begin(int port, double seconds, int receive_buffer) {
  if (keys_) {
    auto curve = CurveClient::make(*keys_);
    if (!curve) return curve.fault();
    curve_ = std::move(*curve);
  }
  if (Result<void> connected = connect(port, seconds, receive_buffer); !connected) return connected;
  const std::string_view mechanism = curve_ ? "CURVE" : "NULL";
  std::string greeting(kGreetingBytes, '\0');
  greeting[0] = '\xff';
  greeting[9] = '\x7f';
  greeting[10] = 3;  // version 3.0: subscriptions are messages
  std::memcpy(&greeting[12], mechanism.data(), mechanism.size());
  out() += greeting;
  append_command(curve_ ? curve_->hello() : "\x05READY" + metadata());
  flush();
  return {};
}

std::string ZmtpConnection::metadata() const {
  std::string text("\x0bSocket-Type", 12);
  append_u32(text, socket_type_.size());
  return text + socket_type_;
}

void ZmtpConnection::append_head(unsigned char flags, std::size_t bytes) {
  if (bytes < 256) {
    const char head[2] = {static_cast<char>(flags), static_cast<char>(bytes)};
    out().append(head, sizeof head);
    return;
  }
  const std::uint64_t big = htobe64(bytes);
  out() += static_cast<char>(flags | kLong);
  out().append(reinterpret_cast<const char*>(&big), sizeof big);
}

void ZmtpConnection::append_command(std::string_view body) {
  append_head(kCommand, body.size());
  out() += body;
}

void ZmtpConnection::append_sealed(unsigned char flags, std::string_view body) {
  append_head(0, body.size() + CurveBox::kExtraBytes);
  curve_->seal(out(), flags, body);
}

void ZmtpConnection::append_message(std::string_view body) {
  if (!ready_) {
    early_.emplace_back(body);
  } else if (curve_) {
    append_sealed(0, body);
  } else {
    append_head(0, body.size());
    out() += body;
  }
}

bool ZmtpConnection::on_greeting() {
  if (unread().size() < kGreetingBytes) return false;
  if (unread()[10] < 3) poller().fail("the server does not speak ZMTP 3");
  if (curve_ && !unread().substr(12).starts_with("CURVE")) {
    poller().fail("the server does not speak CURVE");
  }
  consume(kGreetingBytes);
  greeted_ = true;
  return true;
}

void ZmtpConnection::on_ready() {
  ready_ = true;
  for (const std::string& message : early_) append_message(message);
  early_.clear();
  flush();
}

void ZmtpConnection::on_handshake(std::string_view command) {
  if (command.starts_with(kError)) {
    return poller().fail("the server refused the ZMTP handshake");
  }
  if (command.starts_with("\x07WELCOME")) {
    const Result<std::string> initiate = curve_->initiate(command, metadata());
    if (!initiate) return poller().fail(initiate.fault().sentence);
    append_command(*initiate);
    flush();
    return;
  }
  if (Result<void> taken = curve_->take_ready(command); !taken) {
    return poller().fail(taken.fault().sentence);
  }
  on_ready();
}

void ZmtpConnection::on_command(std::string_view body) {
  if (!curve_ && body.starts_with("\x05READY")) on_ready();
  if (body.starts_with(kError)) poller().fail("the server refused the ZMTP handshake");
  if (!body.starts_with("\x04PING") || body.size() < 7) return;
  std::string pong("\x04PONG");
  pong += body.substr(7);
  if (curve_) {
    append_sealed(kSealedCommand, pong);
  } else {
    append_command(pong);
  }
  flush();
}

void ZmtpConnection::on_sealed(std::string_view body) {
  if (body.size() >= kPeekedFrom && peeks()) {
    const std::optional<CurveBox::Peeked> peeked = curve_->peek(body);
    if (!peeked || peeked->flags() != 0) return poller().fail("a long message out of its order");
    return on_peeked(*peeked);
  }
  const std::optional<CurveBox::Opened> opened = curve_->open(body);
  if (!opened) return poller().fail("a message that the server did not seal");
  if ((opened->flags & kSealedCommand) != 0) return on_command(opened->body);
  if ((opened->flags & kSealedMore) != 0) poller().fail("a message of several parts");
  on_message(opened->body);
}

void ZmtpConnection::on_frame(unsigned char flags, std::string_view body) {
  if (curve_) return ready_ ? on_sealed(body) : on_handshake(body);
  if ((flags & kCommand) != 0) return on_command(body);
  if ((flags & kMore) != 0) poller().fail("a message of several parts");
  on_message(body);
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
    on_frame(flags, bytes.substr(head, length));
    if (!open()) return;
    consume(head + length);
  }
}

}  // namespace vigie::bench
