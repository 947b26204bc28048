// vigie-bench-relay PORT [FOLDER]: the least that a server can do. Raw TCP: whatever publishers
// send on PORT (messages of 128 bytes, one after the other) goes to all consoles on PORT+1 in as
// few sends as possible; with a folder it is also stored in RocksDB by a thread beside it, and each
// publisher is told how many of its messages are. No framing, no names, no checks: a limit.

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <map>
#include <optional>
#include <vector>

#include "tests/bench/servers/body_store.h"

namespace vigie::bench {
namespace {

constexpr std::size_t kMessageBytes = 128;
constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

int listen_on(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, 512) != 0) {
    fmt::print(stderr, "port {} can't be listened on\n", port);
    std::exit(1);
  }
  return fd;
}

class Relay {
 public:
  Relay(int port, const char* folder)
      : epoll_(epoll_create1(EPOLL_CLOEXEC)), in_(listen_on(port)), out_(listen_on(port + 1)) {
    if (folder != nullptr) store_.emplace(folder, false);
    watch(in_, EPOLLIN, EPOLL_CTL_ADD);
    watch(out_, EPOLLIN, EPOLL_CTL_ADD);
    if (store_) watch(store_->signal_fd(), EPOLLIN, EPOLL_CTL_ADD);
  }
  [[noreturn]] void serve() {
    for (;;) {
      epoll_event events[128];
      const int ready = epoll_wait(epoll_, events, 128, -1);
      auto body = std::make_shared<std::string>();
      for (int i = 0; i < ready; ++i) on_ready(events[i], *body);
      if (body->empty()) continue;
      const SharedBody closed = std::move(body);
      for (auto& [fd, console] : consoles_) {
        console.waiting.push_back(closed);
        send_waiting(fd, console);
      }
      if (!store_) continue;
      pending_.push_back(std::move(totals_));
      totals_.clear();
      store_->submit(closed);
    }
  }

 private:
  struct Publisher {
    std::string rest;  // the beginning of a message whose end has not come
    std::uint64_t total = 0;
  };
  struct Console {
    std::deque<SharedBody> waiting;
    std::size_t sent = 0;  // of the first
    bool watched = false;  // for room to send
  };
  void watch(int fd, std::uint32_t events, int operation) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    epoll_ctl(epoll_, operation, fd, &event);
  }
  void on_ready(const epoll_event& event, std::string& body) {
    const int fd = event.data.fd;
    if (fd == in_ || fd == out_) {
      // Consoles first: they may have connected before the publisher did.
      while (accept_one(out_)) continue;
      while (accept_one(in_)) continue;
      return;
    }
    if (store_ && fd == store_->signal_fd()) return acknowledge();
    if (const auto publisher = publishers_.find(fd); publisher != publishers_.end()) {
      read_from(fd, publisher->second, body);
    } else if (const auto console = consoles_.find(fd); console != consoles_.end()) {
      if ((event.events & (EPOLLHUP | EPOLLERR)) != 0) {
        consoles_.erase(console);
        ::close(fd);
      } else {
        send_waiting(fd, console->second);
      }
    }
  }
  bool accept_one(int listener) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return false;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (listener == in_) {
      publishers_[fd];
      watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    } else {
      consoles_[fd];
      watch(fd, 0, EPOLL_CTL_ADD);
    }
    return true;
  }
  void read_from(int fd, Publisher& publisher, std::string& body) {
    char buffer[kReadBytes];
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      publishers_.erase(fd);
      ::close(fd);
      return;
    }
    publisher.rest.append(buffer, static_cast<std::size_t>(got));
    const std::size_t whole = publisher.rest.size() / kMessageBytes * kMessageBytes;
    if (whole == 0) return;
    body.append(publisher.rest, 0, whole);
    publisher.rest.erase(0, whole);
    publisher.total += whole / kMessageBytes;
    if (store_) totals_[fd] = publisher.total;
  }
  void send_waiting(int fd, Console& console) {
    while (!console.waiting.empty()) {
      const std::string& body = *console.waiting.front();
      const ssize_t sent =
          ::send(fd, body.data() + console.sent, body.size() - console.sent, MSG_NOSIGNAL);
      if (sent < 0) break;
      console.sent += static_cast<std::size_t>(sent);
      if (console.sent < body.size()) break;
      console.sent = 0;
      console.waiting.pop_front();
    }
    if (console.watched == !console.waiting.empty()) return;
    console.watched = !console.watched;
    watch(fd, console.watched ? EPOLLOUT : 0u, EPOLL_CTL_MOD);
  }
  void acknowledge() {
    eventfd_t count = 0;
    eventfd_read(store_->signal_fd(), &count);
    std::map<int, std::uint64_t> newest;
    for (const std::uint64_t committed = store_->committed(); acknowledged_ < committed;
         ++acknowledged_) {
      for (const auto& [fd, total] : pending_.front()) newest[fd] = total;
      pending_.pop_front();
    }
    for (const auto& [fd, total] : newest) ::send(fd, &total, sizeof total, MSG_NOSIGNAL);
  }

  int epoll_;
  int in_;
  int out_;
  std::optional<BodyStore> store_;
  std::map<int, Publisher> publishers_;
  std::map<int, Console> consoles_;
  std::map<int, std::uint64_t> totals_;  // of the body being gathered, by publisher
  std::deque<std::map<int, std::uint64_t>> pending_;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace
}  // namespace vigie::bench

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    fmt::print(stderr, "usage: vigie-bench-relay PORT [FOLDER]\n");
    return 2;
  }
  vigie::bench::Relay(std::atoi(argv[1]), argc == 3 ? argv[2] : nullptr).serve();
}
