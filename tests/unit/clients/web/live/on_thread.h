#pragma once
// What the live room runs on threads of its own, run by a test: its blocks are taken when the test
// asks, and not before.

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>

#include "tests/unit/clients/web/live/live_room.h"

namespace vigie::web::test {

/// `Work` has run(stop), and is told by its last argument what to call when a block waits.
template <typename Work>
class OnThread {
 public:
  template <typename... Arguments>
  explicit OnThread(Arguments&&... arguments)
      : work(std::forward<Arguments>(arguments)..., [this] { ++told_; }) {}
  ~OnThread() { stop(); }
  OnThread(const OnThread&) = delete;
  OnThread& operator=(const OnThread&) = delete;

  void start() {
    thread_ = std::thread([this] { work.run(stop_); });
  }
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  bool waits() const { return told_ != taken_; }
  /// A block waits, and is taken by the caller now.
  bool to_take() {
    if (!waits()) return false;
    ++taken_;
    return true;
  }

  Work work;

 private:
  std::atomic<int> told_{0};
  int taken_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

inline client::LinkOptions link_to(const std::string& hub) {
  client::LinkOptions link;
  link.hub = hub;
  return link;
}

/// Bytes that the hub has sent by the time it is held: it sends no more, though it has more.
inline std::uint64_t sent_until_held(TurningNet& net, const ListenHub& hub, hub_wire::Mode mode) {
  std::uint64_t sent = 0;
  int unchanged = 0;
  EXPECT_TRUE(net.run_until([&] {
    const std::uint64_t now = hub.bytes_sent(mode);
    unchanged = now == sent ? unchanged + 1 : 0;
    sent = now;
    return sent != 0 && unchanged > 100;
  }));
  return sent;
}

}  // namespace vigie::web::test
