#pragma once
// Which of several sources of one unit moves it. A source is whoever publishes: the high half of
// its spools' ids, which belongs to one identity (spool_owner() in schemas/keys), so that a tracker
// that was installed again is the same source. Pure; a plain value.
//
// Between a fix and the one that its unit stands at, of sources of different ranks, that are less
// than `fresh_us` apart by their order (picture.h), the one of the better rank wins, whichever is
// newer; farther apart, or of equal ranks, the newer one. So the best source that is fresh moves
// the unit, another one takes its place `fresh_us` after it fell silent, and it is back with the
// first fix of its own that is about as new as what stands there. A backlog older than that does
// not move the unit back. Only the fixes' own times count: it makes no difference whether they came
// at once or an hour late.

#include <algorithm>

#include <boost/unordered/unordered_flat_map.hpp>

#include "schemas/messages/wire.h"
#include "schemas/words/limits.h"

namespace vigie {

using Rank = std::uint16_t;  // the lowest is the best
/// After all ranks that an identity can have: whoever is an identity no more.
inline constexpr Rank kNoRank = 256;

struct SourceRanks {
  /// By spool.high; who is not in it has rank 0.
  boost::unordered_flat_map<std::uint64_t, Rank> by_source = {};
  std::int64_t fresh_us = limits::kSourceFreshUs;

  Rank rank_of(std::uint64_t source) const {
    const auto found = by_source.find(source);
    return found == by_source.end() ? Rank{0} : found->second;
  }
  /// Whether two orders are so near that ranks decide between them.
  bool are_near(std::int64_t a_us, std::int64_t b_us) const {
    const auto [low, high] = std::minmax(a_us, b_us);
    // The difference of two numbers of 64 bits fits the unsigned ones.
    return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) <
           static_cast<std::uint64_t>(fresh_us);
  }
};

}  // namespace vigie
