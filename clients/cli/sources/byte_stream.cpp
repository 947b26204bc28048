#include "clients/cli/sources/byte_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vigie::cli {
namespace {

constexpr std::chrono::milliseconds kDelayMax{30'000};
constexpr int kConnectWaitMs = 5'000;

std::string error_text() {
  return std::strerror(errno);
}

bool speed_of(int baud, speed_t& speed) {
  static constexpr std::pair<int, speed_t> kSpeeds[] = {
      {1200, B1200},   {2400, B2400},   {4800, B4800},     {9600, B9600},     {19200, B19200},
      {38400, B38400}, {57600, B57600}, {115200, B115200}, {230400, B230400}, {460800, B460800}};
  for (const auto& [number, code] : kSpeeds) {
    if (number == baud) {
      speed = code;
      return true;
    }
  }
  return false;
}

/// Waits for a connection that is under way; true when it stands.
bool finish_connect(int descriptor) {
  pollfd wait{descriptor, POLLOUT, 0};
  if (::poll(&wait, 1, kConnectWaitMs) <= 0) return false;
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  errno = error;
  return error == 0;
}

}  // namespace

bool is_stream_address(const std::string& text) {
  return text == "-" || text.rfind("tcp://", 0) == 0 || text.rfind("udp://", 0) == 0 ||
         text.rfind("/dev/", 0) == 0;
}

Result<std::pair<std::string, std::string>> parse_host_port(const std::string& text,
                                                            bool host_needed) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon == std::string::npos ? 0 : colon);
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const bool port_ok = !port.empty() && port.size() <= 5 &&
                       port.find_first_not_of("0123456789") == std::string::npos &&
                       std::stoi(port) >= 1 && std::stoi(port) <= 65'535;
  if (!port_ok || (host_needed && host.empty())) {
    return Fault{FaultCode::Invalid, fmt::format("'{}' is not HOST:PORT", text)};
  }
  return std::pair(host, port);
}

Result<StreamAddress> parse_stream_address(const std::string& text, int baud) {
  StreamAddress address;
  address.baud = baud;
  if (text == "-") return address;
  if (text.rfind("/dev/", 0) == 0) {
    speed_t speed = 0;
    if (!speed_of(baud, speed)) {
      return Fault{FaultCode::Invalid, fmt::format("{} baud is no usual speed", baud)};
    }
    address.kind = StreamAddress::Kind::Serial;
    address.path = text;
    return address;
  }
  const bool tcp = text.rfind("tcp://", 0) == 0;
  address.kind = tcp ? StreamAddress::Kind::Tcp : StreamAddress::Kind::Udp;
  auto parts = parse_host_port(text.substr(6), tcp);
  if (!parts) return parts.fault();
  address.host = parts->first;
  address.port = parts->second;
  return address;
}

ByteStream::ByteStream(StreamAddress address)
    : address_(std::move(address)), chance_(std::random_device{}()) {}

ByteStream::~ByteStream() {
  if (descriptor_ > 0) ::close(descriptor_);
}

std::string ByteStream::take_notice() {
  return std::exchange(notice_, {});
}

Result<void> ByteStream::open() {
  switch (address_.kind) {
    case StreamAddress::Kind::StandardInput:
      descriptor_ = 0;
      return {};
    case StreamAddress::Kind::Serial:
      return open_serial();
    default:
      return open_socket();
  }
}

Result<void> ByteStream::open_socket() {
  const bool udp = address_.kind == StreamAddress::Kind::Udp;
  addrinfo hints{};
  hints.ai_socktype = udp ? SOCK_DGRAM : SOCK_STREAM;
  hints.ai_flags = udp ? AI_PASSIVE : 0;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(address_.host.empty() ? nullptr : address_.host.c_str(),
                                 address_.port.c_str(), &hints, &found);
  if (code != 0) return Fault{FaultCode::Unavailable, ::gai_strerror(code)};
  std::string why = "no address";
  for (const addrinfo* at = found; at != nullptr && descriptor_ < 0; at = at->ai_next) {
    const int socket = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) continue;
    const int done = udp ? ::bind(socket, at->ai_addr, at->ai_addrlen)
                         : ::connect(socket, at->ai_addr, at->ai_addrlen);
    if (done == 0 || (!udp && errno == EINPROGRESS && finish_connect(socket))) {
      descriptor_ = socket;
    } else {
      why = error_text();
      ::close(socket);
    }
  }
  ::freeaddrinfo(found);
  if (descriptor_ < 0) {
    return Fault{udp ? FaultCode::Invalid : FaultCode::Unavailable,
                 fmt::format("{}:{}: {}", address_.host, address_.port, why)};
  }
  return {};
}

Result<void> ByteStream::open_serial() {
  const int line = ::open(address_.path.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (line < 0) {
    return Fault{FaultCode::Unavailable, fmt::format("{}: {}", address_.path, error_text())};
  }
  if (::isatty(line) == 1) {
    termios settings{};
    speed_t speed = B4800;
    (void)speed_of(address_.baud, speed);
    ::tcgetattr(line, &settings);
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    ::cfsetispeed(&settings, speed);
    ::cfsetospeed(&settings, speed);
    if (::tcsetattr(line, TCSANOW, &settings) != 0) {
      ::close(line);
      return Fault{FaultCode::Unavailable, fmt::format("{}: {}", address_.path, error_text())};
    }
  }
  descriptor_ = line;
  return {};
}

void ByteStream::lose(const std::string& why) {
  if (descriptor_ > 0) ::close(descriptor_);
  descriptor_ = -1;
  // Between half and all of the delay, so that many readers do not come back at once.
  std::uniform_int_distribution<long> spread(delay_.count() / 2, delay_.count());
  try_again_at_us_ = clock_.monotonic_us() + spread(chance_) * 1000;
  delay_ = std::min(delay_ * 2, kDelayMax);
  if (!told_lost_) notice_ = fmt::format("{}; trying again", why);
  told_lost_ = true;
}

Result<ByteStream::State> ByteStream::read(std::span<std::uint8_t> out,
                                           std::chrono::milliseconds wait, std::size_t& got) {
  got = 0;
  if (descriptor_ < 0) {
    const std::int64_t left_ms = (try_again_at_us_ - clock_.monotonic_us() + 999) / 1000;
    if (left_ms > 0) {
      ::poll(nullptr, 0, static_cast<int>(std::min<std::int64_t>(left_ms, wait.count())));
      return State::Quiet;
    }
    if (auto opened = open(); !opened) {
      if (opened.fault().code == FaultCode::Invalid) return opened.fault();
      lose(opened.fault().sentence);
      return State::Quiet;
    }
    if (told_lost_) notice_ = "connected again";
    told_lost_ = false;
  }
  pollfd readable{descriptor_, POLLIN, 0};
  if (::poll(&readable, 1, static_cast<int>(wait.count())) <= 0) return State::Quiet;
  const ssize_t count = ::read(descriptor_, out.data(), out.size());
  if (count > 0) {
    delay_ = std::chrono::milliseconds(250);
    got = static_cast<std::size_t>(count);
    return State::Bytes;
  }
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return State::Quiet;
  if (address_.kind == StreamAddress::Kind::StandardInput) {
    if (count < 0) return Fault{FaultCode::Io, "standard input: " + error_text()};
    return State::Ended;
  }
  if (address_.kind == StreamAddress::Kind::Udp && count == 0) return State::Quiet;
  lose(count == 0 ? "the other side closed the connection" : error_text());
  return State::Quiet;
}

}  // namespace vigie::cli
