#pragma once
// How many file descriptors this process may have. Any thread; at the start.

#include <cstddef>

namespace vigie::web {

/// Raises the limit as far as the system lets, and tells how many connections of browsers it is
/// enough for: some are left to the sessions with the hub, since ZeroMQ ends the program where it
/// gets none.
std::size_t connections_granted();

}  // namespace vigie::web
