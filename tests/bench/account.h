#pragma once
// The account of one run: every message that was handed over, acknowledged and delivered, kept
// beside the servers. Each console must get each publisher's messages in order, each once; what is
// not so is noted and spoils the round. One thread; a delivery costs a few nanoseconds.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "tests/bench/histogram.h"

namespace vigie::bench {

inline constexpr std::size_t kMessageBytes = 128;

/// The first bytes of every message's payload; the rest is noise that does not compress.
struct Mark {
  std::uint64_t index;  // within its publisher, from 0
  std::uint32_t publisher;
  std::uint32_t magic;
  std::int64_t intended_ns;  // when it was meant to be sent: delays of the sender count too
};
inline constexpr std::uint32_t kMarkMagic = 0x6b72614d;

/// Messages first..first+count-1 of a publisher, meant to be sent `interval_ns` apart.
struct Handover {
  std::uint64_t first = 0;
  std::size_t count = 0;
  std::int64_t intended_ns = 0;
  std::int64_t interval_ns = 0;
};

/// Writes the payload of message i of a handover.
void write_payload(std::byte* to, std::size_t bytes, std::uint32_t publisher,
                   const Handover& handover, std::size_t i);

class Account {
 public:
  /// Starts a new account. Latencies are kept only when `latencies` is set.
  void open(std::size_t publishers, std::size_t consoles, bool latencies);
  /// From here on samples count: earlier ones are forgotten.
  void forget_latencies();

  void handed_over(std::size_t publisher, const Handover& handover);
  void delivered(std::size_t console, const std::byte* payload, std::int64_t received_ns) {
    Mark mark;
    std::memcpy(&mark, payload, sizeof mark);
    if (mark.magic != kMarkMagic || mark.publisher >= publishers_) return spoil_payload(console);
    std::uint64_t& expected = expected_[console * publishers_ + mark.publisher];
    if (mark.index != expected) return spoil_order(console, mark, expected);
    ++expected;
    ++delivered_[console];
    if (latencies_) latency_.add(received_ns - mark.intended_ns);
  }
  /// `count` messages of which only the number is looked at, not their order nor what they hold.
  void delivered_unread(std::size_t console, std::uint64_t count) {
    delivered_[console] += count;
    if (delivered_[console] > published_) spoil_count(console);
  }
  /// The server took over the first `total` messages of this publisher.
  void acknowledged(std::size_t publisher, std::uint64_t total, std::int64_t received_ns);
  /// Notes what must not happen (conflation, a hole, a refusal).
  void spoil(std::string what);

  std::uint64_t published() const { return published_; }
  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t acknowledged_of(std::size_t publisher) const { return acks_[publisher].total; }
  std::uint64_t delivered_to(std::size_t console) const { return delivered_[console]; }
  /// Messages delivered to the console that has the fewest; published() when there is no console.
  std::uint64_t slowest() const;
  const std::string& spoilt() const { return spoilt_; }
  const Histogram& latency() const { return latency_; }
  const Histogram& ack_latency() const { return ack_latency_; }
  std::size_t consoles() const { return delivered_.size(); }

 private:
  struct Acks {
    std::uint64_t total = 0;
    std::deque<std::int64_t> intended_ns;  // of what is not acknowledged; kept with latencies only
  };
  void spoil_payload(std::size_t console);
  void spoil_count(std::size_t console);
  void spoil_order(std::size_t console, const Mark& mark, std::uint64_t expected);
  std::size_t publishers_ = 0;
  bool latencies_ = false;
  std::vector<std::uint64_t> expected_;   // console-major: next index of each publisher
  std::vector<std::uint64_t> delivered_;  // by console
  std::vector<Acks> acks_;                // by publisher
  std::uint64_t published_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::string spoilt_;
  Histogram latency_;
  Histogram ack_latency_;
};

}  // namespace vigie::bench
