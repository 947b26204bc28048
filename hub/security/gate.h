#pragma once
// The gate: which connections may speak at all. Those whose key an identity or an open invitation
// holds, and not too many of one key a second. Its decision runs on the ZAP thread; the keys come
// from the front, as a whole, whenever they change.

#include <atomic>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "hub/ops/mailbox.h"
#include "hub/ops/published.h"
#include "hub/ops/token_bucket.h"
#include "hub/ops/zap_server.h"
#include "schemas/words/times.h"

namespace vigie::security {

class Gate {
 public:
  /// `clock` is borrowed. One key comes in so often a second, and ten times as often at once.
  Gate(const Clock& clock, std::size_t handshakes_per_key)
      : clock_(clock),
        pace_{.per_second = static_cast<double>(handshakes_per_key),
              .at_once = 10.0 * static_cast<double>(handshakes_per_key)} {}

  /// Nobody is let in before the first call. Any thread.
  void allow(const std::vector<std::string>& keys) { keys_.set({keys.begin(), keys.end()}); }
  /// Of those nobody is let in either, but it is told who came. Any thread.
  void watch_for(const std::vector<std::string>& keys) { watched_.set({keys.begin(), keys.end()}); }
  /// Those that came since, as often as they did, some at least: the front.
  std::deque<std::string> take_watched() { return came_watched_.take_all(); }
  /// The ZAP thread.
  ops::ZapReply decide(const ops::ZapRequest& request);
  /// Any thread.
  std::uint64_t let_in() const { return let_in_.load(std::memory_order_relaxed); }
  std::uint64_t turned_away() const { return turned_away_.load(std::memory_order_relaxed); }
  /// The same, without those that take_watched() gives.
  std::uint64_t strangers() const { return strangers_.load(std::memory_order_relaxed); }
  /// Known keys that came too often.
  std::uint64_t put_off() const { return put_off_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kWatchedMax = 64;  // that wait to be told of; more are strangers
  void turn_away(const std::string& key);
  bool comes_too_often(const std::string& key);
  void forget_rested(std::int64_t now_us);

  const Clock& clock_;
  const ops::Pace pace_;
  ops::Published<boost::unordered_flat_set<std::string>> keys_;
  ops::Published<boost::unordered_flat_set<std::string>> watched_;
  ops::Mailbox<std::string> came_watched_{kWatchedMax};
  std::unordered_map<std::string, ops::TokenBucket> came_;  // known keys alone; the ZAP thread's
  std::int64_t forget_us_ = 0;
  std::atomic<std::uint64_t> let_in_{0};
  std::atomic<std::uint64_t> turned_away_{0};
  std::atomic<std::uint64_t> strangers_{0};
  std::atomic<std::uint64_t> put_off_{0};
};

}  // namespace vigie::security
