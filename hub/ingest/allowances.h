#pragma once
// What all connections of one identity may send together, or all of one address: the same for both.
// Pure; the front thread.

#include <map>
#include <string>

#include "hub/ops/token_bucket.h"

namespace vigie::ingest {

/// Of one of them; bytes and messages a second, 0: any.
struct Share {
  std::size_t peers = SIZE_MAX;
  std::uint64_t bytes_per_second = 0;
  std::uint64_t messages_per_second = 0;
};

struct Allowance {
  std::size_t peers = 0;
  ops::TokenBucket bytes;
  ops::TokenBucket messages;
  ops::TokenBucket access;    // states that say who may do what
  std::int64_t asked_us = 0;  // monotonic
};

class Allowances {
 public:
  explicit Allowances(const Share& share) : share_(share) {}

  const Share& share() const { return share_; }
  /// Null: it is not known.
  Allowance* find(const std::string& who);
  /// How many connections it has.
  std::size_t peers(const std::string& who) const;
  bool is_full(const std::string& who) const { return peers(who) >= share_.peers; }
  /// One connection more. Stays in its place while it has any. Null for nobody (""), who may send
  /// what they like, here and below.
  Allowance* enter(const std::string& who);
  static void leave(Allowance* allowance);
  /// Of somebody who may have no connection that counts. Stays in its place until forget_rested().
  Allowance* of(const std::string& who) { return who.empty() ? nullptr : &of_[who]; }
  /// How long to wait after too much was taken; 0: there is something left.
  std::uint32_t wait_ms(Allowance* allowance, std::int64_t now_us) const;
  static void take_bytes(Allowance* allowance, std::size_t count);
  static void take_messages(Allowance* allowance, std::size_t count);
  /// False: of states that say who may do what it said enough.
  static bool take_access(Allowance& allowance, std::int64_t now_us);
  /// Whoever is gone and sent no more than it may is as new when it comes again.
  void forget_rested(std::int64_t now_us);

 private:
  const Share share_;
  std::map<std::string, Allowance> of_;
};

}  // namespace vigie::ingest
