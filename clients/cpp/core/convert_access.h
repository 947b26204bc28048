#pragma once
// Identities, invitations and grants between the library's values and the wire's. Pure.

#include "clients/cpp/include/vigie/values.h"
#include "schemas/messages/wire.h"

namespace vigie::client {

/// Adds what a state of such a kind holds.
void add_access(const State& state, wire::StateT& native);
/// Reads it, where there is some.
void read_access(const wire::State& state, State& value);

}  // namespace vigie::client
