#pragma once
// Another key for the hub while it runs: makes it, keeps it (security/hub_keys.h), and says when
// the old one ends. A thread of its own ("vigie-keys"), so that the front writes no file; what the
// front has to do about it is told to it as notices.

#include <atomic>
#include <functional>

#include "hub/ops/figures.h"
#include "hub/ops/loop.h"
#include "hub/ops/mailbox.h"
#include "hub/ops/published.h"
#include "hub/ops/router_socket.h"
#include "hub/security/hub_keys.h"
#include "schemas/programs/log.h"
#include "schemas/words/times.h"

namespace vigie {

/// The hub has another key. `until_us`: then the one before ends; 0: it ended.
struct HubKeyChanged {
  security::HubKeyOrder order;
  KeyPair keys;
  std::int64_t until_us = 0;
};
/// It has not, and why.
struct HubKeyRefused {
  security::HubKeyOrder order;
  wire::Refusal code;
  std::string reason;
};
/// The old key's time is over.
struct OldHubKeyEnded {};
using HubKeyNotice = std::variant<HubKeyChanged, HubKeyRefused, OldHubKeyEnded>;

class KeyChange {
 public:
  /// `clock` is borrowed. `tell` runs on the thread of this; what it is told of is done on disk.
  KeyChange(std::string folder, security::HubKeys keys, const Clock& clock, Log log,
            std::function<void(HubKeyNotice&&)> tell);
  ~KeyChange();
  KeyChange(const KeyChange&) = delete;
  KeyChange& operator=(const KeyChange&) = delete;

  /// Any thread. False when too many wait.
  [[nodiscard]] bool ask(security::HubKeyOrder&& order) { return orders_.post(std::move(order)); }
  /// Borrows this; figures.forget_asked() before it goes.
  void show(ops::Figures& figures) const;

 private:
  std::size_t step();
  void change(security::HubKeyOrder&& order);
  void end_old();
  std::string why_not(const security::HubKeyOrder& order) const;

  const std::string folder_;
  const Clock& clock_;
  const Log log_;
  const std::function<void(HubKeyNotice&&)> tell_;
  security::HubKeys keys_;
  std::int64_t pause_until_us_ = INT64_MIN;  // monotonic; no change before
  std::atomic<std::int64_t> until_us_{0};
  std::atomic<std::uint64_t> changes_{0};
  ops::Mailbox<security::HubKeyOrder> orders_{4};
  ops::Loop loop_;  // last: its thread uses the above
};

}  // namespace vigie
