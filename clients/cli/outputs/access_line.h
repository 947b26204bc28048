#pragma once
// Identities, invitations and grants as fields of an NDJSON line. Pure.

#include "clients/cli/outputs/json_line.h"
#include "vigie/values.h"

namespace vigie::cli {

/// "unit_card", "identity", "invite", "grant", or "unknown".
std::string_view state_kind_name(client::StateKind kind);
/// Adds what a state of such a kind holds; nothing for others. What is empty or without end is left
/// out; times are RFC 3339.
void add_access(JsonLine& line, const client::State& state);

}  // namespace vigie::cli
