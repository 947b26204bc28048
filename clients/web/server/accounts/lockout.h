#pragma once
// Holds off who guesses: each failure of an account, and of an address after some, doubles the time
// until the next attempt, from 1 s to 300 s; so many failures in a minute hold off everybody. An
// address that an account was signed in from is not held off by what others do to the account.
// In memory, bounded, forgotten with the process. One thread. Times are monotonic microseconds.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vigie::web::people {

class Lockout {
 public:
  static constexpr std::int64_t kDelaySecondsMax = 300;
  static constexpr unsigned kAddressFree = 4;    // failures of one address without a delay
  static constexpr unsigned kAllInMinute = 120;  // failures in all
  static constexpr std::size_t kKeysMax = 4096;  // accounts, and addresses; then the oldest goes

  /// An attempt under way. It counts as failed until it is told otherwise, so that many at once
  /// gain nothing.
  struct Attempt {
    std::int64_t wait_seconds = 0;  // not 0: it must not be made; nothing was counted
    std::string name = {};
    std::string address = {};
    unsigned account_before = 0;
    unsigned address_before = 0;
  };

  /// `name` may be one that nobody has, or empty: of no account.
  Attempt begin(std::string_view name, std::string_view remote, std::int64_t now_us);
  void succeeded(const Attempt& attempt, std::int64_t now_us);
  /// It neither failed nor succeeded: a step of the way is missing.
  void undo(const Attempt& attempt);
  std::size_t keys() const { return accounts_.size() + addresses_.size(); }

 private:
  struct Count {
    unsigned failures = 0;
    std::int64_t until_us = 0;
    std::int64_t last_us = 0;
  };
  using Counts = std::unordered_map<std::string, Count>;
  static Count& count_of(Counts& counts, const std::string& key, std::int64_t now_us);
  static void fail(Count& count, unsigned free, std::int64_t now_us);
  std::int64_t wait_us(const Attempt& attempt, bool trusted, std::int64_t now_us) const;

  Counts accounts_;
  Counts addresses_;
  std::unordered_map<std::string, std::int64_t> trusted_;  // account and address -> newest sign-in
  std::int64_t minute_us_ = 0;  // when the minute in which failures are counted began
  unsigned in_minute_ = 0;
};

/// An address without its port; of IPv6 the /64, which one machine has to itself.
std::string lockout_address(std::string_view remote);

}  // namespace vigie::web::people
