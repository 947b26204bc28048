#pragma once
// The gate: which connections may speak at all. Those whose key an identity or an open invitation
// holds. Its decision runs on the ZAP thread; the keys come from the front, as a whole, whenever
// they change.

#include <atomic>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "hub/ops/published.h"
#include "hub/ops/zap_server.h"

namespace vigie::security {

class Gate {
 public:
  /// Nobody is let in before the first call. Any thread.
  void allow(const std::vector<std::string>& keys) { keys_.set({keys.begin(), keys.end()}); }
  /// The ZAP thread.
  ops::ZapReply decide(const ops::ZapRequest& request);
  /// Any thread.
  std::uint64_t let_in() const { return let_in_.load(std::memory_order_relaxed); }
  std::uint64_t turned_away() const { return turned_away_.load(std::memory_order_relaxed); }

 private:
  ops::Published<boost::unordered_flat_set<std::string>> keys_;
  std::atomic<std::uint64_t> let_in_{0};
  std::atomic<std::uint64_t> turned_away_{0};
};

}  // namespace vigie::security
