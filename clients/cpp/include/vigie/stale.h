#pragma once
// Why a link is Stale, for a program to branch on: no Refusal stands for it, since the hub refused
// nothing. Any thread; values.

#include <cstdint>
#include <string_view>

namespace vigie::client {

enum class Stale : std::uint8_t {
  Cut,     // the connection is gone
  Silent,  // it stands, and the hub says nothing
  Anew     // the session is begun anew: the hub asked for that, or what came made no sense
};

/// `reason`: of the LinkItem or the status whose state is LinkState::Stale.
Stale why_stale(std::string_view reason);

}  // namespace vigie::client
