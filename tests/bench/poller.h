#pragma once
// Non-blocking TCP connections on one epoll set, the only input and output of the generator: every
// peer's protocol is spoken over these, so that no client library's cost is in the figures. One
// thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/words/result.h"

namespace vigie::bench {

class Poller;

/// One connection. Derived classes parse unread() in on_bytes() and take away what they have read.
class Connection {
 public:
  explicit Connection(Poller& poller) : poller_(poller) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() { close(); }

  /// Connects to 127.0.0.1, waiting for the server to appear for at most `seconds`.
  /// `receive_buffer`: bytes of the kernel's receive buffer; 0 leaves it to the kernel.
  Result<void> connect(int port, double seconds, int receive_buffer = 0);
  bool open() const { return fd_ >= 0; }
  void close();
  /// False: nothing more is read from the kernel until true.
  void set_reading(bool reading);

  /// What is to be sent; append, then flush().
  std::string& out() { return out_; }
  /// Sends as much as the kernel takes; the rest follows when it takes more.
  void flush();

 protected:
  virtual void on_bytes() = 0;
  std::string_view unread() const { return {input_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  Poller& poller() { return poller_; }

 private:
  friend class Poller;
  void receive();
  void watch();
  Poller& poller_;
  int fd_ = -1;
  bool reading_ = true;
  bool writing_ = false;
  std::vector<char> input_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string out_;
  std::size_t sent_ = 0;
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// Waits up to `timeout_ns` for connections that can be read or written, and serves them.
  void step(std::int64_t timeout_ns);
  /// The time at which the bytes now being parsed were received.
  std::int64_t received_ns() const { return received_ns_; }

  /// Ends the run: the first fault stands.
  void fail(std::string sentence);
  /// Ok until something failed or the user interrupted.
  Result<void> state() const;
  void clear_fault() { fault_.reset(); }

 private:
  friend class Connection;
  int epoll_ = -1;
  std::int64_t received_ns_ = 0;
  std::optional<Fault> fault_;
};

/// Steps until `done()`, the poller fails, or `seconds` are over (then Unavailable, naming `what`).
template <typename Done>
Result<void> step_until(Poller& poller, double seconds, std::string_view what, Done done);

/// Set by SIGINT and SIGTERM: every loop ends at its next step.
void catch_interrupts();
bool interrupted();

std::int64_t deadline_ns(double seconds);
bool past(std::int64_t deadline);
Fault not_in_time(std::string_view what, double seconds);

template <typename Done>
Result<void> step_until(Poller& poller, double seconds, std::string_view what, Done done) {
  const std::int64_t deadline = deadline_ns(seconds);
  while (!done()) {
    if (past(deadline)) return not_in_time(what, seconds);
    poller.step(20'000'000);
    if (Result<void> state = poller.state(); !state) return state;
  }
  return {};
}

}  // namespace vigie::bench
