#pragma once
// A body cut off behind a seq, for pictures that end within one. Pure.

#include "schemas/messages/body.h"

namespace vigie::store {

/// What of `body` has a seq up to `through`, as a body whose last seq is `through`; null when that
/// is nothing. Settled blocks count as the seq they took.
BodyPtr body_through(Bytes body, std::uint64_t through);

}  // namespace vigie::store
