#include "hub/replay/own_numbers.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace vigie::replay {
namespace {

// Of a seq's 64 bits. Microseconds since 1970 take the others until the year 2112. A body, and so
// all that a turn takes in, holds no more entries than there are places.
constexpr unsigned kPlaceBits = 12;
constexpr std::int64_t kMomentMax = (std::int64_t{1} << (64 - kPlaceBits)) - 2;

}  // namespace

std::uint64_t own_seq(std::int64_t moment_us, std::uint64_t place) {
  const std::int64_t moment = std::clamp<std::int64_t>(moment_us, 0, kMomentMax);
  return (static_cast<std::uint64_t>(moment) << kPlaceBits) + place;
}

std::uint64_t own_end(std::int64_t moment_us) {
  return own_seq(moment_us, (std::uint64_t{1} << kPlaceBits) - 1);
}

std::int64_t moment_of(std::uint64_t own_seq) {
  return static_cast<std::int64_t>(own_seq >> kPlaceBits);
}

OwnNames::OwnNames(const wire::LogId& log, std::string_view grant) {
  const auto* secret = reinterpret_cast<const unsigned char*>(&log);
  crypto_generichash(key_, sizeof key_, reinterpret_cast<const unsigned char*>(grant.data()),
                     grant.size(), secret, sizeof log);
  constexpr std::string_view kLogText = "log";
  crypto_generichash(reinterpret_cast<unsigned char*>(&shown_log_), sizeof shown_log_,
                     reinterpret_cast<const unsigned char*>(kLogText.data()), kLogText.size(), key_,
                     sizeof key_);
}

wire::MessageName OwnNames::name(const wire::Spool& spool, std::uint64_t number) const {
  const wire::MessageName name(spool, number);
  wire::Spool shown;
  static_assert(sizeof shown == crypto_generichash_BYTES_MIN);
  crypto_generichash(reinterpret_cast<unsigned char*>(&shown), sizeof shown,
                     reinterpret_cast<const unsigned char*>(&name), sizeof name, key_, sizeof key_);
  return {shown, 1};
}

}  // namespace vigie::replay
