#include "tests/bench/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

namespace vigie::bench {
namespace {

constexpr std::size_t kNoiseBytes = 1 << 20;

const std::vector<std::byte>& noise() {
  static const std::vector<std::byte> kNoise = [] {
    std::mt19937_64 random(1);
    std::vector<std::byte> made(kNoiseBytes + 1024);
    for (std::byte& byte : made) byte = static_cast<std::byte>(random());
    return made;
  }();
  return kNoise;
}

}  // namespace

void write_payload(std::byte* to, std::size_t bytes, std::uint32_t publisher,
                   const Handover& handover, std::size_t i) {
  const std::uint64_t index = handover.first + i;
  // A stride that is odd and large: the same noise comes back only after a million messages.
  std::memcpy(to, noise().data() + (index * 40'503 + std::uint64_t{publisher} * 977) % kNoiseBytes,
              bytes);
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

void Account::spoil_order(std::size_t console, const Mark& mark, std::uint64_t expected) {
  spoil(fmt::format("console {} got message {} of publisher {} where {} was next", console,
                    mark.index, mark.publisher, expected));
}

}  // namespace vigie::bench
