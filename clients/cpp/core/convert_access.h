#pragma once
// Identities, invitations and grants between the library's values and the wire's. Pure.

#include <memory>

#include "clients/cpp/include/vigie/values.h"
#include "schemas/messages/wire.h"

namespace vigie::client {

/// Adds what a state of such a kind holds.
void add_access(const State& state, wire::StateT& native);
/// Who the hub takes us for; null when it asks nobody.
std::shared_ptr<const TakenFor> taken_for(const wire::Welcome& welcome);
/// Reads it, where there is some.
void read_access(const wire::State& state, State& value);

}  // namespace vigie::client
