#include "tests/bench/poller.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/bench/clock.h"

namespace vigie::bench {
namespace {

constexpr std::size_t kReceiveBytes = std::size_t{256} * 1024;  // one recv() at most
volatile sig_atomic_t interrupt_seen = 0;

timespec timespec_of(std::int64_t ns) {
  return {.tv_sec = ns / kNsPerSecond, .tv_nsec = ns % kNsPerSecond};
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupt_seen = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return interrupt_seen != 0;
}

std::int64_t deadline_ns(double seconds) {
  return now_ns() + static_cast<std::int64_t>(seconds * 1e9);
}

bool past(std::int64_t deadline) {
  return now_ns() > deadline;
}

Fault not_in_time(std::string_view what, double seconds) {
  return {FaultCode::Unavailable, fmt::format("{}: not within {} s", what, seconds)};
}

Result<void> Connection::connect(int port, double seconds, int receive_buffer) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::int64_t deadline = deadline_ns(seconds);
  for (;;) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) break;
    ::close(fd_);
    fd_ = -1;
    if (past(deadline) || interrupted()) {
      return not_in_time(fmt::format("connecting to port {}", port), seconds);
    }
    // The server gives no sign that it listens but by listening: ask again shortly.
    ::poll(nullptr, 0, 2);
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
  epoll_ctl(poller_.epoll_, EPOLL_CTL_ADD, fd_, &event);
  return {};
}

void Connection::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void Connection::watch() {
  const std::uint32_t wanted = (reading_ ? EPOLLIN : 0u) | (writing_ ? EPOLLOUT : 0u);
  epoll_event event{.events = wanted, .data = {.ptr = this}};
  epoll_ctl(poller_.epoll_, EPOLL_CTL_MOD, fd_, &event);
}

void Connection::set_reading(bool reading) {
  reading_ = reading;
  watch();
}

void Connection::flush() {
  while (fd_ >= 0 && sent_ < out_.size()) {
    const ssize_t sent =
        ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) poller_.fail(fmt::format("send: {}", std::strerror(errno)));
    if (sent < 0) break;
    sent_ += static_cast<std::size_t>(sent);
  }
  const bool left = sent_ < out_.size();
  if (!left) {
    out_.clear();
    sent_ = 0;
  }
  if (left != writing_) {
    writing_ = left;
    watch();
  }
}

void Connection::receive() {
  if (begin_ > 0 && end_ + kReceiveBytes > input_.size()) {
    std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ + kReceiveBytes > input_.size()) input_.resize(end_ + 2 * kReceiveBytes);
  const ssize_t got = ::recv(fd_, input_.data() + end_, kReceiveBytes, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    poller_.fail(got == 0 ? "the server closed a connection"
                          : fmt::format("recv: {}", std::strerror(errno)));
    close();
    return;
  }
  end_ += static_cast<std::size_t>(got);
  poller_.received_ns_ = now_ns();
  on_bytes();
}

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Poller::~Poller() {
  ::close(epoll_);
}

void Poller::step(std::int64_t timeout_ns) {
  epoll_event events[128];
  const timespec timeout = timespec_of(timeout_ns < 0 ? 0 : timeout_ns);
  const int ready = epoll_pwait2(epoll_, events, 128, &timeout, nullptr);
  for (int i = 0; i < ready; ++i) {
    auto* connection = static_cast<Connection*>(events[i].data.ptr);
    if ((events[i].events & EPOLLOUT) != 0 && connection->open()) connection->flush();
    if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && connection->open()) {
      connection->receive();
    }
  }
}

void Poller::fail(std::string sentence) {
  if (!fault_) fault_ = Fault{FaultCode::Closed, std::move(sentence)};
}

Result<void> Poller::state() const {
  if (interrupted()) return Fault{FaultCode::Closed, "interrupted"};
  if (fault_) return *fault_;
  return {};
}

}  // namespace vigie::bench
