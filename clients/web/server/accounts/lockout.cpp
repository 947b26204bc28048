#include "clients/web/server/accounts/lockout.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "schemas/words/times.h"

namespace vigie::web::people {
namespace {

constexpr std::int64_t kMinuteUs = 60 * kMicrosecondsPerSecond;
/// Quiet for so long after the last delay, failures are forgotten.
constexpr std::int64_t kForgetUs = 15 * kMinuteUs;

template <typename Map, typename Time>
void make_room(Map& map, const Time& time_of) {
  if (map.size() < Lockout::kKeysMax) return;
  map.erase(std::min_element(map.begin(), map.end(), [&](const auto& a, const auto& b) {
    return time_of(a.second) < time_of(b.second);
  }));
}

std::string pair_key(const Lockout::Attempt& attempt) {
  return attempt.name + "@" + attempt.address;
}

}  // namespace

std::string lockout_address(std::string_view remote) {
  const std::string text(remote);
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  std::array<char, INET6_ADDRSTRLEN> shown{};
  const bool mapped =
      std::all_of(bytes.begin(), bytes.begin() + 10, [](unsigned char b) { return b == 0; }) &&
      bytes[10] == 0xFF && bytes[11] == 0xFF;
  if (mapped) {
    inet_ntop(AF_INET, bytes.data() + 12, shown.data(), shown.size());
    return shown.data();
  }
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  inet_ntop(AF_INET6, bytes.data(), shown.data(), shown.size());
  return std::string(shown.data()) + "/64";
}

Lockout::Count& Lockout::count_of(Counts& counts, const std::string& key, std::int64_t now_us) {
  auto found = counts.find(key);
  if (found == counts.end()) {
    make_room(counts, [](const Count& count) { return count.last_us; });
    found = counts.emplace(key, Count{}).first;
  }
  Count& count = found->second;
  if (now_us - std::max(count.last_us, count.until_us) > kForgetUs) count = Count{};
  return count;
}

void Lockout::fail(Count& count, unsigned free, std::int64_t now_us) {
  ++count.failures;
  count.last_us = now_us;
  if (count.failures <= free) return;
  const unsigned doubled = std::min(count.failures - free - 1, 9U);
  const std::int64_t seconds = std::min(std::int64_t{1} << doubled, kDelaySecondsMax);
  count.until_us = now_us + seconds * kMicrosecondsPerSecond;
}

std::int64_t Lockout::wait_us(const Attempt& attempt, bool trusted, std::int64_t now_us) const {
  // Looks up alone: who is held off leaves nothing in memory.
  const auto until_us = [](const Counts& counts, const std::string& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? INT64_MIN / 2 : found->second.until_us;
  };
  std::int64_t until = until_us(addresses_, attempt.address);
  if (!trusted) {
    until = std::max(until, until_us(accounts_, attempt.name));
    if (in_minute_ >= kAllInMinute) until = std::max(until, minute_us_ + kMinuteUs);
  }
  return until - now_us;
}

Lockout::Attempt Lockout::begin(std::string_view name, std::string_view remote,
                                std::int64_t now_us) {
  if (now_us - minute_us_ >= kMinuteUs) {
    minute_us_ = now_us;
    in_minute_ = 0;
  }
  Attempt attempt{.name = std::string(name), .address = lockout_address(remote)};
  const bool trusted = trusted_.contains(pair_key(attempt));
  const std::int64_t wait = wait_us(attempt, trusted, now_us);
  if (wait > 0) {
    attempt.wait_seconds = (wait + kMicrosecondsPerSecond - 1) / kMicrosecondsPerSecond;
    return attempt;
  }
  Count& address = count_of(addresses_, attempt.address, now_us);
  attempt.address_before = address.failures;
  fail(address, kAddressFree, now_us);
  if (!attempt.name.empty()) {
    Count& account = count_of(accounts_, attempt.name, now_us);
    attempt.account_before = account.failures;
    fail(account, 0, now_us);
  }
  ++in_minute_;
  return attempt;
}

void Lockout::undo(const Attempt& attempt) {
  const auto restore = [](Counts& counts, const std::string& key, unsigned failures) {
    const auto found = counts.find(key);
    if (found == counts.end()) return;
    Count& count = found->second;
    if (count.failures > 0) --count.failures;
    // Others that failed meanwhile keep their delay.
    if (count.failures <= failures) count.until_us = 0;
  };
  restore(accounts_, attempt.name, attempt.account_before);
  restore(addresses_, attempt.address, attempt.address_before);
  if (in_minute_ > 0) --in_minute_;
}

void Lockout::succeeded(const Attempt& attempt, std::int64_t now_us) {
  undo(attempt);
  // The address keeps what it failed with other accounts: a guesser has an account too.
  accounts_.erase(attempt.name);
  if (attempt.name.empty()) return;
  make_room(trusted_, [](std::int64_t time_us) { return time_us; });
  trusted_[pair_key(attempt)] = now_us;
}

}  // namespace vigie::web::people
