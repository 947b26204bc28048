#include "tests/bench/account.h"

#include <fmt/format.h>

#include <algorithm>

namespace vigie::bench {
namespace {

/// The next of a row of numbers that look random and never repeat within a run (SplitMix64).
std::uint64_t next_noise(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

void write_payload(std::byte* to, std::size_t bytes, std::uint32_t publisher,
                   const Handover& handover, std::size_t i) {
  const std::uint64_t index = handover.first + i;
  std::uint64_t state = (std::uint64_t{publisher} << 40 | index) * 16;
  for (std::size_t at = 0; at < bytes; at += sizeof state) {
    const std::uint64_t word = next_noise(state);
    std::memcpy(to + at, &word, std::min(sizeof word, bytes - at));
  }
  const Mark mark{index, publisher, kMarkMagic,
                  handover.intended_ns + static_cast<std::int64_t>(i) * handover.interval_ns};
  std::memcpy(to, &mark, sizeof mark);
}

void Account::open(std::size_t publishers, std::size_t consoles, bool latencies) {
  publishers_ = publishers;
  latencies_ = latencies;
  expected_.assign(publishers * consoles, 0);
  delivered_.assign(consoles, 0);
  acks_.assign(publishers, {});
  published_ = acknowledged_ = 0;
  spoilt_.clear();
  forget_latencies();
}

void Account::forget_latencies() {
  latency_.clear();
  ack_latency_.clear();
}

void Account::handed_over(std::size_t publisher, const Handover& handover) {
  published_ += handover.count;
  if (!latencies_) return;
  for (std::size_t i = 0; i < handover.count; ++i) {
    acks_[publisher].intended_ns.push_back(handover.intended_ns +
                                           static_cast<std::int64_t>(i) * handover.interval_ns);
  }
}

void Account::acknowledged(std::size_t publisher, std::uint64_t total, std::int64_t received_ns) {
  Acks& acks = acks_[publisher];
  for (; acks.total < total; ++acks.total) {
    ++acknowledged_;
    if (!latencies_ || acks.intended_ns.empty()) continue;
    ack_latency_.add(received_ns - acks.intended_ns.front());
    acks.intended_ns.pop_front();
  }
}

std::uint64_t Account::slowest() const {
  if (delivered_.empty()) return published_;
  return *std::min_element(delivered_.begin(), delivered_.end());
}

void Account::spoil(std::string what) {
  if (spoilt_.empty()) spoilt_ = std::move(what);
}

void Account::spoil_payload(std::size_t console) {
  spoil(fmt::format("console {} got a message that nobody sent", console));
}

void Account::spoil_count(std::size_t console) {
  spoil(fmt::format("console {} got {} messages of {}", console, delivered_[console], published_));
}

void Account::spoil_order(std::size_t console, const Mark& mark, std::uint64_t expected) {
  spoil(fmt::format("console {} got message {} of publisher {} where {} was next", console,
                    mark.index, mark.publisher, expected));
}

}  // namespace vigie::bench
