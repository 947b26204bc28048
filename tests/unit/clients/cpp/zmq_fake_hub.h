#pragma once
// The hub in miniature behind two real sockets, on a thread of its own.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <zmq.hpp>

#include "tests/unit/clients/cpp/fake_hub.h"

namespace vigie::client {

class ZmqFakeHub {
 public:
  /// On any two free ports in a row.
  ZmqFakeHub();
  ~ZmqFakeHub();
  ZmqFakeHub(const ZmqFakeHub&) = delete;
  ZmqFakeHub& operator=(const ZmqFakeHub&) = delete;

  /// HOST:PORT for a client.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// As if the hub were killed and started again at once: nobody is known, what was not durable is
  /// gone.
  void restart();
  void set_durable(bool durable) { durable_ = durable; }

 private:
  void run();
  void bind(std::uint16_t port);
  int peer(const std::string& routing_id);

  SystemClock clock_;
  FakeHub hub_{clock_};
  zmq::context_t context_;
  std::optional<zmq::socket_t> publish_;
  std::optional<zmq::socket_t> listen_;
  std::uint16_t port_ = 0;
  std::map<std::string, int> peers_;
  std::map<int, std::string> routing_ids_;
  std::atomic<bool> durable_{true};
  std::atomic<bool> stop_{false};
  std::atomic<int> restarts_wanted_{0};
  std::mutex mutex_;
  std::condition_variable restarted_;
  int restarts_ = 0;
  std::thread thread_;
};

}  // namespace vigie::client
