#pragma once
// Connections that were told to go. libzmq has no way to end one peer of a ROUTER, and what a slow
// peer was sent before waits in its queue: so the peer is told, given a moment to hear it, and then
// its connection is cut, with all that still waited. Whoever says something that is accepted again
// stays. Owned by one room; its thread.

#include <cstdint>
#include <map>

#include "hub/ops/link.h"

namespace vigie::ops {

class Farewell {
 public:
  /// `patience_us`: from being told to being cut.
  explicit Farewell(std::int64_t patience_us = 1'000'000) : patience_us_(patience_us) {}

  void told(const PeerId& peer, const Origin& origin, std::int64_t now_us) {
    waiting_.emplace(peer, Waiting{origin, now_us + patience_us_});
  }
  /// It was accepted again.
  void stays(const PeerId& peer) { waiting_.erase(peer); }
  /// Cuts those whose time is over. Returns how many that were.
  std::size_t cut_due(Link& link, std::int64_t now_us) {
    return std::erase_if(waiting_, [&](const auto& one) {
      if (one.second.due_us > now_us) return false;
      link.cut(one.second.origin);
      return true;
    });
  }

 private:
  struct Waiting {
    Origin origin;
    std::int64_t due_us;
  };
  const std::int64_t patience_us_;
  std::map<PeerId, Waiting> waiting_;
};

}  // namespace vigie::ops
